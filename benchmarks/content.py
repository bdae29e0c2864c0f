"""Content evidence on a large history: the first image, each further one, and their floors.

Usage: ``python -m benchmarks.content [COMMITS]``. A repository is made by ``git fast-import``
(default: 66,000 commits of 3,000 files), and images are made of one of its directories at random
commits, with 2,000 foreign files each. Floors are measured in the same run, on the same bytes:
``git log --raw`` alone, and reading the tar alone. All in CPU
seconds, git's included, for the machine may be busy; the floor and what stands on it in turns.
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
from typing import NamedTuple, TypeVar

from jotgraph.content.engine import Archive, match_session, read_view
from jotgraph.content.history.index import open_index
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.content.match.match import combine, match_repository
from jotgraph.content.named import source_of
from jotgraph.records import ContentMatch, local_image_id

T = TypeVar("T")
FILES, IMAGES, FOREIGN = 3_000, 20, 2_000
ROUNDS = 6


def main(commits: int) -> None:
    with tempfile.TemporaryDirectory(prefix="jotgraph-bench-") as name:
        folder = Path(name)
        repository, trees = build(folder / "repository", commits)
        print(f"{commits:,} commits of {FILES:,} files; {IMAGES} images of 100 + {FOREIGN:,} files")
        (folder / "first.tar").write_bytes(saved(image(random.Random(0), trees)[0]))
        print(f"{'':46}{'floor':>10}{'takes':>10}")
        first_image(repository, folder)  # before much is in memory: a new process begins with it
        images = [image(random.Random(n), trees) for n in range(IMAGES)]
        layers_of(images)
        match_images(repository, folder / "cache", images)
        read_again(folder)


def told(label: str, floor: float | None, takes: float, unit: str = "ms") -> None:
    """A line of the table, in thousandths, or in MB."""
    factor = 1 if unit == "MB" else 1000
    beside = f"{floor * factor:7.0f} {unit}" if floor is not None else ""
    times = f"{takes / floor:8.2f} times" if floor else ""
    print(f"{label:46}{beside:>10}{takes * factor:7.0f} {unit}{times}", flush=True)


def first_image(repository: Path, folder: Path) -> None:
    """The index and the first image in a process of its own, beside ``git log --raw`` in one."""
    rounds: list[tuple[Used, Used]] = []
    for number in range(ROUNDS):
        log = f"import benchmarks.content as c; c.log_alone(c.Path({str(repository)!r}))"
        cache = folder / f"cold-{number}"
        rounds.append((used("-c", log), used(__file__, "first", repository, folder, cache)))
    logs, firsts = zip(*rounds, strict=True)
    floor = min(log.git for log in logs)
    told("index, built once and loaded", floor, min(first.index for first in firsts))
    told("  of it git", floor, min(first.git for first in firsts))
    told("index and first image", floor, min(first.index + first.match for first in firsts))
    memory = min(log.git_mb for log in logs)
    told("peak memory, beside that of git log", memory, min(first.mb for first in firsts), "MB")


class Used(NamedTuple):
    """What a process used, CPU seconds and MB, with its git apart."""

    index: float
    match: float
    git: float
    mb: float
    git_mb: float


def used(*command: object) -> Used:
    """What a command used, by what it printed last or, of one that printed nothing, its git's."""
    words = [sys.executable, "-c", MEASURED, *map(str, command)]
    root = Path(__file__).parent.parent
    out = subprocess.run(words, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Used(*json.loads(out.splitlines()[-1]))


MEASURED = """
import json, resource, runpy, sys
if sys.argv[1] == "-c":
    exec(sys.argv[2])
    index = match = 0.0
else:
    sys.argv[:] = sys.argv[1:]
    index, match = runpy.run_path(sys.argv[0])["first"](*sys.argv[2:])
own, git = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
mb = own.ru_maxrss / 1024, git.ru_maxrss / 1024
print(json.dumps([index, match, git.ru_utime + git.ru_stime, *mb]))
"""


def first(repository: str, folder: str, cache: str) -> tuple[float, float]:
    """CPU seconds of an index that is not there yet, and of the first image beside its layers."""
    start = cpu()
    with match_session([("bench", Path(repository))], Path(cache)) as (tools, gaps):
        assert not gaps
        indexed = cpu()
        data = (Path(folder) / "first.tar").read_bytes()
        resource_id = local_image_id(f"sha256:{0:064x}")
        seen = read_view(Archive(lambda: [data]), tools, "sha1")
        read = cpu()
        ((index, trees, since),) = tools.repositories
        match = match_repository(resource_id, seen, index, trees, since)
        combine(resource_id, seen, [match] if match else [])
    return indexed - start, cpu() - read


def cpu() -> float:
    """CPU seconds of this process and of those that it ran."""
    used = (resource.getrusage(scope) for scope in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def layers_of(images: list[tuple[bytes, str]]) -> None:
    tars = [timed(lambda data=data: tar_alone(data))[0] for data, _ in images]
    layers = [timed(lambda data=data: read_layer([data], None))[0] for data, _ in images]
    told("a layer to git's ids, beside its tar", median(tars), median(layers))


def match_images(repository: Path, cache: Path, images: list[tuple[bytes, str]]) -> None:
    open_index(repository, cache)
    told("index loaded (nothing new)", None, timed(lambda: open_index(repository, cache))[0])
    times: list[float] = []
    right, touching = 0, list[int]()
    with match_session([("bench", repository)], cache) as (tools, gaps):
        assert not gaps
        for number, (data, sha) in enumerate(images):
            resource_id = local_image_id(f"sha256:{number:064x}")
            view = read_view(Archive(lambda data=data: [saved(data)]), tools, "sha1")

            def match(view=view, resource_id=resource_id) -> ContentMatch:  # type: ignore[no-untyped-def]
                ((index, trees, since),) = tools.repositories
                match = match_repository(resource_id, view, index, trees, since)
                return combine(resource_id, view, [match] if match else [])[0]

            took, answer = timed(match)
            times.append(took)
            right += sha in answer.commits
            touching.append(len(answer.touched.commits) if answer.touched else -1)
    told("each further image beside its layers, median", 0.040, median(times[1:]))
    told("  the slowest of them", 0.040, max(times[1:]))
    print(f"commits since that touch it, per image {statistics.median(touching):17.0f} (median)")
    print(f"true commit in the answer              {right:17d} of {len(images)}")


def read_again(folder: Path) -> None:
    """An archive on disk: its layers are read once, and afterwards its list of members alone."""
    file = folder / "first.tar"

    def read() -> None:
        _, source = source_of(str(file), nobody, nobody)
        with match_session([], folder / "archives") as (tools, _):
            read_view(source() if callable(source) else source, tools, "sha1")

    def outer() -> None:
        tar_alone(file.read_bytes())

    def inner() -> None:
        with tarfile.open(file) as tar:
            layer = tar.extractfile(tar.getmembers()[0])
            assert layer is not None
            tar_alone(layer.read())

    told("an archive, read, beside its layer's tar", timed(inner)[0], timed(read)[0])
    again = min(timed(read)[0] for _ in range(ROUNDS))
    told("an archive, read again, beside its tar", min(timed(outer)[0] for _ in "123"), again)


def nobody(*_: object) -> None:
    raise AssertionError("neither the engine nor ECR was to be asked")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of some work, that of this process alone, and what it returned."""
    gc.collect()
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def median(seconds: list[float]) -> float:
    return statistics.median(seconds)


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
    digest = hashlib.sha256(data).hexdigest()
    config = {"rootfs": {"diff_ids": [f"sha256:{digest}"]}}
    manifest = [{"Config": "c.json", "Layers": [f"{digest}/layer.tar"]}]
    return tarred(
        {
            f"{digest}/layer.tar": data,
            "c.json": json.dumps(config).encode(),
            "manifest.json": json.dumps(manifest).encode(),
        }
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 66_000)
