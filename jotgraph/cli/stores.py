"""Where this command line keeps its snapshots: this machine, or what ``JOTGRAPH_STORE`` names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jotgraph.store import Snapshot, Snapshots

UNNAMED = "last"
"""The name under which a scan is remembered that got neither a name nor a file."""
_NAME = re.compile(r"[\w.-]+")
JUDGED = 50
"""Newest inventories that an answer about the past judges again; each takes as long as judging one
does."""
VARIABLE = "JOTGRAPH_STORE"
"""A folder, or ``s3://BUCKET/PREFIX``. Only the environment says it: a project's file must not
choose where the inventory of an account is sent."""


def snapshots() -> Snapshots:
    """The snapshots that names mean. Raises OptionError for a location that is none."""
    from jotgraph.store import Snapshots  # noqa: PLC0415 -- msgspec and zstandard

    location = os.environ.get(VARIABLE, "")
    if not location:
        return Snapshots()
    if location.startswith("s3://"):
        from jotgraph.buckets import bucket  # noqa: PLC0415 -- boto3 is heavy

        return Snapshots(bucket(location))
    from jotgraph.store.places import Folder  # noqa: PLC0415 -- as above

    return Snapshots(Folder(Path(location).expanduser().absolute()))


def newest_of(name: str, last: int) -> tuple[Snapshot, ...]:
    """The newest inventories of a name, oldest scan first; of a reference such as ``prod~7``, those
    up to the one that it means. Raises OptionError when there is none."""
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.records.phrases import listed  # noqa: PLC0415 -- as above
    from jotgraph.store import Snapshot  # noqa: PLC0415 -- as above
    from jotgraph.store.chronology import by_time  # noqa: PLC0415 -- as above

    stored = snapshots()
    every = stored.of(name)
    if not every and _NAME.fullmatch(name) and not Path(name).exists():
        others = listed(stored.names())
        hint = (
            f"name another (--name): {others}"
            if others
            else f"make one: jotgraph scan --name {name}"
        )
        raise OptionError(f"no inventory is stored under the name {name!r}; {hint}")
    if every:
        return by_time(every[-last:])
    newest = stored.resolve(name)
    if not isinstance(newest, Snapshot):
        raise OptionError(
            f"{name} is a file; history reads the inventories stored under a name: give that name, "
            f"or store the file: jotgraph snapshot import NAME --from {name}"
        )
    every = stored.of(newest.name)
    ordered = by_time([snapshot for snapshot in every if snapshot.number <= newest.number])
    return ordered[: ordered.index(newest) + 1][-last:]
