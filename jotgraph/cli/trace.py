"""``jotgraph trace``: one lineage, both ways."""

from __future__ import annotations

import click

from jotgraph.cli.names import names
from jotgraph.cli.options import Output, Reading, output, reading


@click.command(epilog="Example: jotgraph trace main --from prod")
@click.argument("name", shell_complete=names)
@click.option("--ref", metavar="REF", help="Compare with this branch or tag; default: HEAD.")
@click.option("--all-versions", is_flag=True, help="Every published version of a function.")
@output("table", "json")
@reading
def trace(name: str, ref: str | None, all_versions: bool, output: Output, reading: Reading) -> None:
    """Trace one lineage, commit to role.

    From any resource the whole chain both ways, in the order in which work flows: commit, local
    image, repository, image, function, version, alias, role. What a function shares with others
    (a role, a repository) does not lead on to them.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import lineage  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.queries.find import find  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.trace import writers  # noqa: PLC0415 -- as above

    graph = world.graph_of(reading)
    found = lineage.trace(graph, find(graph, name), ref=ref, all_versions=all_versions)
    answer.write(found, output, writers(graph))
    hidden = found.hidden_versions
    note = (
        f"{hidden} older version{'s' * (hidden > 1)} not shown (--all-versions)" if hidden else ""
    )
    answer.finish(found.about, reading, note=note, unused=answer.OF_VERDICTS)
