"""Judges shards in parallel processes on this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from jotgraph.errors import EngineError
from jotgraph.gc_pause import collector_off
from jotgraph.links import Link
from jotgraph.records import Inventory
from jotgraph.scale.judging import Judged, Question, judge
from jotgraph.scale.shards import cut, shard
from jotgraph.scale.survey import Survey
from jotgraph.scale.units import Unit

_SHARDS_EACH = 4
"""Shards for each process: with fewer, more processes wait for the last one; with more, more is
read twice. They also bound the memory of a process."""


class _Work(NamedTuple):
    """The data of every process, which a forked process shares without a copy."""

    survey: Survey
    parts: Sequence[frozenset[Unit]]
    question: Question


_WORK: list[_Work] = []


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judge_on_processes(
    inventory: Inventory, question: Question, *, jobs: int = 0, links: Iterable[Link] = ()
) -> Iterator[Judged]:
    """Yield verdicts shard by shard, from ``jobs`` processes (by default one for each processor).
    Raises EngineError when the system ends one of them."""
    jobs = jobs or processors()
    with collector_off():
        survey = Survey(inventory, links)
        parts = cut(survey, jobs * _SHARDS_EACH)
    if not parts:
        return
    # elsewhere than on Linux a process that is forked may not use the system's frameworks
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    work = _Work(survey, parts, question)
    jobs = min(jobs, len(parts))
    try:
        with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(work,)) as pool:
            yield from pool.map(_judge, range(len(parts)))
    except BrokenProcessPool as error:
        raise EngineError(
            "a process that judged a part of the inventory was ended, most likely for want of "
            "memory; pass a smaller --jobs, or --engine single"
        ) from error


def begin() -> None:
    """Prepare a process for judging: its data is no garbage, and it leaves Ctrl-C and termination
    signals to its parent."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    gc.freeze()


def _begin(work: _Work) -> None:
    begin()
    _WORK[:] = [work]


def _judge(number: int) -> Judged:
    survey, parts, question = _WORK[0]
    with collector_off():
        return judge(shard(survey, parts[number]), question)
