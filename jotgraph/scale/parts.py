"""A shard as a list of rows in files, with everything else that is needed to judge it.

Every engine reads shards of a dataset this way, on this machine or another, and writes its verdicts
beside the dataset; only counts are returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from jotgraph.analysis.usage.words import Counts
from jotgraph.errors import SnapshotError
from jotgraph.gc_pause import collector_off
from jotgraph.links import Link
from jotgraph.records import Commit, ContentMatch, Inventory, Record
from jotgraph.records.json_text import NOT_JSON
from jotgraph.scale.dataset.manifest import File
from jotgraph.scale.dataset.places import Dataset, dataset
from jotgraph.scale.dataset.reading import read_columns, record_type, where
from jotgraph.scale.judging import Judged, Question, judge
from jotgraph.scale.shards import Shard, holding
from jotgraph.scale.units import Unit, unit_of

_UNIT_OF: Mapping[str, str] = MappingProxyType(
    {
        "repositories": "id",
        "images": "repository_id",
        "functions": "id",
        "versions": "function",
        "aliases": "function",
        "workloads": "id",
        "roles": "id",
        "log_groups": "id",
    }
)
"""The column with a row's unit; in other tables each row is examined."""


class DatasetPart(NamedTuple):
    """One shard of a dataset."""

    judged: frozenset[Unit]
    held: frozenset[Unit]
    """Units with all their records."""
    beside: tuple[Record, ...]
    """Single records of other units."""
    links: tuple[Link, ...]
    """Links of rules from plugins."""
    files: tuple[File, ...]
    """The files with its rows, and others."""


class Asked(NamedTuple):
    """What is the same for every shard."""

    location: str
    about: Inventory
    """The inventory without records."""
    counts: Counts
    question: Question


def judge_part(asked: Asked, part: DatasetPart) -> Judged:
    """Read a shard and judge it. Raises SnapshotError for a damaged file."""
    with collector_off():
        place = dataset(asked.location)
        records: list[Any] = [*part.beside]
        for file in part.files:
            records += _records(place, file, part.held)
        content = tuple(record for record in records if isinstance(record, ContentMatch))
        others = (record for record in records if not isinstance(record, ContentMatch))
        inventory = holding(asked.about, others, content)
        shard = Shard(inventory, part.judged, asked.counts, part.links)
        return judge(shard, asked.question)


def _records(place: Dataset, file: File, units: frozenset[Unit]) -> Iterator[Any]:
    """The records in a file that belong to these units; all for commits and content."""
    column = _UNIT_OF.get(file.table)
    rows = read_columns(place, file, [column, "record"] if column else ["record"])
    if column:
        rows = where(rows, [unit in units for unit in rows[column].to_pylist()])
    decoder = msgspec.json.Decoder(record_type(file.table))
    try:
        records = [decoder.decode(text) for text in rows["record"].to_pylist()]
    except NOT_JSON as error:
        raise SnapshotError(f"{place.location}: {file.path} is damaged: {error}") from error
    yield from records if column else _of_units(records, units)


def _of_units(records: Iterable[Any], units: frozenset[Unit]) -> Iterator[Any]:
    for record in records:
        if isinstance(record, Commit | ContentMatch) or unit_of(record) in units:
            yield record
