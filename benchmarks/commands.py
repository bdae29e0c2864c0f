"""CPU seconds of whole commands on stored inventories: ``python -m benchmarks.commands``.

The estate of ``jotgraph demo``, and one of 9,600 resources (``benchmarks.links``, smaller). Best of
five runs each, start of Python and imports included, beside ``import networkx`` alone.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import links
from jotgraph.store import save

ROUNDS = 5


def cpu(*command: str) -> float:
    """User and system seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def best(*command: str) -> float:
    return min(cpu(sys.executable, *command) for _ in range(ROUNDS))


def main() -> None:
    links.COMMITS, links.LOCALS, links.FUNCTIONS = 3_000, 100, 200
    with tempfile.TemporaryDirectory() as folder:
        demo, large = f"{folder}/demo", Path(folder) / "large.jsonl.zst"
        cpu(sys.executable, "-m", "jotgraph", "demo", "--no-docker", "--dir", demo)
        save(links.world(5_000, 1_000), large)
        print(f"{'import networkx':32} {best('-c', 'import networkx'):5.2f} s")
        for source, name in ((f"{demo}/inventory.json", "checkout"), (str(large), "function-1")):
            for command in (["ls"], ["orphans"], ["why", name]):
                seconds = best("-m", "jotgraph", *command, "--from", source)
                print(f"{' '.join(command):20} {Path(source).name:>11} {seconds:5.2f} s")


if __name__ == "__main__":
    main()
