"""The command ``jotgraph snapshot``, which lists, prunes, copies and redacts stored inventories."""

from __future__ import annotations

from pathlib import Path

import click

from jotgraph.cli.names import snapshots as complete
from jotgraph.cli.options import NewFile, Output, days, debug, output
from jotgraph.cli.saying import say


@click.group(epilog="Example: jotgraph snapshot prune prod --keep-daily 30 --keep-monthly 12")
def snapshot() -> None:
    """List, prune, copy and redact stored inventories.

    JOTGRAPH_STORE names where they are stored: a folder or s3://BUCKET/PREFIX. Without it they are
    on this machine.
    """


@snapshot.command("ls", epilog="Example: jotgraph snapshot ls prod")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete)
@output("snapshots")
@debug
def list_(names: tuple[str, ...], output: Output) -> None:
    """List stored inventories, and the bytes that each added to the store."""
    from jotgraph.cli import answer, stores  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.snapshots import writers  # noqa: PLC0415 -- as above
    from jotgraph.store.listing import listed  # noqa: PLC0415 -- as above

    answer.write(listed(stores.snapshots(), names), output, writers())


def _count(rule: str, what: str) -> click.Option:
    return click.Option(
        [f"--keep-{rule}"],
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help=f"Keep the newest snapshot of each of the last N {what} that have one.",
    )


@snapshot.command(
    epilog="Example: jotgraph snapshot prune prod --keep-daily 30 --keep-monthly 12 --yes",
    params=[
        click.Option(
            ["--keep-last"],
            type=click.IntRange(0),
            default=0,
            metavar="N",
            help="Keep the last N snapshots.",
        ),
        _count("hourly", "hours"),
        _count("daily", "days"),
        _count("weekly", "weeks"),
        _count("monthly", "months"),
        _count("yearly", "years"),
        click.Option(
            ["--keep-within"],
            callback=days,
            default="0",
            metavar="D",
            help="Keep what was taken in this time before the newest: 30d, 4w.",
        ),
    ],
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete)
@click.option("--yes", is_flag=True, help="Remove them; otherwise they are only listed.")
@output("pruned")
@debug
def prune(names: tuple[str, ...], yes: bool, output: Output, **keep: float) -> None:
    """Remove stored inventories that no rule keeps.

    An inventory is kept if any rule keeps it or if it is the newest. Without --yes nothing is
    removed. A removed inventory is first set aside; a prune at least a day later deletes it, with
    the objects that nothing else needs.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 -- what only a run needs

    from jotgraph.cli import answer, stores  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.pruned import writers  # noqa: PLC0415 -- as above
    from jotgraph.store.pruning import clock_of  # noqa: PLC0415 -- as above
    from jotgraph.store.pruning import prune as removing  # noqa: PLC0415 -- as above
    from jotgraph.store.retention import Rules  # noqa: PLC0415 -- as above

    rules = Rules(**{name.removeprefix("keep_"): value for name, value in keep.items()})  # type: ignore[arg-type] # counts are whole, by their options
    stored = stores.snapshots()
    now = clock_of(stored.place) if yes and rules.any else datetime.now(UTC)
    result = removing(stored, names, rules, now, really=yes)
    answer.write(result, output, writers())
    for note in result.notes:
        say(note)


@snapshot.command(epilog="Example: jotgraph snapshot export prod --to prod.jsonl.zst")
@click.argument("source", metavar="FILE|REF", shell_complete=complete)
@click.option(
    "--to",
    "path",
    type=NewFile(),
    required=True,
    metavar="FILE",
    help="Write JSON lines to this file (/dev/stdout for a pipe), compressed if it ends in .zst.",
)
@debug
def export(source: str, path: Path) -> None:
    """Write a stored inventory to one file."""
    from jotgraph import store  # noqa: PLC0415 -- msgspec and zstandard
    from jotgraph.cli import world  # noqa: PLC0415 -- what only a run needs

    store.save(world.stored(source), path)
    say(f"written to {path}")


@snapshot.command("import", epilog="Example: jotgraph snapshot import prod --from prod.jsonl.zst")
@click.argument("name")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="FILE|REF",
    shell_complete=complete,
    help="File, or stored inventory, to take.",
)
@debug
def import_(name: str, source: str) -> None:
    """Store an inventory under a name, with the time of its scan."""
    from jotgraph.cli import stores, world  # noqa: PLC0415 -- what only a run needs

    ref = stores.snapshots().remember(world.stored(source), name)
    say(f"stored as {ref}")


@snapshot.command(
    short_help="Write an inventory without its names.",
    epilog="Example: jotgraph snapshot redact prod -o report.jsonl.zst",
)
@click.argument("source", metavar="FILE|REF", shell_complete=complete)
@click.option(
    "-o",
    "--output",
    "path",
    type=NewFile(),
    required=True,
    metavar="FILE",
    help="Write JSON lines to this file, compressed if it ends in .zst.",
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Hash with the bytes of this file, so that two inventories can be compared. Default: a "
    "random key, which is kept nowhere.",
)
@debug
def redact(source: str, path: Path, key: Path | None) -> None:
    """Write an inventory without its names, for a bug report or a vendor.

    Accounts, names, URLs, ARNs, e-mail addresses and values of tags become hashes, and the same
    value always becomes the same hash; commit messages and other free text are dropped. Digests,
    commit SHAs and times stay. Every answer is that of the original, with its names hashed.
    """
    import secrets  # noqa: PLC0415 -- what only a run needs

    from jotgraph import store  # noqa: PLC0415 -- msgspec and zstandard
    from jotgraph.cli import world  # noqa: PLC0415 -- as above
    from jotgraph.store.redaction import redacted  # noqa: PLC0415 -- as above

    secret = key.read_bytes() if key else secrets.token_bytes(32)
    store.save(redacted(world.stored(source), secret), path)
    say(f"written to {path}; look through it before you send it")
