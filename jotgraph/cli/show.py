"""The command ``jotgraph show``, which shows one resource."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.names import names as complete
from jotgraph.cli.options import Output, output, ref_option
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.queries.answers.deployment import Deployment


@click.command(epilog="Example: jotgraph show checkout:live --from prod")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete)
@ref_option
@min_confidence
@output("show")
@reading
def show(
    names: tuple[str, ...], ref: str | None, confidence: str, output: Output, reading: Reading
) -> None:
    """Show one resource and its links.

    NAME is an id, a function, function:alias, repo:tag, repo@digest, an ARN, a commit-ish, a unique
    prefix of a digest or SHA, or a glob. Several are shown one below the other, as JSON in a list.
    deployment:NAME shows the parts of a deployment: its own parts, which jotgraph delete would
    delete, and the parts that it shares with others.
    """
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import explain  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.deployment import asked_for  # noqa: PLC0415 -- as above
    from jotgraph.queries.find import find_each  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.show import note, writers  # noqa: PLC0415 -- as above

    graph = graphs.graph_of(reading, confidence)
    handles = [handle for name in names if (handle := asked_for(graph, name))]
    if handles:
        if len(handles) < len(names):
            raise click.UsageError("a deployment is shown alone: leave out the other names")
        _deployments(graph, handles, output, reading)
        return
    results = [explain.show(graph, resource, ref=ref) for resource in find_each(graph, names)]
    answer.write_each(results, output, writers(graph))
    answer.finish(results[0].about, reading, note=note(results), unused=answer.OF_VERDICTS)


def _deployments(
    graph: ResourceGraph, deployments: list[Deployment], output: Output, reading: Reading
) -> None:
    """Write the parts of deployments."""
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.deployment import note, writers  # noqa: PLC0415 -- as above

    answer.write_each(deployments, output, writers(partial(titled, graph)))
    notes = "; ".join(map(note, deployments))
    answer.finish(deployments[0].about, reading, note=notes, unused=answer.OF_BYTES)
