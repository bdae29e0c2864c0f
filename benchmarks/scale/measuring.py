"""One measurement, in a process of its own: ``python -m benchmarks.scale.measuring ENGINE SIZE
FOLDER``.

Prints a line of JSON: seconds of each step by the clock and of processors (children too), the peak
of this process and of its largest child, and what was found. Datasets are written below the folder,
by the first who needs one, and found there by all others.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.scale.custodian import measure
from benchmarks.scale.estate import about, estate, parts
from benchmarks.scale.floors import FLOORS
from jotgraph.graph import ResourceGraph, build
from jotgraph.links import Link, infer
from jotgraph.queries.orphans import orphans
from jotgraph.queries.staleness import staleness
from jotgraph.records import Inventory
from jotgraph.render.files.export import render
from jotgraph.scale.dataset.manifest import manifest_of, scans
from jotgraph.scale.dataset.places import Dataset, dataset
from jotgraph.scale.dataset.reading import load
from jotgraph.scale.dataset.writing import write_parts
from jotgraph.scale.engines import Where, verdicts
from jotgraph.scale.judging import Question
from jotgraph.scale.slim import Planned, plan_parts
from jotgraph.scale.tallies import Tally, tally_on_processes, tally_on_spark

T = TypeVar("T")
Told = dict[str, Any]


def timed(told: Told, step: str, work: Callable[[], T]) -> T:
    """Do something, and tell its seconds."""
    wall, cpu = time.perf_counter(), _cpu()
    result = work()
    told["steps"][step] = (time.perf_counter() - wall, _cpu() - cpu)
    told["peaks"][step] = _peak(resource.RUSAGE_SELF)
    return result


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1e6


def single(told: Told, size: int, _folder: Path) -> None:
    """Every step in this process: verdicts first, from the inventory to the answer, for they ask
    neither all rules nor for a digraph; then these, and what is asked of them."""
    whole = estate(size)
    judged = timed(told, "verdicts", lambda: orphans(build(whole)))
    told["found"] = [len(judged.in_use), len(judged.orphans), len(judged.unknown)]
    del judged
    links = timed(told, "link", lambda: list(infer(whole)))
    graph = timed(told, "build", partial(_digraph, whole, links))
    del links
    timed(told, "stale", lambda: staleness(graph))
    timed(told, "render", lambda: render(graph, ".svg"))


def _digraph(whole: Inventory, links: list[Link]) -> ResourceGraph:
    graph = build(whole, links)
    graph.number_of_edges()  # makes it
    return graph


def floors(told: Told, size: int, _folder: Path) -> None:
    whole = estate(size)
    for step, floor in FLOORS.items():
        timed(told, step, lambda floor=floor: floor(whole))  # type: ignore[misc] # a default


def processes(told: Told, size: int, _folder: Path) -> None:
    """The verdicts of links, graph and all."""
    whole = estate(size)
    judged = timed(told, "verdicts", lambda: verdicts(whole, Question(), Where("processes")))
    told["found"] = [len(judged.in_use), len(judged.orphans), len(judged.unknown)]


def spark(told: Told, size: int, folder: Path) -> None:
    """The same on Spark, of a dataset."""
    place = _written(told, size, folder)
    whole = timed(told, "read", lambda: load(place.location))
    where = Where("spark", written=place.location)
    judged = timed(told, "verdicts", lambda: verdicts(whole, Question(), where))
    told["found"] = [len(judged.in_use), len(judged.orphans), len(judged.unknown)]


def _by_files(told: Told, size: int, folder: Path, judge: Callable[[Planned], Tally]) -> None:
    """Judge a dataset by its files: the whole is never in memory."""
    place = _written(told, size, folder)
    manifest = manifest_of(place)
    planned = timed(told, "plan", lambda: plan_parts(place, manifest, Question()))
    told["shards"] = len(planned.parts)
    tally = timed(told, "verdicts", lambda: judge(planned))
    told["found"] = [tally.in_use, tally.orphans, tally.unknown]


def _written(told: Told, size: int, folder: Path) -> Dataset:
    """The dataset of an estate, written a place at a time unless it is there."""
    place = dataset(str(folder / str(size)))
    if not scans(place):
        timed(told, "export", lambda: write_parts(about(size), parts(size), place))
    return place


def processes_by_files(told: Told, size: int, folder: Path) -> None:
    _by_files(told, size, folder, lambda planned: tally_on_processes(planned, "verdicts/benchmark"))


def spark_by_files(told: Told, size: int, folder: Path) -> None:
    _by_files(told, size, folder, lambda planned: tally_on_spark(planned, "verdicts/benchmark"))


def custodian(told: Told, size: int, _folder: Path) -> None:
    """Cloud Custodian's answers to three of the questions, by calls: images without a tag, image
    functions, unused roles; and a scan of the same emulator with all verdicts."""
    measure(told, size, timed)


ENGINES = {
    "single": single,
    "floors": floors,
    "processes": processes,
    "spark": spark,
    "processes-files": processes_by_files,
    "spark-files": spark_by_files,
    "custodian": custodian,
}


def main() -> None:
    engine, size, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    told: Told = {"engine": engine, "size": size, "steps": {}, "peaks": {}}
    ENGINES[engine](told, size, folder)
    told["peak"], told["child"] = _peak(resource.RUSAGE_SELF), _peak(resource.RUSAGE_CHILDREN)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
