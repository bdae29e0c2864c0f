"""From a scan to a picture, step by step, as in a notebook: ``python examples/scan_to_picture.py
[INVENTORY [PICTURE]]``.

Without a stored inventory it scans: the git repository you are in, the Docker engine, and AWS with
your credentials (read only). ``jotgraph demo`` makes an inventory to try it on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import jotgraph


def main() -> None:
    stored = sys.argv[1] if len(sys.argv) > 1 else None
    target = Path(sys.argv[2] if len(sys.argv) > 2 else "graph.svg")

    # 1. read the world, or what was stored of it
    inventory = jotgraph.load(stored) if stored else jotgraph.scan(git=["."])
    for gap in inventory.gaps:
        print(f"not read: {gap.service} {gap.action} {gap.region} ({gap.reason})")

    # 2. one digraph of everything, each link with its evidence
    graph = jotgraph.build(inventory)
    print(f"{len(graph)} resources, {graph.number_of_edges()} links")

    # 3. what runs where
    for jot in jotgraph.jots(graph).jots:
        commits = jot.commit.commits
        print(f"{jot.function:20} {commits[0][:9] if commits else '?':9} {' '.join(jot.states)}")

    # 4. what nothing uses, and what only seems so
    judged = jotgraph.orphans(graph)
    for verdict in judged.orphans:
        print(f"orphan  {verdict.id}: {verdict.because}")
    for verdict in judged.unknown:
        print(f"unknown {verdict.id}: {verdict.doubts[0].statement}")
    print(f"deleting the orphans would free {judged.freed.ecr + judged.freed.local} bytes")

    # 5. what is out of date or broken
    for entry in jotgraph.staleness(graph).functions:
        for finding in entry.findings:
            print(f"{finding.word:8} {entry.id}: {finding.statement}")

    # 6. the picture
    jotgraph.draw(graph).save(target)
    print(f"drawn in {target}")


if __name__ == "__main__":
    main()
