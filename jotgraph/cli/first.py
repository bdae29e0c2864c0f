"""The first answer of a command that scans, shown while details are read; later only its
changes."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import click

from jotgraph.cli import answer, not_read
from jotgraph.cli.options import Output
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from rich.console import RenderableType

    from jotgraph.records import Inventory

A = TypeVar("A")
Asked: TypeAlias = "tuple[A, Mapping[str, Callable[[A], RenderableType | str]]]"
"""Returns an answer, and its writers."""

NOTHING = "The details changed nothing of this answer."
MOST = 0.5
"""The share of changed lines above which the whole answer is shown again."""

first_option = click.option(
    "--first/--no-first",
    "first",
    default=None,
    help="Also print a first answer from the listings, before details are read.  [default: on a "
    "terminal]",
)
"""The command gets ``first``; None means only on a terminal."""


def answered(
    reading: Reading, output: Output, first: bool | None, ask: Callable[[Inventory], Asked[A]]
) -> A:
    """Answer on the inventory that ``reading`` names, and write the answer. While a scan still
    reads details, a first answer from its listings is written; on a terminal only the changes
    follow."""
    from jotgraph.cli import world  # noqa: PLC0415 -- what only a run needs

    on_terminal = sys.stdout.isatty() and output.format == "table"
    started, shown = time.monotonic(), list[str]()

    def so_far(inventory: Inventory) -> None:
        if not shown:
            shown.append(answer.written(*ask(inventory), output))
            click.echo(shown[0], nl=False, color=answer.colored(output))
            _tell_first(inventory, time.monotonic() - started)

    early = on_terminal if first is None else first
    inventory = world.inventory_of(reading, so_far if early else None)
    result, writers = ask(inventory)
    text = answer.written(result, writers, output)
    again = _again(shown[0], text) if shown and on_terminal else text
    click.echo(again, nl=False, color=answer.colored(output))
    return result


def _tell_first(inventory: Inventory, seconds: float) -> None:
    from jotgraph.cli.progress import duration  # noqa: PLC0415 -- what only a run needs

    pending = not_read.not_yet(inventory.gaps)
    click.echo(f"First answer, after {duration(seconds)}. {pending}", err=True)


def _again(first: str, final: str) -> str:
    """The changes of the final answer, or all of it if most has changed."""
    if first == final:
        return f"\n{NOTHING}\n"
    before, after = first.splitlines(), final.splitlines()
    changed = [*_lacking("-", before, after), *_lacking("+", after, before)]
    if len(changed) > MOST * len(after):
        return f"\n{final}"
    return "\n".join(("", "Changed by the details:", *changed, ""))


def _lacking(sign: str, lines: list[str], others: list[str]) -> Iterator[str]:
    """Lines missing in the others, each with a sign before it."""
    left = Counter(others)
    for line in lines:
        if left[line]:
            left[line] -= 1
        else:
            yield f"{sign} {line}"
