"""What commands that create or move something share: options, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jotgraph.cli.apply_options import seconds
from jotgraph.cli.options import Output
from jotgraph.cli.saying import say

if TYPE_CHECKING:
    from jotgraph.queries.answers.making import Pushed, Rollout

F = TypeVar("F", bound=Callable[..., Any])

patience = click.option(
    "--wait",
    "patience",
    callback=seconds,
    default="5m",
    show_default=True,
    metavar="T",
    help="Longest wait until AWS shows a change: 90s, 5m.",
)


def tell(words: str) -> None:
    """Print what is being done on stderr."""
    say(words)


def finish(result: Pushed | Rollout, output: Output) -> None:
    """Write the answer, and how to undo the command."""
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.making import note, writers  # noqa: PLC0415 -- as above

    answer.write(result, output, writers())
    say(note(result))
