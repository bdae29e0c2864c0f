"""Content evidence on a large history: the first image, each further one, and their floors.

Usage: ``python benchmarks/content.py [COMMITS]``. A repository is made by ``git fast-import``
(default: 66,000 commits of 3,000 files), and images are made of one of its directories at random
commits, with 2,000 foreign files each. Floors are measured in the same run, on the same bytes:
``git log --raw`` alone, and reading the tar alone.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import random
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from jotgraph.content.engine import Archive, match_session, read_view
from jotgraph.content.history.index import open_index
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.content.match.match import combine, match_repository
from jotgraph.content.named import source_of
from jotgraph.records import ContentMatch, local_image_id

T = TypeVar("T")
FILES, IMAGES, FOREIGN = 3_000, 20, 2_000


def main(commits: int) -> None:
    with tempfile.TemporaryDirectory(prefix="jotgraph-bench-") as name:
        folder = Path(name)
        repository, trees = build(folder / "repository", commits)
        print(f"{commits:,} commits of {FILES:,} files; {IMAGES} images of 100 + {FOREIGN:,} files")
        floor, _ = timed(lambda: log_alone(repository))
        print(f"floor: git log --raw alone                  {floor * 1000:9.0f} ms")
        cold, index = timed(lambda: open_index(repository, folder / "cache"))
        index.database.close()
        print(f"index built and loaded (cold)               {cold * 1000:9.0f} ms "
              f"{cold / floor:5.1f} x floor")  # fmt: skip
        warm, index = timed(lambda: open_index(repository, folder / "cache"))
        index.database.close()
        print(f"index loaded (nothing new)                  {warm * 1000:9.0f} ms")
        images = [image(random.Random(n), trees) for n in range(IMAGES)]
        tars, layers = [], []
        for data, _ in images:
            tars.append(timed(lambda data=data: tar_alone(data))[0])
            layers.append(timed(lambda data=data: read_layer([data], None))[0])
        print(f"floor: reading an image's tar alone         {median(tars):9.1f} ms")
        print(f"layer to git ids                            {median(layers):9.1f} ms "
              f"{median(layers) / median(tars):5.1f} x floor")  # fmt: skip
        match_images(repository, folder / "cache", images)
        read_again(folder, images[0][0])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory of this process                 {peak:9.0f} MB")


def match_images(repository: Path, cache: Path, images: list[tuple[bytes, str]]) -> None:
    times: list[float] = []
    processor: list[float] = []
    right, touching = 0, list[int]()
    with match_session([("bench", repository)], cache) as (tools, gaps):
        assert not gaps
        for number, (data, sha) in enumerate(images):
            resource_id = local_image_id(f"sha256:{number:064x}")
            view = read_view(Archive(lambda data=data: [saved(data)]), tools, "sha1")

            def match(view=view, resource_id=resource_id) -> ContentMatch:  # type: ignore[no-untyped-def]
                ((index, trees, since),) = tools.repositories
                before = time.process_time()
                found = match_repository(resource_id, view, index, trees, since)
                processor.append(time.process_time() - before)
                return combine(resource_id, view, [found] if found else [])[0]

            took, answer = timed(match)
            times.append(took)
            right += sha in answer.commits
            touching.append(len(answer.touched.commits) if answer.touched else -1)
    print(f"first image beside its layers               {times[0] * 1000:9.1f} ms")
    print(f"each further image beside its layers        {median(times[1:]):9.1f} ms (median of "
          f"{len(times) - 1}, worst {max(times[1:]) * 1000:.1f})")  # fmt: skip
    print(f"  processor time of it, without git's       {median(processor[1:]):9.1f} ms")
    print(
        f"commits since that touch it, per image      {statistics.median(touching):9.0f} (median)"
    )
    print(f"true commit in the answer                   {right:6d} of {len(images)}")


def read_again(folder: Path, data: bytes) -> None:
    """An archive on disk: its layers are read once, and afterwards its list of members alone."""
    file = folder / "image.tar"
    file.write_bytes(saved(data))

    def read() -> None:
        _, source = source_of(str(file), nobody, nobody)
        with match_session([], folder / "archives") as (tools, _):
            read_view(source() if callable(source) else source, tools, "sha1")

    def listed() -> None:
        with tarfile.open(file) as tar:
            tar.getmembers()

    for name, work in (("read", read), ("read again", read), ("its tar listed", listed)):
        print(f"an archive, {name:32}{timed(work)[0] * 1000:9.1f} ms")


def nobody(*_: object) -> None:
    raise AssertionError("neither the engine nor ECR was to be asked")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    gc.collect()
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def median(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


def log_alone(repository: Path) -> None:
    words = "git log --raw -z --no-abbrev --no-renames --diff-merges=first-parent --topo-order"
    with Path("/dev/null").open("wb") as nowhere:
        subprocess.run(
            [*words.split(), "--format=%H %P"], cwd=repository, stdout=nowhere, check=True
        )


def tar_alone(data: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as tar:
        for member in tar:
            if (content := tar.extractfile(member)) is not None:
                content.read()


Trees = list[tuple[str, dict[str, bytes]]]


def build(path: Path, commits: int) -> tuple[Path, Trees]:
    """Make the repository; return it with (sha, files of ``src/d07``) of some of its commits."""
    subprocess.run(["git", "init", "-q", "--initial-branch=main", str(path)], check=True)
    marks = path / ".git" / "marks"
    importer = subprocess.Popen(
        ["git", "-C", str(path), "fast-import", "--quiet", f"--export-marks={marks}"],
        stdin=subprocess.PIPE,
    )
    assert importer.stdin is not None
    kept: list[tuple[int, dict[str, bytes]]] = []
    for mark, piece, tree in history(commits):
        importer.stdin.write(piece)
        if mark % max(commits // 200, 1) == 0:
            kept.append((mark, dict(tree)))
    importer.stdin.close()
    assert importer.wait() == 0
    shas = dict(line.split() for line in marks.read_text().splitlines())
    return path, [(shas[f":{mark}"], tree) for mark, tree in kept]


def history(commits: int) -> Iterator[tuple[int, bytes, dict[str, bytes]]]:
    rng = random.Random(1)
    names = [f"src/d{n % 30:02d}/m{n}.py" for n in range(FILES)]
    shown: dict[str, bytes] = {}
    previous = side = 0
    for mark in range(1, commits + 1):
        changed = names if mark == 1 else rng.sample(names, rng.randint(1, 6))
        lines = [b"commit refs/heads/main\nmark :%d\n" % mark]
        lines.append(b"committer A <a@example.com> %d +0000\n" % (1_500_000_000 + mark * 600))
        lines.append(b"data 1\nx\n")
        if mark > 1:
            lines.append(b"from :%d\n" % previous)
        if side and mark % 10 == 0:
            lines.append(b"merge :%d\n" % side)
            side = 0
        for name in changed:
            data = b"value = %d\n" % rng.randrange(10**12) * 4
            lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
            if name.startswith("src/d07/"):
                shown[name] = data
        yield mark, b"".join(lines), shown
        previous, side = mark, side or (mark if mark % 10 == 3 else 0)


def image(rng: random.Random, trees: Trees) -> tuple[bytes, str]:
    """A layer of ``src/d07`` at one commit and of foreign files, and the commit."""
    sha, tree = rng.choice(trees)
    files = {f"var/task/{name[8:]}": data for name, data in tree.items()}
    files |= {f"opt/python/p{n}.py": rng.randbytes(rng.randint(200, 9_000)) for n in range(FOREIGN)}
    return tarred(files), sha


def tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def saved(data: bytes) -> bytes:
    """What ``docker save`` makes of one layer."""
    config = {"rootfs": {"diff_ids": [f"sha256:{hashlib.sha256(data).hexdigest()}"]}}
    manifest = [{"Config": "c.json", "Layers": ["l/layer.tar"]}]
    return tarred(
        {
            "l/layer.tar": data,
            "c.json": json.dumps(config).encode(),
            "manifest.json": json.dumps(manifest).encode(),
        }
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 66_000)
