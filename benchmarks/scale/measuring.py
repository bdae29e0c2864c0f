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
from jotgraph.scale.engines import EngineChoice, verdicts
from jotgraph.scale.judging import Question
from jotgraph.scale.slim import Planned, plan_parts
from jotgraph.scale.tallies import Tally, tally_on_processes, tally_on_spark

T = TypeVar("T")
Cell = dict[str, Any]


def timed(cell: Cell, step: str, work: Callable[[], T]) -> T:
    """Do something, and tell its seconds."""
    wall, cpu = time.perf_counter(), _cpu()
    result = work()
    cell["steps"][step] = (time.perf_counter() - wall, _cpu() - cpu)
    cell["peaks"][step] = _peak(resource.RUSAGE_SELF)
    return result


def _cpu() -> float:
    used = [resource.getrusage(scope) for scope in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak(scope: int) -> float:
    return resource.getrusage(scope).ru_maxrss / 1e6


def single(cell: Cell, size: int, _folder: Path) -> None:
    """Every step in this process: verdicts first, from the inventory to the answer, for they ask
    neither all rules nor for a digraph; then these, and what is asked of them."""
    whole = estate(size)
    judged = timed(cell, "verdicts", lambda: orphans(build(whole)))
    cell["found"] = [len(judged.in_use), len(judged.orphans), len(judged.unknown)]
    del judged
    links = timed(cell, "link", lambda: list(infer(whole)))
    graph = timed(cell, "build", partial(_digraph, whole, links))
    del links
    timed(cell, "stale", lambda: staleness(graph))
    timed(cell, "render", lambda: render(graph, ".svg"))


def _digraph(whole: Inventory, links: list[Link]) -> ResourceGraph:
    graph = build(whole, links)
    graph.number_of_edges()  # makes it
    return graph


def floors(cell: Cell, size: int, _folder: Path) -> None:
    whole = estate(size)
    for step, floor in FLOORS.items():
        timed(cell, step, lambda floor=floor: floor(whole))  # type: ignore[misc] # a default


def processes(cell: Cell, size: int, _folder: Path) -> None:
    """The verdicts of links, graph and all."""
    whole = estate(size)
    judged = timed(cell, "verdicts", lambda: verdicts(whole, Question(), EngineChoice("processes")))
    cell["found"] = [len(judged.in_use), len(judged.orphans), len(judged.unknown)]


def spark(cell: Cell, size: int, folder: Path) -> None:
    """The same on Spark, of a dataset."""
    place = _written(cell, size, folder)
    whole = timed(cell, "read", lambda: load(place.location))
    where = EngineChoice("spark", written=place.location)
    judged = timed(cell, "verdicts", lambda: verdicts(whole, Question(), where))
    cell["found"] = [len(judged.in_use), len(judged.orphans), len(judged.unknown)]


def _by_files(cell: Cell, size: int, folder: Path, judge: Callable[[Planned], Tally]) -> None:
    """Judge a dataset by its files: the whole is never in memory."""
    place = _written(cell, size, folder)
    manifest = manifest_of(place)
    planned = timed(cell, "plan", lambda: plan_parts(place, manifest, Question()))
    cell["shards"] = len(planned.parts)
    tally = timed(cell, "verdicts", lambda: judge(planned))
    cell["found"] = [tally.in_use, tally.orphans, tally.unknown]


def _written(cell: Cell, size: int, folder: Path) -> Dataset:
    """The dataset of an estate, written a place at a time unless it is there."""
    place = dataset(str(folder / str(size)))
    if not scans(place):
        timed(cell, "export", lambda: write_parts(about(size), parts(size), place))
    return place


def processes_by_files(cell: Cell, size: int, folder: Path) -> None:
    _by_files(cell, size, folder, lambda planned: tally_on_processes(planned, "verdicts/benchmark"))


def spark_by_files(cell: Cell, size: int, folder: Path) -> None:
    _by_files(cell, size, folder, lambda planned: tally_on_spark(planned, "verdicts/benchmark"))


def custodian(cell: Cell, size: int, _folder: Path) -> None:
    """Cloud Custodian's answers to three of the questions, by calls: images without a tag, image
    functions, unused roles; and a scan of the same emulator with all verdicts."""
    measure(cell, size, timed)


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
    cell: Cell = {"engine": engine, "size": size, "steps": {}, "peaks": {}}
    ENGINES[engine](cell, size, folder)
    cell["peak"], cell["child"] = _peak(resource.RUSAGE_SELF), _peak(resource.RUSAGE_CHILDREN)
    print(json.dumps(cell))


if __name__ == "__main__":
    main()
