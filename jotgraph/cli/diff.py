"""The command ``jotgraph diff``, which compares two inventories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.names import snapshots
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from jotgraph.records import ResourceId


@click.command(epilog="Example: jotgraph diff prod~1 prod")
@click.argument("before", shell_complete=snapshots)
@click.argument("after", shell_complete=snapshots)
@click.option("--across", is_flag=True, help="Allow inventories of different accounts.")
@click.option("--check", is_flag=True, help="Exit 1 if anything changed.")
@min_confidence
@output("difference")
@debug
def diff(
    before: str, after: str, across: bool, check: bool, confidence: str, output: Output
) -> None:
    """Compare two inventories.

    BEFORE and AFTER are files, or names and numbers of stored inventories: prod, prod#42, prod~1,
    prod@{2.weeks.ago}. What one of them could not read counts as neither added nor removed. Each
    change shows the old and the new value and, where another image runs, the commits in between.
    Verdicts that changed are listed too.
    """
    from jotgraph.analysis.gates import incomparable  # noqa: PLC0415 -- only a run needs it
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, graphs, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import about  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.difference import difference  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.difference import note, writers  # noqa: PLC0415 -- as above

    inventories = world.stored(before), world.stored(after)
    then, now = (graphs.graph_with(inventory, confidence) for inventory in inventories)
    result = difference(*inventories, across=across, graphs=(then, now))

    def named(resource: ResourceId) -> str:
        return titled(now if resource in now else then, resource)

    answer.write(result, output, writers(named))
    any_change = bool(result.added or result.removed or result.changed)
    needed = incomparable(about(then), about(now)) if check else ()
    any_found = check and any_change
    answer.finish(result.about, Reading(), note=note(result), any_found=any_found, unread=needed)
