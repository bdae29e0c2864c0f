"""``jotgraph rescue``: save what runs and is gone."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, Reading, output, reading


@click.command(epilog="Example: jotgraph rescue --from prod")
@click.option("--check", is_flag=True, help="Exit 1 if an image that runs is gone or archived.")
@output("table", "json")
@reading
def rescue(check: bool, output: Output, reading: Reading) -> None:
    """Name images that run, are gone from ECR and still exist.

    Lambda keeps a copy of what it runs, and fails weeks later when it loads the image again. For
    each image that is gone or archived: what runs it, every copy that is left (on this engine or
    elsewhere in ECR), and the commands that save it. Nothing is run.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.rescue import rescue as find_lost  # noqa: PLC0415 -- networkx
    from jotgraph.render.answers.rescue import writers  # noqa: PLC0415 -- as above

    graph = world.graph_of(reading)
    found = find_lost(graph)
    answer.write(found, output, writers(graph))
    answer.finish(
        found.about, reading, note=_note(len(found.lost)), found=check and bool(found.lost)
    )


def _note(count: int) -> str:
    if count:
        return f"{count} image{'s' if count > 1 else ''} that runs cannot be loaded again"
    return "every image that runs is in ECR, as far as it was read"
