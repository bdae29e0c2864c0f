"""The command ``jotgraph orphans``, which lists unused resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotgraph.cli.by_files import by_files_option, judge_by_files
from jotgraph.cli.engine import Engine, engine
from jotgraph.cli.first import Asked, answered, first_option
from jotgraph.cli.kind_choice import JUDGED, KindOption
from jotgraph.cli.options import (
    Keeping,
    Output,
    assume_no,
    ignore_option,
    keeping,
    output,
    usage_options,
)
from jotgraph.cli.scan_options import Reading, reading

if TYPE_CHECKING:
    from jotgraph.queries.answers.orphans import Orphans
    from jotgraph.records import Inventory


@click.command(epilog="Example: jotgraph orphans --from prod --kind ecr-image --format csv")
@click.option("--kind", "kinds", cls=KindOption, type=JUDGED, help="Only this kind; repeatable.")
@click.option(
    "--all", "everything", is_flag=True, help="Include resources in use, with what uses them."
)
@click.option("--unknown", "unfold", is_flag=True, help="List each unknown resource.")
@click.option(
    "--keep-last",
    type=click.IntRange(0),
    help="Also report published versions except the newest N.",
)
@keeping
@click.option("--idle", is_flag=True, help="Also report functions that were not called.")
@ignore_option
@assume_no
@click.option(
    "--history", metavar="NAME", help="Show since when, from the stored inventories of this name."
)
@click.option("--check", is_flag=True, help="Exit 1 if there is an orphan.")
@engine
@by_files_option
@first_option
@output("orphans")
@reading
def orphans(
    kinds: tuple[str, ...],
    everything: bool,
    unfold: bool,
    keep_last: int | None,
    keeping: Keeping,
    idle: bool,
    ignore: tuple[str, ...],
    assume_no: tuple[str, ...],
    history: str | None,
    check: bool,
    engine: Engine,
    by_files: bool,
    first: bool | None,
    output: Output,
    reading: Reading,
) -> None:
    """List unused resources, and why they are or may be unused.

    A resource is an orphan if everything that could use it was read and nothing does. It is
    unknown if something that could use it was not read, if it is too new, or if it may be used
    from elsewhere. Unknown ones are counted by their first reason; --unknown lists each.
    """
    from jotgraph.analysis.coverage import assumption  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer, graphs, orphan_history  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import orphans as query  # noqa: PLC0415 -- only a run needs it
    from jotgraph.records import Kind  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.orphans import note, writers  # noqa: PLC0415 -- as above
    from jotgraph.scale.judging import Question  # noqa: PLC0415 -- as above

    options = usage_options(keeping, ignore, assume_no, keep_last=keep_last, idle=idle)
    wanted = tuple(map(Kind, kinds)) or None
    if by_files:
        if check or history or everything or unfold:
            raise click.UsageError(
                "--by-files counts: it takes no --check, --history, --all, --unknown"
            )
        judge_by_files(reading, Question(options, wanted), engine, output)
        return
    seen = orphan_history.seen(history, options) if history else {}

    def ask(inventory: Inventory) -> Asked[Orphans]:
        found, named = graphs.judged(inventory, reading, Question(options, wanted), engine)
        return found, writers(named, everything=everything, unfold=everything or unfold, seen=seen)

    result = answered(reading, output, first, ask)
    answer.finish(
        result.about,
        reading,
        note="\n".join(filter(None, (note(result), assumption(assume_no)))),
        any_found=check and bool(result.orphans),
        unread=query.unread_for(result, wanted) if check else (),
        unused=answer.OF_BYTES,
        covered=True,
    )
