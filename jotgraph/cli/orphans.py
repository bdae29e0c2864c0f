"""``jotgraph orphans``: what nothing uses."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, Reading, output, reading


@click.command(epilog="Example: jotgraph orphans --from prod --kind ecr-image --format csv")
@click.option("--kind", "kinds", multiple=True, metavar="K", help="Only this kind; repeatable.")
@click.option("--all", "everything", is_flag=True, help="What is in use too, with its witness.")
@click.option("--keep", multiple=True, metavar="PATTERN", help="Tags to keep, for the defaults.")
@click.option("--keep-last", type=click.IntRange(0), help="Judge versions but the newest N.")
@click.option("--keep-images", type=click.IntRange(0), default=0, help="Newest N a repository.")
@click.option(
    "--keep-days",
    type=click.FloatRange(0),
    default=0,
    help="Keep what was pushed, pulled or published within N days.",
)
@click.option("--idle", is_flag=True, help="Judge functions too: not called in the window read.")
@click.option("--ignore", multiple=True, metavar="DOUBT", help="Set a doubt aside; repeatable.")
@click.option("--history", metavar="NAME", help="Say since when, from inventories of this name.")
@click.option("--check", is_flag=True, help="Exit 1 if there is an orphan.")
@output("table", "json", "csv", "md")
@reading
def orphans(
    kinds: tuple[str, ...],
    everything: bool,
    keep: tuple[str, ...],
    keep_last: int | None,
    keep_images: int,
    keep_days: float,
    idle: bool,
    ignore: tuple[str, ...],
    history: str | None,
    check: bool,
    output: Output,
    reading: Reading,
) -> None:
    """Say what nothing uses, what is in doubt and why.

    An orphan is one only as far as the scan looked: everything that could use it was read, and
    none does. What could not be read, is young, or may be used from outside is unknown.
    """
    from jotgraph.analysis.usage import KEEP, Options  # noqa: PLC0415 -- as above
    from jotgraph.cli import answer, orphan_history, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries import orphans as query  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.render.answers.orphans import note, writers  # noqa: PLC0415 -- as above

    options = Options(
        keep=keep or KEEP,
        keep_last=keep_last,
        keep_images=keep_images,
        keep_days=keep_days,
        idle_functions=idle,
        ignore=ignore,
    )
    wanted = query.kinds_named(kinds)
    found = query.orphans(world.graph_of(reading), kinds=wanted, options=options)
    seen = orphan_history.seen(history, options) if history else {}
    answer.write(found, output, writers(everything=everything, seen=seen))
    answer.finish(
        found.about,
        reading,
        note=note(found),
        found=check and bool(found.orphans),
        unused=answer.OF_BYTES,
    )
