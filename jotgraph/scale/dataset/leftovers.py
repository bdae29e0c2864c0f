"""Files that no manifest names: of an export that was killed, or that another one overtook. Whoever
reads a dataset by its folders would count their rows."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from jotgraph.scale.dataset.manifest import FOLDER, DatasetManifest, scans
from jotgraph.scale.dataset.places import Dataset
from jotgraph.scale.dataset.tables import TABLES

GRACE = timedelta(days=1)
"""Younger files may be of an export that is under way."""
_PART = r"\.[0-9a-f]{32}\.part"
_ROWS = re.compile(
    rf"[a-z_]+/scan=(?P<scan>[^/]+)/account=[^/]+/region=[^/]+/"
    rf"[0-9a-f]{{12}}-\d+-\d+\.parquet({_PART})?"
)
_MANIFEST = re.compile(rf"{FOLDER}/[^/]+\.json{_PART}")
"""A manifest under the name that it has until it is whole."""


def remove_leftovers(place: Dataset, newest: DatasetManifest) -> None:
    """Delete the files that an export would have written and no manifest names, once they are a day
    older than the ``newest`` manifest, by the clock of the place. Of another scan that is whole
    nothing goes: its own next export does that. Raises DatasetError."""
    whole = frozenset(scans(place)) - {newest.scan}
    named = {file.path for file in newest.files}
    now = place.written_at(f"{FOLDER}/{newest.scan}.json")
    for folder in (FOLDER, *(table.name for table in TABLES)):
        for path, written_at in place.beneath(folder):
            if now - written_at > GRACE and path not in named and _is_of_none(path, whole):
                place.remove(path)


def _is_of_none(path: str, whole: Collection[str]) -> bool:
    """Whether a file is one that an export writes, and of none of the scans that are whole."""
    rows = _ROWS.fullmatch(path)
    return rows["scan"] not in whole if rows else bool(_MANIFEST.fullmatch(path))
