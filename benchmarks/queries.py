"""CPU seconds of queries that look at everything that runs: ``python -m benchmarks.queries``.

The varied estate of ``benchmarks.render``, of 20,000 resources unless told otherwise. Each query is
asked of a new graph, since what one asks is remembered for the next; the best of five.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from benchmarks.render import estate
from jotgraph.graph import ResourceGraph, build
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from jotgraph.queries.rescue import rescue
from jotgraph.queries.staleness import staleness
from jotgraph.records import Inventory

ROUNDS = 5
QUERIES: dict[str, Callable[[ResourceGraph], object]] = {
    "jots": jots,
    "staleness": staleness,
    "rescue": rescue,
    "orphans": orphans,
}


def cpu(query: Callable[[ResourceGraph], object], whole: Inventory) -> float:
    """Seconds of one query on a graph that was asked nothing before."""
    graph = build(whole)
    before = time.process_time()
    query(graph)
    return time.process_time() - before


def main() -> None:
    whole = estate(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    for name, query in QUERIES.items():
        print(f"{name:12} {min(cpu(query, whole) for _ in range(ROUNDS)):5.2f} s")


if __name__ == "__main__":
    main()
