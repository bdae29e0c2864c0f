"""The command ``jotgraph why``, which shows the evidence for links."""

from __future__ import annotations

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.names import names
from jotgraph.cli.options import Output, output
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph why checkout main --from prod")
@click.argument("name", shell_complete=names)
@click.argument("other", required=False, shell_complete=names)
@min_confidence
@output("why")
@reading
def why(name: str, other: str | None, confidence: str, output: Output, reading: Reading) -> None:
    """Show the evidence for a link.

    With two names, the evidence on the path between them; with one, the evidence of all its links.
    Each piece has a grade, the rule that found it, where it was read, and a statement.
    """
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import explain  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.find import find  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.why import note, writers  # noqa: PLC0415 -- as above

    graph = graphs.graph_of(reading, confidence)
    ends = find(graph, name), find(graph, other) if other else None
    result = explain.why(graph, *ends)
    answer.write(result, output, writers(graph))
    answer.finish(result.about, reading, note=note(result), unused=answer.OF_VERDICTS)
