"""Seconds to save and load a snapshot: ``python -m benchmarks.store [records]`` (1,000,000).

One commit in three records, with two times, a parent and a subject; the rest are ECR images and
versions. Prints CPU time, the file's size, the most memory that loading took, and whether what came
back is equal. Each file is loaded in a process of its own, as a command does.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from jotgraph.records import Commit, EcrImage, Inventory, Version
from jotgraph.store import load, save

START = datetime(2026, 1, 1, tzinfo=UTC)


def world(size: int) -> Inventory:
    third = size // 3
    return Inventory(
        taken_at=START,
        commits=tuple(
            Commit(
                sha=f"{n:040x}",
                parents=(f"{n - 1:040x}",),
                committed_at=START + timedelta(seconds=n),
                author="Ada",
                subject=f"change number {n}",
                repositories=("shop",),
            )
            for n in range(size - 2 * third)
        ),
        ecr_images=tuple(
            EcrImage(
                account="123456789012",
                region="eu-west-1",
                repository=f"team/app-{n % 100}",
                digest=f"sha256:{n:064x}",
                tags=(f"v{n}",),
                pushed_at=START,
                size=n,
            )
            for n in range(third)
        ),
        versions=tuple(
            Version(
                account="123456789012",
                region="eu-west-1",
                name=f"function-{n % 1000}",
                number=str(n),
                code_sha256=f"{n:064x}",
                role_arn="arn:aws:iam::123456789012:role/app",
                last_modified=START,
            )
            for n in range(third)
        ),
    )


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    made = world(size)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("w.jsonl", "w.jsonl.zst"):
            path = Path(folder) / name
            before = time.process_time()
            save(made, path)
            saved = time.process_time() - before
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                loaded, peak = process.submit(measured, path).result()
            print(
                f"{name:12} {size:,} records: save {saved:.2f} s, load {loaded:.2f} s in "
                f"{peak:.0f} MB, file {path.stat().st_size / 1e6:.1f} MB, "
                f"equal: {load(path) == made}"
            )


def measured(path: Path) -> tuple[float, float]:
    """CPU seconds to load, and this process's own peak in MB (rusage would have its parent's)."""
    before = time.process_time()
    load(path)
    taken = time.process_time() - before
    status = Path("/proc/self/status").read_text()
    return taken, int(status.partition("VmHWM:")[2].split()[0]) / 1000


if __name__ == "__main__":
    main()
