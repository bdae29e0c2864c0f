"""The command ``jotgraph where``, which lists what contains a commit."""

from __future__ import annotations

from functools import partial

import click

from jotgraph.cli.confidence import min_confidence
from jotgraph.cli.names import names
from jotgraph.cli.options import Output, output
from jotgraph.cli.scan_options import Reading, reading


@click.command(epilog="Example: jotgraph where fix-1234 --alias live --lacks --from prod")
@click.argument("commitish", shell_complete=names)
@click.option("--lacks", is_flag=True, help="Only what does not contain it, or may not.")
@click.option("--alias", metavar="NAME", help="Only aliases of this name.")
@click.option(
    "--in",
    "within",
    metavar="NAME",
    shell_complete=names,
    help="Only this resource (or several, by a glob); also whether COMMITISH is one of all the "
    "commits that it may come from.",
)
@click.option(
    "--at",
    metavar="DATE",
    help="Answer for a past time (2026-01-31, 2.weeks.ago, 2026-01-31T09:00+01:00; UTC without an "
    "offset) from the last snapshot of --from NAME.",
)
@click.option("--check", is_flag=True, help="Exit 1 if anything does not contain it.")
@min_confidence
@output("where")
@reading
def where(
    commitish: str,
    lacks: bool,
    alias: str | None,
    within: str | None,
    at: str | None,
    check: bool,
    confidence: str,
    output: Output,
    reading: Reading,
) -> None:
    """List what contains a commit and what does not.

    COMMITISH is a SHA or a prefix of one, a branch, a tag, or HEAD~2. If an image may come from
    several commits, and only some of them contain COMMITISH, the files in the image decide, if they
    were compared. Files as the commit left them: it is contained. Files as they were before it: it
    was reverted since. Files that are the same with and without it: unknown.
    """
    from jotgraph.analysis.gates import DEPLOYED, unread  # noqa: PLC0415 -- what only a run needs
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli.snapshot_at import as_of  # noqa: PLC0415 -- as above
    from jotgraph.queries import where as query  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.find import find_commit, find_many  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.where import note, writers  # noqa: PLC0415 -- as above

    if alias and within:
        raise click.UsageError("use only one of --alias and --in")
    past = as_of(reading, at) if at else None
    reading = past.reading if past else reading
    graph = graphs.graph_of(reading, confidence)
    selected = find_many(graph, within) if within else ()
    result = query.where(graph, find_commit(graph, commitish), alias=alias, within=selected)
    answer.write(result, output, writers(partial(titled, graph), lacks=lacks))
    needed = unread(result.about, DEPLOYED) if check else ()
    lacks = check and bool(result.lacks)
    summary = "\n".join(filter(None, (past.note if past else "", note(result))))
    answer.finish(result.about, reading, note=summary, any_found=lacks, unread=needed)
