"""Lines for people on stderr: what was read is in them, and may not steer their terminal."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import click


def say(words: str, **style: Any) -> None:
    """Write lines on stderr; ``style`` is what ``click.secho`` takes. That nobody reads them any
    more is no reason to stop in the middle."""
    with suppress(OSError):
        click.secho(harmless(words), err=True, **style)


def harmless(words: str) -> str:
    """Lines without what steers a terminal or turns the text."""
    from jotgraph.render.words import clean  # noqa: PLC0415 -- not needed by --help

    return "\n".join(clean(line, len(line)) for line in words.split("\n"))
