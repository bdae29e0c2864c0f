"""What a year of daily scans takes: ``python -m benchmarks.history [records] [days]``.

An estate as that of ``benchmarks.store`` with digests as random as real ones. Each day five in a
thousand records change: a fifth by deployments (a commit, an image, a version pushed in, with
aliases moved) and the rest by what moves by itself (pull times of images). Prints bytes beside
those of one scan in one file, and loading paired with that file: each round loads both, in a
process of its own, in turns; the medians are compared. The newest is read from its copy, the one
before it through its layers.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from typing import TypeVar

import msgspec

from benchmarks.store import world
from jotgraph.records import Commit, EcrImage, Inventory, Version
from jotgraph.store import Snapshots, load, save
from jotgraph.store.places import Folder

ROUNDS = 9
R = TypeVar("R", EcrImage, Version)
replace = msgspec.structs.replace


def estate(size: int, random: Random) -> Inventory:
    """The world of the other benchmark; its digests do not compress."""
    made = world(size)
    shas = [_hex(random, 40) for _ in made.commits]
    return replace(
        made,
        commits=tuple(
            replace(commit, sha=sha, parents=(parent,))
            for commit, sha, parent in zip(made.commits, shas, ["0" * 40, *shas], strict=False)
        ),
        ecr_images=_by_id(
            replace(image, digest=f"sha256:{_hex(random, 64)}") for image in made.ecr_images
        ),
        versions=_by_id(
            replace(version, code_sha256=_hex(random, 64)) for version in made.versions
        ),
    )


def next_day(before: Inventory, random: Random) -> Inventory:
    """The estate a day later."""
    at = before.taken_at + timedelta(days=1)
    changes = max(1, len(list(before.records())) * 5 // 1000)
    deployed = [_deployment(before, at, number, random) for number in range(changes // 5 // 3)]
    images = list(before.ecr_images)
    for place in random.sample(range(len(images)), changes * 4 // 5):
        moved = at - timedelta(seconds=random.randrange(86400))
        images[place] = replace(images[place], pulled_at=moved)
    commits, pushed, versions = zip(*deployed, strict=True) if deployed else ((), (), ())
    return replace(
        before,
        taken_at=at,
        commits=(*reversed(commits), *before.commits),
        ecr_images=_by_id((*images, *pushed)),
        versions=_by_id((*before.versions, *versions)),
    )


def _deployment(
    before: Inventory, at: datetime, number: int, random: Random
) -> tuple[Commit, EcrImage, Version]:
    digest = _hex(random, 64)
    image, version = random.choice(before.ecr_images), random.choice(before.versions)
    return (
        replace(before.commits[0], sha=_hex(random, 40), committed_at=at, subject=f"fix {number}"),
        replace(image, digest=f"sha256:{digest}", tags=(f"d{at:%j}-{number}",), pushed_at=at),
        replace(version, number=f"{at:%j}{number}", code_sha256=digest, last_modified=at),
    )


def _by_id(records: Iterable[R]) -> tuple[R, ...]:
    """As every source sorts what it reads."""
    return tuple(sorted(records, key=lambda record: record.id))


def _hex(random: Random, digits: int) -> str:
    return f"{random.getrandbits(4 * digits):0{digits}x}"


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 365
    random = Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        snapshots = Snapshots(Folder(folder / "snapshots"))
        today = estate(size, random)
        seconds = []
        for day in range(days):
            today = next_day(today, random) if day else today
            before = time.process_time()
            snapshots.remember(today, "prod")
            seconds.append(time.process_time() - before)
        single_file = folder / "one.jsonl.zst"
        save(today, single_file)
        stored = sum(f.stat().st_size for f in (folder / "snapshots").rglob("*") if f.is_file())
        single = single_file.stat().st_size
        print(
            f"{days} scans of {size:,} records: {stored / 1e6:.1f} MB, {stored / single:.2f} times "
            f"one scan ({single / 1e6:.1f} MB); storing one takes {median(seconds):.2f} s"
        )
        _paired(folder, single_file, f"prod#{days}", today)
        if days > 1:
            _paired(folder, single_file, f"prod#{days - 1}", None)


def _paired(folder: Path, single_file: Path, ref: str, whole: Inventory | None) -> None:
    place = int(ref.partition("#")[2]) - 1
    layers = len(Snapshots(Folder(folder / "snapshots")).of("prod")[place].manifest().layers)
    ratios, times = [], []
    for number in range(ROUNDS):
        turn = {"file": str(single_file), "shared": str(folder / "snapshots")}
        taken = {}
        for form in sorted(turn, reverse=bool(number % 2)):
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                taken[form] = process.submit(measured, turn[form], ref).result()
        times.append(taken)
        ratios.append(taken["shared"] / taken["file"])
    file, shared = (median(taken[form] for taken in times) for form in ("file", "shared"))
    equal = whole is None or Snapshots(Folder(folder / "snapshots")).load(ref) == whole
    print(
        f"loading {ref} of {layers} layers: {shared:.3f} s; the same in one file: {file:.3f} s; "
        f"{median(ratios):.2f} times as long ({ROUNDS} pairs)"
        f"{'' if whole is None else f'; equal: {equal}'}"
    )


def measured(path: str, ref: str) -> float:
    """CPU seconds to load a file, or a snapshot of a folder."""
    before = time.process_time()
    if Path(path).is_dir():
        Snapshots(Folder(Path(path))).load(ref)
    else:
        load(path)
    return time.process_time() - before


if __name__ == "__main__":
    main()
