"""Seconds to the first answer of a scan, and to the whole, paced as AWS paces.

    python -m benchmarks.first_answer [--functions 5000] [--images 10000] [--roles 1000]
                                      [--repositories 100]

The embedded AWS runs in a process of its own. Calls go out as ``jotgraph.clients.aws.RATES`` says:
15 a second to Lambda's control plane, 95 to GetFunction, so that most of each time is waiting for
quotas. The verdicts are of half a year later: images of today are too young for any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.scan import world
from jotgraph.clients import connect
from jotgraph.graph import build
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.sources import ScanOptions, collect


def judged(inventory: Inventory) -> Orphans:
    return orphans(build(inventory), now=inventory.taken_at + timedelta(days=180))


def measured(label: str, cache: Path, previous: Inventory | None) -> tuple[Inventory, bool]:
    """Print a scan's two answers; the inventory, and whether no orphan of the first is used in the
    end."""
    start, first_answers = time.perf_counter(), list[tuple[float, Orphans]]()

    def so_far(inventory: Inventory) -> None:
        if not first_answers:
            first_answers.append((time.perf_counter() - start, judged(inventory)))

    options = ScanOptions(env_key=b"benchmark", cache=cache)
    whole = collect(options, connect(use_docker=False), previous, so_far=so_far)
    seconds, final = time.perf_counter() - start, judged(whole)
    for name, after, answer in (
        *(("first answer", *first) for first in first_answers), ("whole", seconds, final),
    ):  # fmt: skip
        print(
            f"{label:20} {name:13} {after:6.1f} s  in use {len(answer.in_use):6,}  "
            f"orphans {len(answer.orphans):6,}  unknown {len(answer.unknown):6,}",
            flush=True,
        )
    used = {verdict.id for verdict in final.in_use}
    return whole, not any(
        verdict.id in used for _, first in first_answers for verdict in first.orphans
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, number in (("functions", 5000), ("images", 10000), ("roles", 1000)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--repositories", type=int, default=100)
    size = vars(parser.parse_args())
    print(size)
    with world(size), tempfile.TemporaryDirectory() as folder:
        before, safe = measured("for the first time", Path(folder), None)
        _, again = measured("the next day", Path(folder), before)
    print("no orphan of a first answer is used in the end:", "yes" if safe and again else "NO")
    return 0 if safe and again else 1


if __name__ == "__main__":
    sys.exit(main())
