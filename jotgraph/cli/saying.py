"""Lines on stderr, without control characters from foreign text."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import click


def say(words: str, **style: Any) -> None:
    """Print lines on stderr; ``style`` is passed to ``click.secho``. A closed stderr does not stop
    the command."""
    with suppress(OSError):
        click.secho(harmless(words), err=True, **style)


def harmless(words: str) -> str:
    """Return lines without characters that control the terminal or turn the text."""
    from jotgraph.render.words import clean  # noqa: PLC0415 -- not needed by --help

    return "\n".join(clean(line, len(line)) for line in words.split("\n"))
