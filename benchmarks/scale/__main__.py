"""One table of how time and memory grow: ``python -m benchmarks.scale [SIZES] [--engines E,E]
[--custodian PROGRAM] [--datasets FOLDER] [--results FILE] [--seconds N] [--trial]``.

Default: 1,000 to 1,000,000 resources in one process beside the plain floors; 1,000,000 on processes
and on Spark of this machine, of an inventory in memory; 1,000,000 and 10,000,000 by the files of a
dataset, on both, so that the whole is never in memory. A dataset is written once for all engines,
and kept for another run in a folder that ``--datasets`` names. ``--custodian`` names the command of
a Cloud Custodian that is installed (``pip install c7n``): it runs on the embedded AWS, beside a
scan of that. Seconds are by the clock, and of processors in brackets (on Spark the JVM's and its
workers' are not seen); ``x`` is the growth since the size before.

Each cell is a process of its own; one that fails, or takes longer than ``--seconds``, costs no
other. ``--results`` names a file that keeps every cell: another run prints what is there and
measures the rest. ``--trial`` runs every engine at small sizes, to see that all of it works. Which
cell is being measured stands on stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from benchmarks.scale.cells import CellError, Results, measured
from benchmarks.scale.custodian import PROGRAM

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
ENGINES = (
    "floors", "single", "processes", "spark", "processes-files", "spark-files", "custodian"
)  # fmt: skip
GIGABYTES: dict[str, float] = {
    "floors": 2.0,
    "single": 6.0,
    "processes": 3.5,
    "spark": 6.0,
    "processes-files": 1.2,
    "spark-files": 1.6,
    "custodian": 20.0,
}
"""What a million resources need, about."""
LEAST: dict[str, int] = {
    "processes": 100_000,
    "spark": 100_000,
    "processes-files": 1_000_000,
    "spark-files": 1_000_000,
}
"""The size below which an engine is not worth its beginning."""
MOST: dict[str, int] = {"floors": 1_000_000, "custodian": 10_000}
"""The size above which there is nothing to compare, or an emulator takes longer than anybody
waits."""
ALONE = frozenset({"floors", "custodian"})
"""Of another estate, or without verdicts; all other engines find the same."""
TRIAL = (1_000, 10_000)
HEADER = f"{'':15} {'resources':>10} {'step':>13} {'wall s':>9} {'(CPU s)':>10} {'x':>5} peak GB"
STEPS = (
    "verdicts", "link", "build", "stale", "render", "export", "read", "plan",
    "c7n images", "c7n functions", "c7n roles", "scan",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--custodian", default="", metavar="PROGRAM")
    parser.add_argument("--datasets", type=Path, metavar="FOLDER")
    parser.add_argument("--results", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=3600, help="for a cell, at most")
    parser.add_argument("--trial", action="store_true", help="every engine at small sizes")
    asked = parser.parse_args()
    if unknown := set(asked.engines.split(",")) - set(ENGINES):
        parser.error(f"no engine {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    if asked.trial and asked.sizes is SIZES:
        asked.sizes = TRIAL
    os.environ[PROGRAM] = asked.custodian
    with nullcontext(asked.datasets) if asked.datasets else tempfile.TemporaryDirectory() as folder:
        failed = _measure_all(asked, Path(folder))
    sys.exit(f"{failed} of the cells failed; the others stand" if failed else 0)


def _measure_all(asked: argparse.Namespace, folder: Path) -> int:
    """Print every cell as soon as it is known. Returns how many failed."""
    print(HEADER, flush=True)
    results, failed = Results(asked.results), 0
    known, verdicts = results.known(), dict[int, list[int]]()
    for engine in asked.engines.split(","):
        before: dict[str, float] = {}
        for size in asked.sizes:
            if (not asked.trial and size < LEAST.get(engine, 0)) or size > MOST.get(engine, size):
                continue
            cell = known.get((engine, size))
            if cell is None and (why := _left_out(engine, size, asked.custodian)):
                print(f"{engine:15} {size:10,} not run: {why}", flush=True)
                continue
            try:
                if cell is None:
                    _tell(f"{time.strftime('%H:%M:%S')} {engine} {size:,}")
                    cell = measured(engine, size, folder, asked.seconds)
                    results.add(cell)
            except CellError as error:
                print(f"{engine:15} {size:10,} failed: {error}", flush=True)
                failed += 1
                continue
            before = _print(cell, before)
            if engine not in ALONE and cell["found"] != verdicts.setdefault(size, cell["found"]):
                print(f"{engine:15} {size:10,} failed: the engines before it found other verdicts")
                failed += 1
    return failed


def _left_out(engine: str, size: int, custodian: str) -> str:
    """Why a cell is not measured; empty when it is."""
    if engine == "custodian" and not custodian:
        return "no --custodian PROGRAM was named"
    needed, free = GIGABYTES[engine] * size / 1e6, _free()
    if needed > free:
        return f"it needs about {needed:.0f} GB, and {free:.0f} are free"
    return ""


def _tell(line: str) -> None:
    """What is measured now, for who waits; the table is what is printed to stdout."""
    print(line, file=sys.stderr, flush=True)


def _free() -> float:
    with open("/proc/meminfo") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["MemAvailable"].split()[0]) / 1e6


def _print(cell: dict[str, Any], before: dict[str, float]) -> dict[str, float]:
    walls = {}
    for step in STEPS:
        if step not in cell["steps"]:
            continue
        wall, cpu = cell["steps"][step]
        walls[step] = cpu
        calls = cell.get("calls", {}).get(step)
        made = f"  {calls:,} calls" if calls else ""
        grown = f"{cpu / before[step]:5.1f}" if before.get(step) else f"{'':5}"
        print(
            f"{cell['engine']:15} {cell['size']:10,} {step:>13} {wall:9.3f} {f'({cpu:.3f})':>10} "
            f"{grown} {cell['peaks'][step]:7.2f}{made}",
            flush=True,
        )
    child = f", largest child {cell['child']:.2f}" if cell["child"] > 0.05 else ""
    verdicts = cell.get("found")
    judged = (
        "; in use, orphans, unknown: " + ", ".join(f"{n:,}" for n in verdicts) if verdicts else ""
    )
    print(f"{'':15} {'':10} peak {cell['peak']:.2f} GB{child}{judged}", flush=True)
    return walls


if __name__ == "__main__":
    main()
