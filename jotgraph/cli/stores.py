"""Where this command line keeps its snapshots: this machine, or what ``JOTGRAPH_STORE`` names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jotgraph.store import Snapshot, Snapshots

UNNAMED = "last"
"""The name under which a scan is remembered that got neither a name nor a file."""
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
    """The newest inventories of a name, oldest first. Raises OptionError when there is none."""
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- what only a run needs

    stored = snapshots().of(name)[-last:]
    if not stored:
        raise OptionError(
            f"no inventory is stored under the name {name!r}; make one with scan --name {name}"
        )
    return stored
