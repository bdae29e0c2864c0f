"""The command ``jotgraph trace``, which shows a lineage from commit to role."""

from __future__ import annotations

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.names import names as complete
from jotgraph.cli.options import Output, output, ref_option
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph trace main --from prod")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete)
@ref_option
@click.option("--all-versions", is_flag=True, help="Every published version of a function.")
@min_confidence
@output("trace")
@reading
def trace(
    names: tuple[str, ...],
    ref: str | None,
    all_versions: bool,
    confidence: str,
    output: Output,
    reading: Reading,
) -> None:
    """Trace a resource from its commit to its role.

    Shows the whole chain in both directions: commit, local image, repository, image, function,
    version, alias, role. It does not go on to other functions that share a role or a repository.
    Several names, or a glob, are traced one below the other, as JSON in a list.
    """
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import lineage  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.deployment import resources  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.trace import note, writers  # noqa: PLC0415 -- as above

    graph = graphs.graph_of(reading, confidence)
    results = [
        lineage.trace(graph, resource, ref=ref, all_versions=all_versions)
        for resource in resources(graph, names)
    ]
    answer.write_each(results, output, writers(graph))
    hidden = answer.hidden_versions(sum(result.hidden_versions for result in results))
    notes = [*map(note, results), *([hidden] if hidden else [])]
    answer.finish(results[0].about, reading, note="; ".join(notes), unused=answer.OF_VERDICTS)
