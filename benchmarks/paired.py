"""Every step beside the same step of an older working tree: ``python -m benchmarks.paired FOLDER``.

``git worktree add FOLDER COMMIT`` makes the other tree. Each step is done by both in turn, so that
both meet the same load, in a process for each tree that goes on from step to step; the table has
the best of the rounds, in CPU seconds (user and system, of children too) and by the clock, and the
median of the ratios of CPU seconds. Each tree makes its estates by its own code; of what both know
they hold the same. Both are compiled, as an installed package is: by the first round, which is the
slowest, in a folder of this run.

    python -m benchmarks.paired FOLDER [--images 100000] [--resources 20000] [--functions 1000]
                                       [--rounds 5] [--alone] [STEP ...]

``--alone`` gives each run a process of its own, one at a time, and prints how many MB it held at
most before the step, with what the step works on, and at its end: for estates that fill a machine.

``link`` lists every link, ``build`` makes the NetworkX digraph of them, and ``verdicts`` goes from
an inventory to the verdicts, links and all. ``ls``, ``stale``, ``rescue`` and ``orphans`` are asked
of a graph that is there; ``ls whole`` and ``stale whole`` go from an inventory to the answer.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

FULL, FLAT = "startup scan link build verdicts", "ls stale rescue orphans"
STEPS = (*FULL.split(), *FLAT.split(), "ls-whole", "stale-whole", "render")


class Cost(NamedTuple):
    """What one run of a step took."""

    cpu: float
    wall: float
    before: float
    """MB that the process held at most before."""
    peak: float


def cost(work: Callable[[], object]) -> Cost:
    """Do something, and say what it took, children included."""
    gc.collect()
    before, cpu, wall = _peak(), _cpu(), time.perf_counter()
    work()
    return Cost(_cpu() - cpu, time.perf_counter() - wall, before, _peak())


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _cpu() -> float:
    used = [resource.getrusage(scope) for scope in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


class Steps:
    """The steps, by the code of the working tree that this process imports from."""

    def __init__(self, sizes: dict[str, int], resources: ExitStack) -> None:
        self._sizes = sizes
        self._resources = resources
        self._made: dict[str, Any] = {}

    def run(self, step: str) -> Cost:
        """One run of a step. What it works on is made before, and once."""
        match step:
            case "startup":
                return cost(lambda: _jotgraph("--help"))
            case "scan":
                return self._scan()
            case "link" | "build" | "verdicts":
                return self._of_images(step)
            case "render":
                return self._render()
        return self._query(step)

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _scan(self) -> Cost:
        from benchmarks import scan  # noqa: PLC0415 -- of the tree that is measured

        count = self._sizes["functions"]
        size = {
            "functions": count, "images": 2 * count, "roles": count // 5,
            "repositories": max(count // 50, 20),
        }  # fmt: skip
        self._once("world", lambda: self._resources.enter_context(scan.world(size)))
        with tempfile.TemporaryDirectory() as folder:
            return cost(lambda: scan.scan(Path(folder), quick=False))

    def _of_images(self, step: str) -> Cost:
        from benchmarks.verdicts import estate  # noqa: PLC0415 -- as above
        from jotgraph.graph import build  # noqa: PLC0415 -- as above
        from jotgraph.links import infer  # noqa: PLC0415 -- as above
        from jotgraph.queries.orphans import orphans  # noqa: PLC0415 -- as above

        whole = self._once("images", lambda: estate(self._sizes["images"]))
        if step == "link":
            return cost(lambda: list(infer(whole)))
        if step == "build":
            links = list(infer(whole))
            return cost(lambda: build(whole, links).number_of_edges())
        return cost(lambda: orphans(build(whole)))

    def _query(self, step: str) -> Cost:
        from jotgraph.graph import build  # noqa: PLC0415 -- as above
        from jotgraph.queries.jots import jots  # noqa: PLC0415 -- as above
        from jotgraph.queries.orphans import orphans  # noqa: PLC0415 -- as above
        from jotgraph.queries.rescue import rescue  # noqa: PLC0415 -- as above
        from jotgraph.queries.staleness import staleness  # noqa: PLC0415 -- as above

        query: Callable[[Any], object] = {
            "ls": jots, "stale": staleness, "rescue": rescue, "orphans": orphans
        }[step.partition("-")[0]]  # fmt: skip
        whole = self._estate()
        if step.endswith("-whole"):
            return cost(lambda: query(build(whole)))
        graph = build(whole)
        graph.number_of_edges()  # makes what is made when first asked for
        return cost(lambda: query(graph))

    def _estate(self) -> Any:
        from benchmarks.render import estate  # noqa: PLC0415 -- as above

        return self._once("estate", lambda: estate(self._sizes["resources"]))

    def _render(self) -> Cost:
        from jotgraph.store import save  # noqa: PLC0415 -- as above

        def stored() -> str:
            folder = self._resources.enter_context(tempfile.TemporaryDirectory())
            save(self._estate(), Path(folder) / "estate.jsonl.zst")
            return folder

        folder = self._once("stored", stored)
        picture, source = f"{folder}/estate.svg", f"{folder}/estate.jsonl.zst"
        return cost(lambda: _jotgraph("render", "-o", picture, "--from", source))


def _jotgraph(*arguments: str) -> None:
    command = [sys.executable, "-m", "jotgraph", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def answer(sizes: dict[str, int]) -> None:
    """Run each step that is named on standard input, and print what it took."""
    with ExitStack() as resources:
        steps = Steps(sizes, resources)
        for line in sys.stdin:
            print(*steps.run(line.strip()), flush=True)


class Tree:
    """A process that runs steps by the code of one working tree."""

    def __init__(self, folder: Path, sizes: dict[str, int]) -> None:
        options = [f"--{name}={size}" for name, size in sizes.items()]
        self.process = subprocess.Popen(
            [sys.executable, __file__, "-", *options],
            env=os.environ | {"PYTHONPATH": str(folder)},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def run(self, step: str) -> Cost:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{step}\n")
        return Cost(*map(float, self.process.stdout.readline().split()))


@contextmanager
def trees(folders: list[Path], sizes: dict[str, int]) -> Iterator[list[Tree]]:
    started = [Tree(folder.resolve(), sizes) for folder in folders]
    try:
        yield started
    finally:
        for tree in started:
            assert tree.process.stdin
            tree.process.stdin.close()
            tree.process.wait()


def table(folders: list[Path], sizes: dict[str, int], steps: list[str], rounds: int) -> None:
    """Print a line for each step: then, today, and today beside then."""
    print(f"{'':12} {'then: CPU s':>12} {'wall s':>8} {'today: CPU s':>13} {'wall s':>8} {'x':>6}")
    with trees(folders, sizes) as (then, today):
        for step in steps:
            _print(step, [(then.run(step), today.run(step)) for _ in range(rounds)])


def table_alone(folders: list[Path], sizes: dict[str, int], steps: list[str], rounds: int) -> None:
    """The same of runs that are each alone on the machine, with the memory that they took."""
    print(f"{'':12} {'then: CPU s':>12} {'wall s':>8} {'today: CPU s':>13} {'wall s':>8} {'x':>6}")
    for step in steps:
        pairs: list[tuple[Cost, Cost]] = []
        for _ in range(rounds):
            then, today = (_run_alone(folder, sizes, step) for folder in folders)
            pairs.append((then, today))
        _print(step, pairs)
        then, today = pairs[-1]
        print(
            f"{'  MB':12} {then.before:8,.0f} to {then.peak:8,.0f} {today.before:12,.0f} to "
            f"{today.peak:8,.0f} {today.peak / then.peak:6.2f}, of the step alone "
            f"{(today.peak - today.before) / (then.peak - then.before):.2f}",
            flush=True,
        )


def _run_alone(folder: Path, sizes: dict[str, int], step: str) -> Cost:
    with trees([folder], sizes) as (tree,):
        return tree.run(step)


def _print(step: str, pairs: list[tuple[Cost, Cost]]) -> None:
    best = [
        (min(run.cpu for run in runs), min(run.wall for run in runs))
        for runs in zip(*pairs, strict=True)
    ]
    ratio = median(new.cpu / old.cpu for old, new in pairs)
    (old_cpu, old_wall), (cpu, wall) = best
    print(
        f"{step.replace('-', ' '):12} {old_cpu:12.3f} {old_wall:8.3f} {cpu:13.3f} {wall:8.3f} "
        f"{ratio:6.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", help="the older working tree")
    parser.add_argument("steps", nargs="*", default=STEPS, metavar="STEP", help=" ".join(STEPS))
    for name, size in (("images", 100_000), ("resources", 20_000), ("functions", 1_000)):
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="a process for each run")
    asked = parser.parse_intermixed_args()
    sizes = {name: getattr(asked, name) for name in ("images", "resources", "functions")}
    if asked.folder == "-":
        answer(sizes)
        return
    if unknown := set(asked.steps) - set(STEPS):
        parser.error(f"unknown steps: {', '.join(sorted(unknown))}; known: {', '.join(STEPS)}")
    folders = [Path(asked.folder), Path(__file__).parent.parent]
    with tempfile.TemporaryDirectory() as compiled:
        os.environ["PYTHONPYCACHEPREFIX"] = compiled
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        (table_alone if asked.alone else table)(folders, sizes, asked.steps, asked.rounds)


if __name__ == "__main__":
    main()
