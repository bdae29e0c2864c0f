"""The command ``jotgraph diff``, which compares two inventories."""

from __future__ import annotations

import click

from jotgraph.cli.names import snapshots
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.scan_options import Reading


@click.command(epilog="Example: jotgraph diff prod~1 prod")
@click.argument("before", shell_complete=snapshots)
@click.argument("after", shell_complete=snapshots)
@click.option("--across", is_flag=True, help="Allow inventories of different accounts.")
@click.option("--check", is_flag=True, help="Exit 1 if anything changed.")
@output("difference")
@debug
def diff(before: str, after: str, across: bool, check: bool, output: Output) -> None:
    """Compare two inventories.

    BEFORE and AFTER are files, or names and numbers of stored inventories: prod, prod#42, prod~1,
    prod@{2.weeks.ago}. What one of them could not read counts as neither added nor removed.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.difference import difference  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.render.answers.difference import note, writers  # noqa: PLC0415 -- as above

    result = difference(world.stored(before), world.stored(after), across=across)
    answer.write(result, output, writers())
    any_change = bool(result.added or result.removed or result.changed)
    answer.finish(result.about, Reading(), note=note(result), found=check and any_change)
