"""The command ``jotgraph show``, which shows one resource."""

from __future__ import annotations

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.names import names
from jotgraph.cli.options import Output, output, ref_option
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph show checkout:live --from prod")
@click.argument("name", shell_complete=names)
@ref_option
@min_confidence
@output("show")
@reading
def show(name: str, ref: str | None, confidence: str, output: Output, reading: Reading) -> None:
    """Show one resource and its links.

    NAME is an id, a function, function:alias, repo:tag, repo@digest, an ARN, a commit-ish, or a
    unique prefix of a digest or SHA.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import explain  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.queries.find import find  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.show import writers  # noqa: PLC0415 -- as above

    graph = world.graph_of(reading, confidence)
    result = explain.show(graph, find(graph, name), ref=ref)
    answer.write(result, output, writers(graph))
    answer.finish(result.about, reading, unused=answer.OF_VERDICTS)
