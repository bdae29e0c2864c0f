"""Where the command line stores its snapshots: on this machine, or where ``JOTGRAPH_STORE``
says."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jotgraph.store import Snapshot, Snapshots

UNNAMED = "last"
"""The name of a scan without name and file."""
_NAME = re.compile(r"[\w.-]+")
JUDGED = 50
"""The most inventories that an answer about the past judges again, since each takes as long as the
first."""
VARIABLE = "JOTGRAPH_STORE"
"""A folder, or ``s3://BUCKET/PREFIX``. Only the environment sets it: a project's file must not
choose where an account's inventory is sent."""


def snapshots() -> Snapshots:
    """Return the snapshots that names refer to. Raises OptionError for an invalid location."""
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
    """Return the newest inventories of a name, oldest scan first; for a reference such as
    ``prod~7``, those up to it. Raises OptionError when there is none."""
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
