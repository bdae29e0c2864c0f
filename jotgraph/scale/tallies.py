"""Judges a dataset with few shards in memory at a time: each writes its verdicts to a file, and
returns their numbers."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from jotgraph.errors import DatasetError, EngineError
from jotgraph.records import KINDS, place_of
from jotgraph.scale.dataset.places import Dataset, dataset
from jotgraph.scale.extras import needed
from jotgraph.scale.judging import Judged
from jotgraph.scale.parts import Asked, DatasetPart, judge_part
from jotgraph.scale.processes import begin, processors
from jotgraph.scale.slim import Planned

FOLDER = "verdicts"
Numbered = tuple[int, DatasetPart]


class Tally(NamedTuple):
    """The number of verdicts of each kind, and the bytes that deleting the orphans frees."""

    in_use: int = 0
    orphans: int = 0
    unknown: int = 0
    ecr: int = 0
    """Bytes."""
    ecr_at_most: bool = False

    def plus(self, other: Tally) -> Tally:
        """Return the sum of both."""
        return Tally(
            self.in_use + other.in_use,
            self.orphans + other.orphans,
            self.unknown + other.unknown,
            self.ecr + other.ecr,
            self.ecr_at_most or other.ecr_at_most,
        )


class Into(NamedTuple):
    """The output of one run: files with a common prefix, below a folder of the dataset."""

    folder: str
    run: str


def tallied(asked: Asked, into: Into, numbered: Numbered) -> Tally:
    """Judge one shard, write its verdicts to a folder of the dataset, and count them."""
    number, part = numbered
    judged = judge_part(asked, part)
    _write(dataset(asked.location), f"{into.folder}/{into.run}-{number}.parquet", judged)
    return Tally(
        len(judged.in_use),
        len(judged.orphans),
        len(judged.unknown),
        judged.freed.ecr,
        judged.freed.ecr_at_most,
    )


def tally_on_processes(planned: Planned, folder: str, *, jobs: int = 0) -> Tally:
    """Judge the shards on the processors of this machine. Raises EngineError when the system ends a
    process, and DatasetError."""
    into = _begin(planned, folder)
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    jobs = min(jobs or processors(), len(planned.parts)) or 1
    try:
        with ProcessPoolExecutor(jobs, context, initializer=begin) as pool:
            work = partial(tallied, planned.asked, into)
            return _ended(planned, into, pool.map(work, enumerate(planned.parts)))
    except BrokenProcessPool as error:
        raise EngineError(
            "a process that judged a part of the dataset was ended, most likely for want of "
            "memory; pass a smaller --jobs"
        ) from error


def tally_on_spark(planned: Planned, folder: str, *, master: str = "") -> Tally:
    """Judge the shards on Spark, a task each. A task gets the files to read, so that no row moves
    between executors. Raises ExtraError and EngineError."""
    (tally,) = tally_all_on_spark([planned], folder, master=master)
    return tally


def tally_all_on_spark(
    plans: Sequence[Planned], folder: str, *, master: str = "", tasks: int = 0
) -> list[Tally]:
    """Judge the shards of several datasets by one job with this many tasks (by default one for each
    shard). Raises ExtraError and EngineError."""
    from jotgraph.scale.spark import session_on, told_of  # noqa: PLC0415 -- for Spark alone

    intos = [_begin(planned, folder) for planned in plans]
    numbered = [(at, part) for at, planned in enumerate(plans) for part in enumerate(planned.parts)]
    tallies: dict[int, list[Tally]] = defaultdict(list)
    if numbered:
        session = session_on(master)
        rows = [(pickle.dumps(part),) for part in numbered]
        judging = _judging([planned.asked for planned in plans], intos)
        try:
            frame = session.sparkContext.parallelize(rows, tasks or len(rows)).toDF("part binary")
            answers = frame.mapInArrow(judging, "tally binary").collect()
        except Exception as error:
            raise EngineError(f"Spark could not judge the dataset: {told_of(error)}") from error
        for answer in answers:
            at, tally = pickle.loads(answer.tally)  # what our own executors made
            tallies[at].append(tally)
    return [
        _ended(planned, into, tallies[at])
        for at, (planned, into) in enumerate(zip(plans, intos, strict=True))
    ]


def _judging(
    asked: Sequence[Asked], intos: Sequence[Into]
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    def judged(batches: Iterator[Any]) -> Iterator[Any]:
        arrow = needed("pyarrow", "spark", "the engine spark")
        for batch in batches:
            for row in batch.to_pylist():
                at, numbered = pickle.loads(row["part"])
                tally = pickle.dumps((at, tallied(asked[at], intos[at], numbered)))
                yield arrow.RecordBatch.from_pydict({"tally": arrow.array([tally], arrow.binary())})

    return judged


def _begin(planned: Planned, folder: str) -> Into:
    """Remove what an earlier run wrote, starting with the file that marks it as complete."""
    place = dataset(planned.asked.location)
    place.remove(f"{folder}.json")
    for name in place.names(folder):
        place.remove(f"{folder}/{name}")
    return Into(folder, uuid.uuid4().hex[:12])


def _ended(planned: Planned, into: Into, tallies: Iterable[Tally]) -> Tally:
    """The total, written last to mark the verdicts as complete. Raises DatasetError when verdicts
    of another run are beside them, or another run removed ours."""
    total = Tally()
    for tally in tallies:
        total = total.plus(tally)
    place = dataset(planned.asked.location)
    ours = {f"{into.run}-{number}.parquet" for number in range(len(planned.parts))}
    if set(place.names(into.folder)) != ours:
        for name in ours:
            place.remove(f"{into.folder}/{name}")
        raise DatasetError(
            f"{place.location}: another run writes verdicts to {into.folder} at the same time; "
            "when it has ended, run the command again"
        )
    with place.writing(f"{into.folder}.json") as file:
        file.write(msgspec.json.encode({**total._asdict(), "run": into.run}) + b"\n")
    return total


def _write(place: Dataset, path: str, judged: Judged) -> None:
    arrow = needed("pyarrow", "parquet", "a Parquet dataset")
    parquet = needed("pyarrow.parquet", "parquet", "a Parquet dataset")
    judgements = sorted(chain(*judged[:3]), key=lambda judgement: judgement.id)
    homes = [place_of(judgement.id) for judgement in judgements]
    text = arrow.string()
    content = arrow.table(
        {
            "id": arrow.array([judgement.id for judgement in judgements], text),
            "kind": arrow.array([KINDS[judgement.kind].word for judgement in judgements], text),
            "account": arrow.array([home.account for home in homes], text),
            "region": arrow.array([home.region for home in homes], text),
            "verdict": arrow.array([judgement.verdict.value for judgement in judgements], text),
            "because": arrow.array([judgement.because for judgement in judgements], text),
            "bytes": arrow.array([judgement.bytes for judgement in judgements], arrow.int64()),
            "judgement": arrow.array([_json(judgement) for judgement in judgements], text),
        }
    )
    with place.writing(path) as file:
        parquet.write_table(content, file, compression="zstd", write_page_checksum=True)


def _json(judgement: Any) -> str:
    return msgspec.json.encode(judgement).decode()
