"""Reads a dataset: as an inventory equal to the one written, or as tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

import msgspec

from jotgraph.errors import SnapshotError
from jotgraph.gc_pause import collector_off
from jotgraph.links.conventions import problem
from jotgraph.records import ContentMatch, ImageTest, Inventory
from jotgraph.records.interning import Interned
from jotgraph.records.inventory import RECORDS
from jotgraph.records.json_text import NOT_JSON
from jotgraph.records.kinds import KINDS
from jotgraph.scale.dataset.manifest import AGAIN, WRITTEN_AS, DatasetManifest, File, manifest_of
from jotgraph.scale.dataset.places import Dataset, dataset
from jotgraph.scale.dataset.tables import TABLES
from jotgraph.scale.extras import needed

GONE = (
    "is not there any more, perhaps for an export that took its place: run the command again, or "
    + AGAIN
)
_TYPES: dict[str, Any] = {KINDS[kind].field: record for kind, record in RECORDS.items()}
_TYPES |= {"content": ContentMatch, "tests": ImageTest}


def load(location: str) -> Inventory:
    """Read an inventory equal to the one written: ``DIR`` for the newest scan, or ``DIR#SCAN``.
    Raises SnapshotError for an incomplete one, or one of another version."""
    place, scan = named(location)
    manifest = manifest_of(place, scan)
    for convention in manifest.scope.evidence:
        if wrong := problem(convention):
            raise SnapshotError(f"{location}: the rule {convention.name!r} is refused: {wrong}")
    with collector_off():
        fields = {table.field: records_of(place, manifest, table.name) for table in TABLES}
        return Inventory(
            taken_at=manifest.taken_at,
            scope=manifest.scope,
            gaps=manifest.gaps,
            git=manifest.git,
            registries=manifest.registries,
            **fields,
        )


def named(location: str) -> tuple[Dataset, str]:
    """Return the dataset and the scan in a location."""
    folder, _, scan = location.partition("#")
    return dataset(folder), scan


def record_type(table: str) -> Any:
    """Return the type of a table's records."""
    return _TYPES[next(entry.field for entry in TABLES if entry.name == table)]


def records_of(place: Dataset, manifest: DatasetManifest, table: str) -> tuple[Any, ...]:
    """Yield the records of a table in their original order."""
    decoder = msgspec.json.Decoder(record_type(table))
    placed: list[tuple[int, Any]] = []
    interned = Interned()
    for file in manifest.files:
        if file.table == table:
            rows = _rows(place, file, decoder)
            interned.put_in(record for _, record in rows)
            placed += rows
    placed.sort(key=itemgetter(0))
    if [position for position, _ in placed] != list(range(len(placed))):
        raise SnapshotError(f"{place.location}: table {table} is not whole; {AGAIN}")
    return tuple(record for _, record in placed)


def _rows(place: Dataset, file: File, decoder: msgspec.json.Decoder[Any]) -> list[tuple[int, Any]]:
    columns = read_columns(place, file, ["position", "record"])
    try:
        records = [decoder.decode(text) for text in columns["record"].to_pylist()]
    except NOT_JSON as error:
        raise SnapshotError(
            f"{place.location}: {file.path} is damaged: {error}; {AGAIN}"
        ) from error
    return list(zip(columns["position"].to_pylist(), records, strict=True))


def read_columns(place: Dataset, file: File, columns: list[str]) -> Any:
    """Return some columns of a file as Arrow. Raises SnapshotError for a file with other content
    than written, and DatasetError."""
    with opened(place, file) as content:
        return content.read(columns)


@contextmanager
def opened(place: Dataset, file: File) -> Iterator[Any]:
    """Open a file for pyarrow after checking its own name and its number of rows. Raises
    SnapshotError, also for what is found while it is read, and DatasetError."""
    parquet = needed("pyarrow.parquet", "parquet", "a Parquet dataset")
    arrow = needed("pyarrow", "parquet", "a Parquet dataset")
    at = f"{place.location}: {file.path}"
    try:
        with (
            place.reading(file.path),
            parquet.ParquetFile(
                place.path(file.path), filesystem=place.files, page_checksum_verification=True
            ) as content,
        ):
            metadata = content.metadata
            name = (metadata.metadata or {}).get(WRITTEN_AS, file.path.encode()).decode()
            if name != file.path:
                raise SnapshotError(f"{at} is another file, written as {name}; {AGAIN}")
            if metadata.num_rows != file.rows:
                raise SnapshotError(
                    f"{at} has {metadata.num_rows:,} rows of {file.rows:,}; {AGAIN}"
                )
            yield content
    except FileNotFoundError as error:
        raise SnapshotError(f"{at} {GONE}") from error
    except (OSError, arrow.ArrowException) as error:
        what = " ".join(str(error).split())
        raise SnapshotError(f"{at} is damaged: {what}; {AGAIN}") from error


def where(rows: Any, wanted: list[bool]) -> Any:
    """Return a filter for the wanted rows."""
    arrow = needed("pyarrow", "parquet", "a Parquet dataset")
    return rows.filter(arrow.array(wanted, arrow.bool_()))
