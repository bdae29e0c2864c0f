"""Prints at how many places a run of ``apply`` is disturbed: ``python -m tests.apply.counts``."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import downloads
from tests.apply.bench import Bench
from tests.apply.conftest import fill, planned
from tests.apply.test_everywhere import FAULTS, Flushes
from tests.apply.test_races import RACES, target_of
from tests.apply.wire import MEMORY, Wire


def main() -> None:
    with Sandbox() as aws, TemporaryDirectory(dir=MEMORY) as home:
        os.environ.update(aws.environment(), XDG_STATE_HOME=home, XDG_CACHE_HOME=home)
        wire = Wire(aws)
        downloads._http = lambda proxy, ca_bundle: wire  # type: ignore[assignment]
        estate = fill(aws)
        bench = Bench(wire, planned("function:app"))
        bench.start()
        with Flushes() as flushes:
            bench.apply()
        calls, lines = len(bench.names), sum(flushes.lines)
        print(f"{len(bench.plan.steps)} steps, {calls} calls, with backup")
        print(f"{2 * calls} kills before and after calls")
        print(
            f"{len(flushes.lines)} kills around flushes to the disk, {lines} more with a torn line"
        )
        print(f"{calls * len(FAULTS)} single faults ({', '.join(FAULTS)} at every call)")
        print(f"{calls} runs in which nothing works any more from a call on")
        ends = (bench.gone_after[target_of(bench, estate, row[1])] for row in RACES.values())
        print(f"{len(RACES)} races, at {sum(ends)} places")


if __name__ == "__main__":
    main()
