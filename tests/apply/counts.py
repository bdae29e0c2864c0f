"""Prints at how many places a run of ``apply`` is disturbed: ``python -m tests.apply.counts``."""

from __future__ import annotations

from jotgraph.sandbox.server import Sandbox
from tests.apply.bench import Bench, made_bench
from tests.apply.runs import reachable
from tests.apply.test_everywhere import FAULTS, Flushes
from tests.apply.test_races import RACES, target_of


def main() -> None:
    with Sandbox() as aws:
        reachable(aws)
        with made_bench(aws) as bench:
            count(bench)


def count(bench: Bench) -> None:
    bench.start()
    with Flushes() as flushes:
        bench.apply()
    calls, lines = len(bench.names), sum(flushes.lines)
    print(f"{len(bench.plan.steps)} steps, {calls} calls, with backup")
    print(f"{2 * calls} kills before and after calls")
    print(f"{len(flushes.lines)} kills around flushes to the disk, {lines} more with a torn line")
    print(f"{calls * len(FAULTS)} single faults ({', '.join(FAULTS)} at every call)")
    print(f"{calls} runs in which nothing works any more from a call on")
    ends = (bench.gone_after[target_of(bench, row[1])] for row in RACES.values())
    print(f"{len(RACES)} races, at {sum(ends)} places")


if __name__ == "__main__":
    main()
