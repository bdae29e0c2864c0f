"""Removes files without a manifest, from an export that was killed or overtaken by another one.

Whoever reads a dataset by its folders would count their rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from jotgraph.scale.dataset.manifest import FOLDER, DatasetManifest, scans
from jotgraph.scale.dataset.places import Dataset
from jotgraph.scale.dataset.tables import TABLES

GRACE = timedelta(days=1)
"""Younger files may belong to an export in progress."""
_PART = r"\.[0-9a-f]{32}\.part"
_ROWS = re.compile(
    rf"[a-z_]+/scan=(?P<scan>[^/]+)/account=[^/]+/region=[^/]+/"
    rf"[0-9a-f]{{12}}-\d+-\d+\.parquet({_PART})?"
)
_MANIFEST = re.compile(rf"{FOLDER}/[^/]+\.json{_PART}")
"""A manifest under its temporary name."""


def remove_leftovers(place: Dataset, newest: DatasetManifest) -> None:
    """Delete files of exports that no manifest names, once they are a day older than the ``newest``
    manifest. Times are by the clock of the place. Files of a complete scan are left to that scan's
    next export. Raises DatasetError."""
    whole = frozenset(scans(place)) - {newest.scan}
    named = {file.path for file in newest.files}
    now = place.written_at(f"{FOLDER}/{newest.scan}.json")
    for folder in (FOLDER, *(table.name for table in TABLES)):
        for path, written_at in place.beneath(folder):
            if now - written_at > GRACE and path not in named and _is_of_none(path, whole):
                place.remove(path)


def _is_of_none(path: str, whole: Collection[str]) -> bool:
    """Whether an export wrote a file, and no complete scan names it."""
    rows = _ROWS.fullmatch(path)
    return rows["scan"] not in whole if rows else bool(_MANIFEST.fullmatch(path))
