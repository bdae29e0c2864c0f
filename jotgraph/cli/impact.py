"""The command ``jotgraph impact``, which shows what breaks if a resource is deleted."""

from __future__ import annotations

from functools import partial

import click

from jotgraph.cli.names import names as complete
from jotgraph.cli.options import Output, output
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph impact shop/checkout:prod --from prod")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete)
@output("impact")
@reading
def impact(names: tuple[str, ...], output: Output, reading: Reading) -> None:
    """Show what breaks if a resource is deleted, and what survives.

    Also lists what only this resource was using, and what else keeps the rest in use. With several
    names, or a glob: what follows if all of them are deleted.
    """
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import impact as query  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.find import find_each  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.impact import note, writers  # noqa: PLC0415 -- as above

    graph = graphs.graph_of(reading)
    result = query.impact(graph, *find_each(graph, names))
    answer.write(result, output, writers(partial(titled, graph)))
    answer.finish(result.about, reading, note=note(result), unused=answer.OF_BYTES)
