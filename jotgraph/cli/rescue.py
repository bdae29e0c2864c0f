"""The command ``jotgraph rescue``, which finds copies of images in use that ECR lost."""

from __future__ import annotations

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.options import Output, output
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph rescue --from prod")
@click.option("--check", is_flag=True, help="Exit 1 if an image in use is gone or archived.")
@min_confidence
@output("rescue")
@reading
def rescue(check: bool, confidence: str, output: Output, reading: Reading) -> None:
    """List images in use that are gone from ECR or archived, and how to save them.

    In use is what a function, a version or a workload runs or is started with, whether it runs at
    this moment or not. Lambda keeps a copy of an image, so a function fails only weeks later, when
    the image is loaded again. This lists what uses each, every copy that is left (in this Docker
    engine or elsewhere in ECR), and the commands that save it. It runs none of them.
    """
    from jotgraph.analysis.coverage import without_account  # noqa: PLC0415 -- only a run needs it
    from jotgraph.analysis.gates import RUNNING, unread  # noqa: PLC0415 -- as above
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.rescue import rescue as find_lost  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.rescue import writers  # noqa: PLC0415 -- as above

    graph = graphs.graph_of(reading, confidence)
    result = find_lost(graph)
    answer.write(result, output, writers(graph))
    answer.finish(
        result.about,
        reading,
        note=_note(len(result.lost), without_account(result.about.scope)),
        any_found=check and bool(result.lost),
        unread=unread(result.about, RUNNING) if check else (),
    )


def _note(count: int, nothing: str) -> str:
    from jotgraph.records.phrases import counted  # noqa: PLC0415 -- what only a run needs

    if count:
        return f"{counted(count, 'image')} in use cannot be loaded again"
    return nothing or "every image in use is in ECR, as far as it was read"
