"""The command ``jotgraph ls``, which lists deployments."""

from __future__ import annotations

from functools import partial

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.options import Output, output, ref_option
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph ls --from prod --ref main --format csv > deployments.csv")
@ref_option
@click.option("--all-versions", is_flag=True, help="Every published version, one row each.")
@click.option("--all", "undeployed", is_flag=True, help="Include images that nothing runs.")
@click.option("--scans", is_flag=True, help="Add what the last scan of each image found.")
@click.option("--tree", is_flag=True, help="Show a tree, from commit to role.")
@min_confidence
@output("jots")
@reading
def ls(
    ref: str | None,
    all_versions: bool,
    undeployed: bool,
    scans: bool,
    tree: bool,
    confidence: str,
    output: Output,
    reading: Reading,
) -> None:
    """List deployments: which commit runs where.

    One row for each code that a function runs, and for each workload: what is wrong (broken,
    failed, drift: its tag has moved to another digest, idle and others, see docs/findings.md), the
    function with its versions and aliases, the commit its image was built from and how far behind
    that is, the image in the registry and on this machine, and the role. The worst rows are first.
    In a narrow terminal columns are written shorter or left out; --format csv has them all.

    In a row, "e57b5bf05 +2" is a commit and two others with the same files, "58 in its files" are
    the commits behind that change a file in the image, and "=2, live 80%" means that version 2 has
    the same code and alias live sends it 80% of its calls.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.jots import jots  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.render.answers.jots import note, writers  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.jots_tree import as_tree  # noqa: PLC0415 -- as above

    graph = world.graph_of(reading, confidence)
    result = jots(graph, ref=ref, all_versions=all_versions, undeployed=undeployed)
    shown = dict(writers(scans=scans))
    if tree:
        shown["table"] = partial(as_tree, graph)
    answer.write(result, output, shown)
    answer.finish(
        result.about,
        reading,
        note="; ".join(
            filter(None, (note(result), _note(len(result.jots), result.hidden_versions)))
        ),
        unused=answer.OF_VERDICTS,
    )


def _note(rows: int, hidden: int) -> str:
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs

    if not rows:
        return "no functions found in what was read"
    return answer.hidden_versions(hidden)
