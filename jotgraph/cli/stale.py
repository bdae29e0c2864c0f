"""The command ``jotgraph stale``, which lists what is out of date or broken."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.first import Asked, answered, first_option
from jotgraph.cli.options import Output, output, ref_option
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.queries.answers.staleness import Staleness
    from jotgraph.records import Inventory


@click.command(epilog="Example: jotgraph stale --from prod --ref main --check")
@ref_option
@click.option("--all", "everything", is_flag=True, help="Include functions with nothing to report.")
@click.option(
    "--history", metavar="NAME", help="Show since when, from the stored inventories of this name."
)
@click.option("--check", is_flag=True, help="Exit 1 if anything is out of date or broken.")
@min_confidence
@first_option
@output("stale")
@reading
def stale(
    ref: str | None,
    everything: bool,
    history: str | None,
    check: bool,
    confidence: str,
    first: bool | None,
    output: Output,
    reading: Reading,
) -> None:
    """List drift, lag, and broken or idle functions.

    Lists what is wrong with each function, version and alias, worst first: broken (image gone or
    archived), refused, failed, role missing, drift (its tag has moved to another image), conflict,
    lag (commits behind), idle and others (docs/findings.md), and what was not read.

    After scan --content, lag also says how many of the commits behind change files in the image,
    and how many change what it is built with, such as the Dockerfile. "same files" is not lag.
    jotgraph show NAME lists the commits.
    """
    from jotgraph.analysis.gates import STANDING, unread  # noqa: PLC0415 -- only a run needs it
    from jotgraph.analysis.health import OUTDATED  # noqa: PLC0415 -- as above
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli.history import since_of  # noqa: PLC0415 -- as above
    from jotgraph.queries.staleness import staleness  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.stale import note, writers  # noqa: PLC0415 -- as above

    def ask(inventory: Inventory) -> Asked[Staleness]:
        graph = graphs.graph_with(inventory, confidence)
        result = staleness(graph, ref)
        since = since_of(graph, result, history, confidence) if history else None
        return result, writers(partial(titled, graph), everything=everything, since=since)

    result = answered(reading, output, first, ask)
    wrong = any(OUTDATED.intersection(entry.states) for entry in result.functions)
    needed = unread(result.about, STANDING) if check else ()
    answer.finish(
        result.about, reading, note=note(result), any_found=check and wrong, unread=needed
    )
