"""Writes an inventory as Parquet files, partitioned by scan, account and region."""

from __future__ import annotations

import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from jotgraph.errors import DatasetError
from jotgraph.gc_pause import collector_off
from jotgraph.records import ContentMatch, ImageTest, Inventory, place_of
from jotgraph.records.ids import NOWHERE, Place
from jotgraph.scale.dataset.columns import NUMBER, TEXT, TEXTS, TIME, Table
from jotgraph.scale.dataset.leftovers import remove_leftovers
from jotgraph.scale.dataset.manifest import (
    FOLDER,
    FORMAT,
    WRITTEN_AS,
    DatasetManifest,
    File,
    files_of,
    scan_named,
    write_manifest,
)
from jotgraph.scale.dataset.places import Dataset
from jotgraph.scale.dataset.tables import FIRST, LAST, TABLES
from jotgraph.scale.extras import needed
from jotgraph.store.older_facts import FACTS

_ROWS = 100_000
"""Rows of a file, which is what a task of Spark reads at a time."""
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]")


def write(inventory: Inventory, place: Dataset) -> DatasetManifest:
    """Write an inventory completely or not at all, replacing the same scan. Raises DatasetError
    when it cannot be written."""
    return write_parts(inventory, [inventory], place)


def write_parts(about: Inventory, parts: Iterable[Inventory], place: Dataset) -> DatasetManifest:
    """Write the records of several inventories as one, part by part, so that not all are in memory.
    ``about`` has the time, scope, gaps and registries. Raises DatasetError."""
    scan, run = scan_named(about.taken_at), uuid.uuid4().hex[:12]
    place.begin(FOLDER)
    files: list[File] = []
    with collector_off():
        try:
            files.extend(_written(parts, scan, run, place))
            manifest = DatasetManifest(
                scan=scan,
                taken_at=about.taken_at,
                scope=about.scope,
                gaps=about.gaps,
                git=about.git,
                registries=about.registries,
                files=tuple(files),
                facts=FACTS,
            )
            before = files_of(place, scan)  # of now: another export may have ended meanwhile
            write_manifest(place, manifest)
        except BaseException:
            _take_back(place, scan, files)
            raise
    for path in before:
        place.remove(path)
    with suppress(DatasetError):  # the export is whole without it
        remove_leftovers(place, manifest)
    return manifest


def _written(parts: Iterable[Inventory], scan: str, run: str, place: Dataset) -> Iterator[File]:
    """Write the files of a scan; each is reported when it exists."""
    written: Counter[str] = Counter()
    for at, part in enumerate(parts):
        for table in TABLES:
            records = getattr(part, table.field)
            for home, rows in sorted(_by_place(records, written[table.name]).items()):
                folder = folder_of(table.name, scan, home)
                for number, start in enumerate(range(0, len(rows), _ROWS)):
                    path = f"{folder}/{run}-{at}-{number}.parquet"
                    yield _write(place, table, scan, home, path, rows[start : start + _ROWS])
            written[table.name] += len(records)


def _take_back(place: Dataset, scan: str, files: Iterable[File]) -> None:
    """Delete what a failed export wrote, unless its manifest exists after all."""
    with suppress(DatasetError):
        named = files_of(place, scan)
        for file in files:
            if file.path not in named:
                place.remove(file.path)


def _by_place(records: Sequence[Any], first: int) -> dict[Place, list[tuple[int, Any]]]:
    """Records by account and region, with their positions counted from the first."""
    placed: dict[Place, list[tuple[int, Any]]] = defaultdict(list)
    for position, record in enumerate(records, first):
        placed[home_of(record)].append((position, record))
    return placed


def home_of(record: Any) -> Place:
    """Return the account and region that a record is filed under."""
    if isinstance(record, ContentMatch):
        return place_of(record.resource)
    if isinstance(record, ImageTest):
        return place_of(record.function) if record.function else NOWHERE
    account = getattr(record, "account", "")
    return Place(account, getattr(record, "region", "")) if account else NOWHERE


def folder_of(table: str, scan: str, place: Place) -> str:
    """Return the folder of a partition as in Hive, Spark and Athena; records without account or
    region have a folder of their own name."""
    account, region = (_UNFIT.sub("_", part) or "none" for part in place)
    return f"{table}/scan={scan}/account={account}/region={region}"


def _write(
    place: Dataset,
    table: Table,
    scan: str,
    home: Place,
    path: str,
    rows: Sequence[tuple[int, Any]],
) -> File:
    parquet = needed("pyarrow.parquet", "parquet", "a Parquet dataset")
    content = _arrow(table, scan, home, rows)
    content = content.replace_schema_metadata({**content.schema.metadata, WRITTEN_AS: path})
    with place.writing(path) as file:
        parquet.write_table(
            content, file, compression="zstd", write_page_checksum=True, row_group_size=_ROWS
        )
        size = file.tell()
    return File(table.name, path, len(rows), size)


def _arrow(table: Table, scan: str, home: Place, rows: Sequence[tuple[int, Any]]) -> Any:
    arrow = needed("pyarrow", "parquet", "a Parquet dataset")
    records = [record for _, record in rows]
    encode = msgspec.json.encode
    values: dict[str, list[Any]] = {
        **dict(zip((name for name, _, _ in FIRST), _same(len(rows), scan, *home), strict=True)),
        **{column.name: [column.of(record) for record in records] for column in table.columns},
        "position": [position for position, _ in rows],
        "record": [encode(record).decode() for record in records],
    }
    return arrow.Table.from_pydict(values, schema=schema(table))


def _same(count: int, *values: str) -> Iterator[list[str]]:
    return ([value] * count for value in values)


def schema(table: Table) -> Any:
    """Return the columns of a table for pyarrow, with the format's name in the metadata."""
    arrow = needed("pyarrow", "parquet", "a Parquet dataset")
    types = {
        TEXT: arrow.string(),
        TEXTS: arrow.list_(arrow.string()),
        NUMBER: arrow.int64(),
        TIME: arrow.timestamp("us", tz="UTC"),
    }
    columns = [
        *((name, type_) for name, type_, _ in FIRST),
        *((column.name, column.type) for column in table.columns),
        *((name, type_) for name, type_, _ in LAST),
    ]
    return arrow.schema(
        [(name, types[type_]) for name, type_ in columns], metadata={"jotgraph": FORMAT}
    )
