"""CPU seconds of queries that look at everything that runs: ``python -m benchmarks.queries``.

The varied estate of ``benchmarks.render``, of 20,000 resources unless told otherwise. Each query is
asked of a new graph, since what one asks is remembered for the next; the best of twelve.

``python -m benchmarks.queries 20000 FOLDER`` asks the working tree of another commit in turn, a
process each, so that both meet the same load: ``git worktree add FOLDER COMMIT`` makes one. Beside
the best of each stands the median of the twelve ratios.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.render import estate
from jotgraph.graph import ResourceGraph, build
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from jotgraph.queries.rescue import rescue
from jotgraph.queries.staleness import staleness
from jotgraph.records import Inventory

ROUNDS = 12
QUERIES: dict[str, Callable[[ResourceGraph], object]] = {
    "jots": jots,
    "staleness": staleness,
    "rescue": rescue,
    "orphans": orphans,
}


def cpu(query: Callable[[ResourceGraph], object], whole: Inventory) -> float:
    """Seconds of one query on a graph that was asked nothing before."""
    gc.collect()
    graph = build(whole)
    before = time.process_time()
    query(graph)
    return time.process_time() - before


class Tree:
    """A process that answers for one working tree: the name of a query in, its seconds out."""

    def __init__(self, folder: Path, size: int) -> None:
        command = [sys.executable, __file__, str(size), "-"]
        self.process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": str(folder)},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def cpu(self, name: str) -> float:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{name}\n")
        return float(self.process.stdout.readline())


def answer(size: int) -> None:
    """Time each query that is named on standard input."""
    whole = estate(size)
    for line in sys.stdin:
        print(cpu(QUERIES[line.strip()], whole), flush=True)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    if sys.argv[2:] == ["-"]:
        answer(size)
        return
    folders = [Path(__file__).parent.parent, *map(Path, sys.argv[2:3])]
    trees = [Tree(folder.resolve(), size) for folder in folders]
    for name in QUERIES:
        rounds = [[tree.cpu(name) for tree in trees] for _ in range(ROUNDS)]
        best = "".join(f"{min(seconds):7.3f} s" for seconds in zip(*rounds, strict=True))
        ratio = f"{median(pair[0] / pair[-1] for pair in rounds):7.2f} times" * (len(trees) > 1)
        print(f"{name:12}{best}{ratio}")


if __name__ == "__main__":
    main()
