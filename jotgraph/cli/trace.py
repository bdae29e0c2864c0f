"""The command ``jotgraph trace``, which shows a lineage from commit to role."""

from __future__ import annotations

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.names import names
from jotgraph.cli.options import Output, output, ref_option
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph trace main --from prod")
@click.argument("name", shell_complete=names)
@ref_option
@click.option("--all-versions", is_flag=True, help="Every published version of a function.")
@min_confidence
@output("trace")
@reading
def trace(
    name: str,
    ref: str | None,
    all_versions: bool,
    confidence: str,
    output: Output,
    reading: Reading,
) -> None:
    """Trace a resource from its commit to its role.

    Shows the whole chain in both directions: commit, local image, repository, image, function,
    version, alias, role. It does not go on to other functions that share a role or a repository.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import lineage  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.queries.find import find  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.trace import writers  # noqa: PLC0415 -- as above

    graph = world.graph_of(reading, confidence)
    result = lineage.trace(graph, find(graph, name), ref=ref, all_versions=all_versions)
    answer.write(result, output, writers(graph))
    note = answer.hidden_versions(result.hidden_versions)
    answer.finish(result.about, reading, note=note, unused=answer.OF_VERDICTS)
