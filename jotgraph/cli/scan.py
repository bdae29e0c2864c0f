"""The command ``jotgraph scan``, which stores an inventory."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.defaults import settable
from jotgraph.cli.options import NewFile, Output, output
from jotgraph.cli.saying import say
from jotgraph.cli.scan_options import Reading, scanning
from jotgraph.cli.stores import UNNAMED

if TYPE_CHECKING:
    from jotgraph.records import Inventory


@click.command(epilog="Example: jotgraph scan --git ~/src/shop --region eu-west-1 --name prod")
@click.option(
    "-o",
    "--output",
    "path",
    type=NewFile(),
    metavar="FILE",
    help="Write JSON lines to this file, compressed if it ends in .zst.",
)
@click.option(
    "--name",
    metavar="NAME",
    help=f"Store it under this name, for --from. Default without -o: {UNNAMED}.",
    **settable("name"),
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue a scan of this name or file that was interrupted less than a day ago.",
)
@click.option(
    "--estimate",
    is_flag=True,
    help="Print how many AWS calls the scan would make, how long they would take at least, and "
    "which limits slow it down; scan nothing.",
)
@output("scan")
@scanning
def scan(
    path: Path | None,
    name: str | None,
    resume: bool,
    estimate: bool,
    output: Output,
    reading: Reading,
) -> None:
    """Scan git, Docker and AWS, and store an inventory.

    Reads only. What cannot be read is recorded as a gap with its reason, never as absent. With
    --no-refresh, functions that are unchanged since the last inventory of that name or file are not
    read again, and their state is unknown. An interrupted scan keeps what it has read: --resume
    continues it and reads only the rest.
    """
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import About  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.scan import writers  # noqa: PLC0415 -- as above
    from jotgraph.sources.parts import forget  # noqa: PLC0415 -- msgspec
    from jotgraph.store.folders import unfinished_folder  # noqa: PLC0415 -- as above

    name = name or (None if path else UNNAMED)
    if estimate:
        from jotgraph.cli import estimate as estimating  # noqa: PLC0415 -- as above

        estimating.show(reading, _previous(path, name), output)
        return
    kept = _Kept(path, name)
    folder = unfinished_folder(name or str(path))
    if not resume:
        forget(folder)
    begun = datetime.now(UTC)

    def so_far(read: Inventory) -> None:
        known = kept.places
        kept.store(read, whole=False)
        if kept.places != known:
            say(f"First answer stored as {kept}; details are read now")

    reading = reading._replace(unfinished=folder)
    scanned = world.scan(reading, _previous(path, name), so_far, lambda: str(kept))
    inventory = world.usable(scanned, reading)
    kept.store(inventory)
    forget(folder)
    about = About(
        inventory.taken_at, inventory.scope, inventory.gaps, inventory.git, inventory.registries
    )
    answer.write(inventory, output, writers(about, kept.places))
    went_on = ""
    if resume and about.taken_at < begun:
        went_on = f"; scanned from {answer.moment(about.taken_at, begun)}"
    answer.finish(about, reading, note=f"stored as {kept}{went_on}{_next(kept.places)}")


def _next(places: list[str]) -> str:
    """What a person asks next, on a terminal."""
    if not sys.stderr.isatty():
        return ""
    stored = places[-1].partition("#")[0]
    return f"\nNext: jotgraph summary --from {shlex.quote(stored)}"


class _Kept:
    """Where an inventory is stored, under one number however often it is stored while it grows. An
    existing file is only replaced by the complete inventory."""

    def __init__(self, path: Path | None, name: str | None) -> None:
        self._path, self._name, self._ref = path, name, ""
        self._early = path is not None and not path.exists()
        self.places: list[str] = []

    def __str__(self) -> str:
        return ", ".join(self.places)

    def store(self, inventory: Inventory, *, whole: bool = True) -> None:
        """Store the inventory in place of its earlier state."""
        from jotgraph import store  # noqa: PLC0415 -- msgspec and zstandard, only in use
        from jotgraph.cli.stores import snapshots  # noqa: PLC0415 -- as above

        places: list[str] = []
        if self._path and (whole or self._early):
            store.save(inventory, self._path)
            places.append(str(self._path))
        if self._ref:
            snapshots().renew(inventory, self._ref)
        elif self._name:
            self._ref = snapshots().remember(inventory, self._name)
        self.places = [*places, *filter(None, [self._ref])]


def _previous(path: Path | None, name: str | None) -> Inventory | None:
    """The inventory before this scan, if there is a readable one."""
    from jotgraph.cli import world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.errors import JotgraphError  # noqa: PLC0415 -- as above

    for reference in (name, str(path) if path and path.exists() else None):
        if reference:
            try:
                return world.stored(reference)
            except JotgraphError:
                continue
    return None
