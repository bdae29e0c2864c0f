"""Build images of generated histories, ask for their commits, and count what is right.

Usage: ``python -m benchmarks.recovery [BUILDS] [ENGINE]``: builds in process (default 2,000), and
by a real Docker engine of its own (default 0; needs root and dockerd, as ``tests/rig`` does). Ends
with 1 if any answer is a false PROOF or of a wrong commit.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.recovery.builds import Build, write_context
from benchmarks.recovery.histories import World, world
from benchmarks.recovery.judging import Outcome, archive, builds, judge
from benchmarks.recovery.table import table, total
from jotgraph.content.origins import of_engine
from tests.rig.live import Rig, open_rig

HISTORIES = 8
COMMITS = 150


def main(count: int, by_engine: int) -> int:
    with tempfile.TemporaryDirectory(prefix="jotgraph-bench-") as name:
        folder = Path(name)
        worlds = [world(folder / f"shop{seed}", seed, COMMITS) for seed in range(HISTORIES)]
        print(f"{HISTORIES} histories, {sum(len(w.synthetic.commits) for w in worlds):,} commits")
        outcomes = list(in_process(worlds, count, folder))
        print(f"\n{len(outcomes):,} builds in process\n\n{table(outcomes)}")
        if by_engine:
            real = list(by_real_engine(worlds, by_engine, folder))
            print(f"\n{len(real):,} builds by Docker\n\n{table(real)}")
            outcomes += real
    everything = total(outcomes)
    return 1 if everything.false_proof or everything.wrong else 0


def in_process(worlds: list[World], count: int, folder: Path) -> Iterator[Outcome]:
    for number, history in enumerate(worlds):
        share = count // len(worlds) + (number < count % len(worlds))
        for build in builds(history, share, random.Random(number)):
            yield judge(build, history, archive(build), folder / "cache")


def by_real_engine(worlds: list[World], count: int, folder: Path) -> Iterator[Outcome]:
    """Of the same builds as many as need no program in the image."""
    logs = folder / "logs"
    logs.mkdir()
    with open_rig(logs) as rig:
        for number, history in enumerate(worlds):
            share = count // len(worlds) + (number < count % len(worlds))
            chosen = builds(history, 4 * share, random.Random(100 + number))
            for build in [build for build in chosen if build.engine_can][:share]:
                yield _built(rig, build, history, folder)


def _built(rig: Rig, build: Build, history: World, folder: Path) -> Outcome:
    context = write_context(build, folder / "context")
    image = rig.build(context, buildkit=build.plan.builder != "classic")
    try:
        return judge(build, history, of_engine(rig.docker.api, image), folder / "cache")
    finally:
        rig.docker.api.remove_image(image, force=True)
        shutil.rmtree(context)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [2_000, 0][len(numbers) :])))
