"""Runs SQL on a dataset with DuckDB, which sees the tables of the dataset, and no file or
network."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from jotgraph.errors import DatasetError, OptionError, SnapshotError
from jotgraph.queries.answers.dataset import Selected
from jotgraph.scale.dataset.manifest import AGAIN, DatasetManifest, File, manifest_of, scans
from jotgraph.scale.dataset.places import Dataset
from jotgraph.scale.dataset.reading import named, opened
from jotgraph.scale.dataset.tables import TABLES
from jotgraph.scale.dataset.writing import schema
from jotgraph.scale.extras import needed

_SEALED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
"""Queries read nothing but the registered tables."""

_QUESTIONS = frozenset({"SELECT", "EXPLAIN", "MULTI"})
"""Types of read-only statements in DuckDB; the last is a PIVOT."""
_COMPOSING = ("query", "u&")
"""What a table can be named by without its name in the text: DuckDB's ``query_table`` and
``query``, and identifiers with escapes."""
_OF_A_FILE = re.compile(r"reading the stream registered as '(\w+)' failed: (.*)")
"""DuckDB's message about a file that could not be read: the table, and the reason."""
_WORKERS = 8
_NOTHING = "the statement selects nothing; write one that begins with select"

SCANS, GAPS, COVERAGE, GIT = "scans", "gaps", "coverage", "git"
BESIDE: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    SCANS: (
        "The scans: one, or all with `--every-scan`.",
        (
            ("scan", "which scan"),
            ("taken_at", "when it was made"),
            ("program", "version of jotgraph that wrote it"),
            ("window_days", "days of invocations that were read; 0 for none"),
        ),
    ),
    GAPS: (
        "What could not be read, or was not asked for.",
        (
            ("scan", "which scan"),
            ("account", "where; empty for everywhere"),
            ("region", "where; empty for everywhere"),
            ("service", "`lambda`, `ecr`, `iam`…"),
            ("action", "the call that failed, or was left out"),
            ("resource", "the one resource that it is about; empty for all of a place"),
            ("reason", "`denied`, `throttled`, `left-out`…"),
            ("detail", "one sentence, with what to do"),
        ),
    ),
    COVERAGE: (
        "Which services that can run images were read, by place.",
        (
            ("scan", "which scan"),
            ("account", "where"),
            ("region", "where"),
            ("service", "`lambda`, `ecs`, `batch`…"),
            ("state", "`read`, `empty`, `absent`, `denied`, `failed`, `left-out`"),
            ("because", "why it was not read whole"),
        ),
    ),
    GIT: (
        "The git repositories read.",
        (
            ("scan", "which scan"),
            ("key", "its short name"),
            ("path", "where it was read"),
            ("head", "SHA of HEAD"),
            ("head_ref", "`refs/heads/main`"),
            ("dirty", "whether tracked files differ from HEAD"),
        ),
    ),
}
"""Tables that are not files: their content and columns."""


_STOP_EVERY = 0.05
"""Seconds between two interruptions: one that falls between two queries stops neither."""


def ask(
    location: str,
    question: str,
    *,
    limit: int = 0,
    every_scan: bool = False,
    timeout: float | None = None,
) -> Selected:
    """Run a query on the newest scan of a dataset, on the one in the location, or on every scan.
    Raises OptionError for invalid SQL, SnapshotError for an incomplete dataset, and DatasetError
    after ``timeout`` seconds."""
    duckdb = needed("duckdb", "sql", "jotgraph sql")
    place, scan = named(location)
    every = scans(place) if every_scan else [scan]
    manifests = [manifest_of(place, name) for name in every] or [manifest_of(place)]
    _require_what_was_written(place, manifests, question)
    with duckdb.connect(":memory:", config=_SEALED) as connection:
        connection.execute("set timezone = 'UTC'")
        _register(connection, place, manifests)
        connection.execute("set lock_configuration = true")
        try:
            with _stopped_after(connection, timeout):
                columns, rows, left = _answer(connection, question, limit)
        except duckdb.InterruptException as error:
            raise DatasetError(
                f"no answer within {timeout:g} s (--timeout); select less, or allow more seconds"
            ) from error
        except duckdb.Error as error:
            if of_a_file := _OF_A_FILE.search(_said(error)):
                what = "{}: a file of {} cannot be read: {}".format(
                    place.location, *of_a_file.groups()
                )
                raise SnapshotError(f"{what}; {AGAIN}") from error
            raise OptionError(f"DuckDB refuses the statement: {_said(error)}") from error
    return Selected(
        scan=", ".join(manifest.scan for manifest in manifests),
        columns=columns,
        rows=tuple(tuple(map(_plain, row)) for row in rows),
        left_out=left,
    )


