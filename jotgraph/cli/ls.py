"""``jotgraph ls``: the table of jots."""

from __future__ import annotations

from functools import partial

import click

from jotgraph.cli.options import Output, Reading, output, reading


@click.command(epilog="Example: jotgraph ls --from prod --ref main --format csv > jots.csv")
@click.option("--ref", metavar="REF", help="Compare with this branch or tag; default: HEAD.")
@click.option("--all-versions", is_flag=True, help="Every published version, each on its own row.")
@click.option("--all", "undeployed", is_flag=True, help="Images that nothing runs as well.")
@click.option("--tree", is_flag=True, help="As a tree, from the commit to the role.")
@output("table", "json", "csv", "md")
@reading
def ls(
    ref: str | None,
    all_versions: bool,
    undeployed: bool,
    tree: bool,
    output: Output,
    reading: Reading,
) -> None:
    """List jots: which commit runs where.

    One row for each code a function runs: the commit its image was built from and where that
    stands, the local image, the copy in the registry, the function with its versions and aliases,
    its role, and what is wrong: drift (its tag names another digest now), broken, failed, idle.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.jots import jots  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.render.answers.jots import writers  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.jots_tree import as_tree  # noqa: PLC0415 -- as above

    graph = world.graph_of(reading)
    found = jots(graph, ref=ref, all_versions=all_versions, undeployed=undeployed)
    shown = dict(writers())
    if tree:
        shown["table"] = partial(as_tree, graph)
    answer.write(found, output, shown)
    answer.finish(
        found.about,
        reading,
        note=_note(len(found.jots), found.hidden_versions),
        unused=answer.OF_VERDICTS,
    )


def _note(rows: int, hidden: int) -> str:
    if not rows:
        return "no functions in what was read"
    return (
        f"{hidden} older version{'s' * (hidden > 1)} not shown (--all-versions)" if hidden else ""
    )
