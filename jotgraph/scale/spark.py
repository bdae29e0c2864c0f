"""Judges shards on Spark: rows go to the shards that need them, and are judged there by the same
Python code.

The driver makes the survey, which decides what goes where. Executors read the files themselves,
with pyarrow, so a bucket needs no Hadoop package; they need jotgraph and the dataset.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import msgspec

from jotgraph.analysis.usage.words import Counts
from jotgraph.errors import EngineError
from jotgraph.gc_pause import collector_off
from jotgraph.links import Link
from jotgraph.records import Commit, ContentMatch, Inventory, Record
from jotgraph.scale.dataset.manifest import DatasetManifest, File
from jotgraph.scale.dataset.places import dataset
from jotgraph.scale.dataset.reading import read_columns, record_type
from jotgraph.scale.extras import needed
from jotgraph.scale.judging import Judged, Question, judge
from jotgraph.scale.shards import Shard, contents, cut, holding, links_within
from jotgraph.scale.survey import Survey
from jotgraph.scale.units import ENGINE, Unit, unit_of

_ROWS_EACH = 50_000
"""The approximate number of rows in a shard: an executor holds one at a time."""
_TASKS_EACH = 4
"""The most tasks of a stage for each processor, because starting one takes long compared with a
small shard."""
_OURS = "jotgraph.errors."
_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
_ON_THIS_MACHINE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


class Routing(NamedTuple):
    """Which rows of a dataset each shard needs, and what it needs besides: everything that
    executors get."""

    location: str
    files: tuple[File, ...]
    shards: tuple[frozenset[Unit], ...]
    """What each shard judges."""
    of_units: dict[Unit, tuple[int, ...]]
    of_records: dict[str, tuple[int, ...]]
    """Shards that need a single record of a unit, by its id."""
    links: tuple[tuple[Link, ...], ...]
    """For each shard."""
    about: Inventory
    """The inventory without records: its time, scope, gaps and registries."""
    counts: Counts
    question: Question

    def wanting(self, record: Record | ContentMatch) -> Sequence[int]:
        """Return the shards that need a record; commits and content go where the engine is
        judged."""
        if isinstance(record, Commit | ContentMatch):
            return [at for at, judged in enumerate(self.shards) if ENGINE in judged]
        shards = self.of_units.get(unit_of(record), ())
        return (*shards, *self.of_records.get(record.id, ()))


def judge_on_spark(
    inventory: Inventory,
    question: Question,
    written: tuple[str, DatasetManifest],
    *,
    master: str = "",
    links: Iterable[Link] = (),
) -> Iterator[Judged]:
    """Yield verdicts shard by shard, on an inventory ``written`` as a dataset (location and
    manifest). Raises ExtraError without PySpark, and EngineError without Java or when Spark
    fails."""
    routing = routed(inventory, question, written, links)
    (answers,) = judge_all([routing], master)
    yield from answers


def routed(
    inventory: Inventory,
    question: Question,
    written: tuple[str, DatasetManifest],
    links: Iterable[Link] = (),
    count: int = 0,
) -> Routing:
    """Split an inventory and decide where the rows of its dataset go. The default ``count`` is such
    that each shard fits easily into memory."""
    location, manifest = written
    with collector_off():
        survey = Survey(inventory, links)
        size = sum(map(len, survey.records.values()))
        parts = cut(survey, count or max(size // _ROWS_EACH, 1))
        of_units: dict[Unit, list[int]] = defaultdict(list)
        of_records: dict[str, list[int]] = defaultdict(list)
        within = []
        for number, part in enumerate(parts):
            of_it = contents(survey, part)
            for unit in of_it.held:
                of_units[unit].append(number)
            for record in of_it.beside:
                of_records[record.id].append(number)
            within.append(links_within(survey.links, of_it.held))
    return Routing(
        location=location,
        files=tuple(file for file in manifest.files if file.table != "tests"),
        shards=tuple(parts),
        of_units={unit: tuple(numbers) for unit, numbers in of_units.items()},
        of_records={record: tuple(numbers) for record, numbers in of_records.items()},
        links=tuple(within),
        about=holding(inventory, (), ()),
        counts=survey.counts,
        question=question,
    )


def judge_all(routings: Sequence[Routing], master: str = "") -> list[list[Judged]]:
    """Return the verdicts on the shards of several inventories, computed by one job."""
    session = session_on(master)
    try:
        rows = _job(session, routings).collect()
    except Exception as error:
        raise EngineError(f"Spark could not judge the inventory: {told_of(error)}") from error
    answers: dict[tuple[int, int], Judged] = {
        (row.inventory, row.shard): pickle.loads(row.answer)  # what our own executors made
        for row in rows
    }
    return [
        [answers[at, number] for number in range(len(routing.shards))]
        for at, routing in enumerate(routings)
    ]


def _job(session: Any, routings: Sequence[Routing]) -> Any:
    """The job: files, their rows by shard, and the answer on each shard."""
    shards = sum(len(routing.shards) for routing in routings)
    files = [(at, n) for at, of_it in enumerate(routings) for n in range(len(of_it.files))]
    named = session.createDataFrame(files, "inventory int, file int")
    tasks = session.sparkContext.defaultParallelism * _TASKS_EACH
    rows = named.repartition(max(min(len(files), tasks), 1)).mapInArrow(
        _sorting(routings), "inventory int, shard int, table string, record string"
    )
    by_shard = rows.repartition(max(min(shards, tasks), 1), "inventory", "shard")
    return by_shard.groupBy("inventory", "shard").applyInArrow(
        _judging(routings), "inventory int, shard int, answer binary"
    )


def _sorting(routings: Sequence[Routing]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """A function that reads files, and yields each row once for each shard that needs it."""

    def sort(batches: Iterator[Any]) -> Iterator[Any]:
        arrow = needed("pyarrow", "spark", "the engine spark")
        for batch in batches:
            for row in batch.to_pylist():
                routing = routings[row["inventory"]]
                file = routing.files[row["file"]]
                shards, records = _sorted_rows(routing, file)
                yield arrow.RecordBatch.from_pydict(
                    {
                        "inventory": arrow.array([row["inventory"]] * len(shards), arrow.int32()),
                        "shard": arrow.array(shards, arrow.int32()),
                        "table": arrow.array([file.table] * len(shards), arrow.string()),
                        "record": arrow.array(records, arrow.string()),
                    }
                )

    return sort


def _sorted_rows(routing: Routing, file: File) -> tuple[list[int], list[str]]:
    decoder = msgspec.json.Decoder(record_type(file.table))
    texts = read_columns(dataset(routing.location), file, ["record"])["record"].to_pylist()
    shards: list[int] = []
    records: list[str] = []
    for text in texts:
        wanting = routing.wanting(decoder.decode(text))
        shards += wanting
        records += [text] * len(wanting)
    return shards, records


def _judging(routings: Sequence[Routing]) -> Callable[[Any], Any]:
    """A function that judges the rows of one shard."""

    def judged(rows: Any) -> Any:
        arrow = needed("pyarrow", "spark", "the engine spark")
        at, number = rows["inventory"][0].as_py(), rows["shard"][0].as_py()
        with collector_off():
            answer = judge(_shard(routings[at], number, rows), routings[at].question)
        return arrow.Table.from_pydict(
            {
                "inventory": arrow.array([at], arrow.int32()),
                "shard": arrow.array([number], arrow.int32()),
                "answer": arrow.array([pickle.dumps(answer)], arrow.binary()),
            }
        )

    return judged


def _shard(routing: Routing, number: int, rows: Any) -> Shard:
    records: list[Any] = []
    decoders = {table: msgspec.json.Decoder(record_type(table)) for table in set(_tables(rows))}
    for table, text in zip(_tables(rows), rows["record"].to_pylist(), strict=True):
        records.append(decoders[table].decode(text))
    content = tuple(record for record in records if isinstance(record, ContentMatch))
    others = (record for record in records if not isinstance(record, ContentMatch))
    return Shard(
        inventory=holding(routing.about, others, content),
        units=routing.shards[number],
        counts=routing.counts,
        links=routing.links[number],
    )


def _tables(rows: Any) -> list[str]:
    tables: list[str] = rows["table"].to_pylist()
    return tables


def session_on(master: str) -> Any:
    """Return the existing session or a new one, on this machine unless a master is named. Raises
    ExtraError without PySpark, and EngineError without Java."""
    sql = needed("pyspark.sql", "spark", "the engine spark")
    needed("pyarrow", "spark", "the engine spark")
    active = sql.SparkSession.getActiveSession()
    if active is not None:
        return active
    master = master or os.environ.get("SPARK_MASTER", "") or "local[*]"
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise EngineError("Spark needs Java 17 or later: sudo apt-get install default-jre-headless")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.master(master).appName("jotgraph")
    here = _ON_THIS_MACHINE if master.startswith("local") else {}
    for name, value in (_QUIET | here | {"spark.log.level": "ERROR"}).items():
        builder = builder.config(name, value)
    with tempfile.TemporaryFile() as log:
        try:
            with _stderr_in(log):
                return builder.getOrCreate()
        except Exception as error:
            log.seek(0)
            lines = log.read().decode("utf-8", "replace").splitlines()
            why = next((line for line in reversed(lines) if line.strip()), told_of(error))
            raise EngineError(f"Spark could not be started: {why.strip()}") from error


@contextmanager
def _stderr_in(log: IO[bytes]) -> Iterator[None]:
    """Redirect the errors of processes started meanwhile to a file: a JVM prints a banner on
    stderr."""
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def told_of(error: Exception) -> str:
    """Return the line of a failure with its cause: the last of an executor's Python traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    raised = [line for line in lines if line.startswith((_OURS, "pyarrow.", "OSError"))]
    line = (raised or lines or [type(error).__name__])[0 if not raised else -1]
    return line.partition(": ")[2] if line.startswith(_OURS) else line