def _answer(
    connection: Any, question: str, limit: int
) -> tuple[tuple[str, ...], list[tuple[Any, ...]], int]:
    """The columns and rows of an answer, and the number of rows left out. Raises OptionError for a
    statement that is no query."""
    _require_one_question(connection.extract_statements(question))
    relation = connection.sql(question)
    if relation is None:
        raise OptionError(_NOTHING)
    rows = relation.limit(limit + 1).fetchall() if limit else relation.fetchall()
    left = 0
    if limit and len(rows) > limit:
        rows, left = rows[:limit], relation.aggregate("count(*)").fetchall()[0][0] - limit
    return tuple(relation.columns), rows, left


@contextmanager
def _stopped_after(connection: Any, timeout: float | None) -> Iterator[None]:
    """Interrupt the connection's query once the time is over; None for no limit."""
    if timeout is None:
        yield
        return
    done = threading.Event()

    def stop() -> None:
        again = timeout
        while not done.wait(again):
            connection.interrupt()
            again = _STOP_EVERY

    watch = threading.Thread(target=stop, daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _require_what_was_written(
    place: Dataset, manifests: Iterable[DatasetManifest], question: str
) -> None:
    """Check the files of the tables in a query, because DuckDB accepts any file with the right
    columns. Raises SnapshotError for a replaced file, and DatasetError."""
    words = question.lower()
    composed = any(name in words for name in _COMPOSING)
    asked = {table.name for table in TABLES if composed or table.name in words}
    files = [file for manifest in manifests for file in manifest.files if file.table in asked]

    def look(file: File) -> None:
        with opened(place, file):
            pass

    with ThreadPoolExecutor(_WORKERS) as workers:
        for _ in workers.map(look, files):
            pass


def _require_one_question(statements: Sequence[Any]) -> None:
    """Raise OptionError for statements that change something, and for several statements: a table
    created by the first could replace the scan's."""
    if len(statements) > 1:
        raise OptionError(f"these are {len(statements)} statements, and one is answered at a time")
    if not statements or statements[0].type.name not in _QUESTIONS:
        raise OptionError(_NOTHING)


def _said(error: Exception) -> str:
    """The first paragraph of DuckDB's message: the rest repeats the statement."""
    return " ".join(str(error).split("\n\n")[0].split())


def _plain(value: Any) -> Any:
    """A value as in JSON; decimals, intervals and the like as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _register(connection: Any, place: Dataset, manifests: Iterable[DatasetManifest]) -> None:
    arrow = needed("pyarrow", "sql", "jotgraph sql")
    dataset = needed("pyarrow.dataset", "sql", "jotgraph sql")
    manifests = list(manifests)
    checking = dataset.ParquetFileFormat(
        default_fragment_scan_options=dataset.ParquetFragmentScanOptions(
            page_checksum_verification=True
        )
    )
    for table in TABLES:
        paths = [
            place.path(file.path)
            for manifest in manifests
            for file in manifest.files
            if file.table == table.name
        ]
        files = (
            dataset.dataset(paths, schema(table), format=checking, filesystem=place.files)
            if paths
            else schema(table).empty_table()
        )
        connection.register(table.name, files)
    for name, (_, columns) in BESIDE.items():
        rows = [row for manifest in manifests for row in _beside(name, manifest)]
        made = {column: [row[at] for row in rows] for at, (column, _) in enumerate(columns)}
        connection.register(name, arrow.table(made, schema=_types(arrow, name)))


def _types(arrow: Any, name: str) -> Any:
    types = {
        "taken_at": arrow.timestamp("us", tz="UTC"),
        "window_days": arrow.int64(),
        "dirty": arrow.bool_(),
    }
    return arrow.schema(
        [(column, types.get(column, arrow.string())) for column, _ in BESIDE[name][1]]
    )


def _beside(name: str, manifest: DatasetManifest) -> list[tuple[Any, ...]]:
    scan = manifest.scan
    match name:
        case "scans":
            days = manifest.scope.window_days
            return [(scan, manifest.taken_at, manifest.program, days)]
        case "gaps":
            return [
                (
                    scan,
                    gap.account,
                    gap.region,
                    gap.service,
                    gap.action,
                    gap.resource,
                    gap.reason,
                    gap.detail,
                )
                for gap in manifest.gaps
            ]
        case "coverage":
            return [
                (scan, entry.account, entry.region, entry.service, entry.state.value, entry.because)
                for entry in manifest.scope.coverage
            ]
        case _:
            return [
                (
                    scan,
                    repository.key,
                    repository.path,
                    repository.head,
                    repository.head_ref,
                    repository.dirty,
                )
                for repository in manifest.git
            ]
