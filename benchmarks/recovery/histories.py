"""Histories with what misleads: copy-pasted functions, vendored packages, the repository's own
releases, renames, merges, squashes, reverts. The same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.content.histories import Commit, Synthetic, Tree, beginning, changed, imported, text

Package = dict[str, bytes]


@dataclass
class History:
    """A history in the making."""

    rng: random.Random
    upstream: list[Package]
    """Versions of a package of somebody else, the oldest first."""
    trees: list[Tree] = field(default_factory=list)
    parents: list[tuple[int, ...]] = field(default_factory=list)
    branches: dict[str, int] = field(default_factory=dict)
    unpushed: list[Tree] = field(default_factory=list)
    """Trees of commits that the clone does not have: their branch was squashed and deleted."""

    @property
    def tip(self) -> int:
        return len(self.trees) - 1

    def commit(self, tree: Tree, *above: int) -> int:
        self.trees.append(tree)
        self.parents.append(above)
        return self.tip


@dataclass(frozen=True)
class World:
    """A repository, and what images may hold beside it."""

    synthetic: Synthetic
    upstream: list[Package]
    releases: list[Package]
    """What the repository released of its ``lib``, the oldest first."""
    unpushed: list[Tree]

    @cached_property
    def buildable(self) -> list[Commit]:
        """Commits whose lib and functions each hold a file that is more than a line."""
        return [commit for commit in self.synthetic.commits if _full(commit.tree)]


def world(path: Path, seed: int, count: int = 120) -> World:
    """A repository of at least ``count`` commits."""
    rng = random.Random(seed)
    history = History(rng, _versions(rng))
    history.commit(beginning(rng))
    steps = (_edit, _copy_paste, _vendor, _vendor_own, _rename, _merge, _squash, _revert)
    weights = (50, 5, 6, 3, 6, 10, 8, 6)
    while len(history.trees) < count:
        (step,) = rng.choices(steps, weights)
        step(history)
    synthetic = imported(path, history.trees, history.parents, rng, "change", history.branches)
    every = max(len(history.trees) // 6, 1)
    releases = [below(tree, "lib") for tree in history.trees[::every]]
    unpushed = [tree for tree in history.unpushed if _full(tree)]
    return World(synthetic, history.upstream, releases, unpushed)


def below(tree: Tree, folder: str) -> Package:
    """The files of a folder, by their path in it."""
    start = f"{folder}/"
    return {path[len(start) :]: data for path, data in tree.items() if path.startswith(start)}


def functions(tree: Tree) -> list[str]:
    """The directories of functions, ``functions/alpha``."""
    parts = (path.split("/") for path in tree if path.startswith("functions/"))
    return sorted({f"functions/{part[1]}" for part in parts})


def _full(tree: Tree) -> bool:
    return all(
        any(len(data) > 100 and path.endswith(".py") for path, data in below(tree, folder).items())
        for folder in ("lib", *functions(tree))
    )


def _versions(rng: random.Random) -> list[Package]:
    package = {name: text(rng) for name in ("__init__.py", "client.py", "models.py", "retry.py")}
    versions = [package]
    for _ in range(3):
        package = dict(package)
        for name in rng.sample(sorted(package), 2):
            package[name] += b"# %d\n" % rng.randrange(10**9)
        versions.append(package)
    return versions


def _edit(history: History) -> None:
    tip = history.tip
    history.commit(changed(history.trees[tip], history.rng), tip)


def _copy_paste(history: History) -> None:
    """A new function that begins as the copy of another one, edited in one file or in none."""
    rng, tree = history.rng, dict(history.trees[history.tip])
    source = rng.choice(functions(tree))
    target = f"functions/copy{rng.randrange(1000)}"
    files = below(tree, source)
    if rng.random() < 0.5:
        files[rng.choice(sorted(files))] += b"# of the copy\n"
    history.commit(tree | {f"{target}/{path}": data for path, data in files.items()}, history.tip)


def _vendor(history: History) -> None:
    """A version of somebody else's package comes into a function, or leaves it."""
    rng, tree = history.rng, dict(history.trees[history.tip])
    folder = f"{rng.choice(functions(tree))}/vendor/toolbox"
    had = below(tree, folder)
    tree = {path: data for path, data in tree.items() if not path.startswith(f"{folder}/")}
    if not had or rng.random() < 0.6:
        version = rng.choice(history.upstream)
        tree |= {f"{folder}/{path}": data for path, data in version.items()}
    history.commit(tree, history.tip)


def _vendor_own(history: History) -> None:
    """A function gets a copy of the repository's own lib as it was in some commit before."""
    rng, tree = history.rng, dict(history.trees[history.tip])
    folder = f"{rng.choice(functions(tree))}/lib"
    old = below(rng.choice(history.trees), "lib")
    tree = {path: data for path, data in tree.items() if not path.startswith(f"{folder}/")}
    history.commit(tree | {f"{folder}/{path}": data for path, data in old.items()}, history.tip)


def _rename(history: History) -> None:
    """A file, or a function's whole directory, gets another name."""
    rng, tree = history.rng, dict(history.trees[history.tip])
    folders = functions(tree)
    if rng.random() < 0.3 and len(folders) > 2:
        old, new = rng.choice(folders), f"functions/moved{rng.randrange(1000)}"
        tree = {path.replace(f"{old}/", f"{new}/", 1): data for path, data in tree.items()}
    else:
        path = rng.choice(sorted(path for path in tree if path.endswith(".py")))
        tree[f"{path[:-3]}_{rng.randrange(1000)}.py"] = tree.pop(path)
    history.commit(tree, history.tip)


def _merge(history: History) -> None:
    """A branch that works on one function, merged into a main that went on with the lib."""
    rng, start = history.rng, history.tip
    folder = rng.choice(functions(history.trees[start]))
    side = _branch(history, start, folder)
    main = history.commit(changed(history.trees[start], rng, "lib"), start)
    history.commit(_united(history.trees[main], history.trees[side], folder), main, side)


def _squash(history: History) -> None:
    """A branch of which main gets the result as one commit; it stays in the clone, or does not."""
    rng, start = history.rng, history.tip
    folder = rng.choice(functions(history.trees[start]))
    if rng.random() < 0.5:
        side = _branch(history, start, folder)
        history.branches[f"topic-{side}"] = side
        result = history.trees[side]
    else:
        result = history.trees[start]
        for _ in range(rng.randint(1, 3)):
            result = changed(result, rng, folder)
            history.unpushed.append(result)
    history.commit(_united(history.trees[start], result, folder), start)


def _branch(history: History, start: int, folder: str) -> int:
    side = start
    for _ in range(history.rng.randint(1, 3)):
        side = history.commit(changed(history.trees[side], history.rng, folder), side)
    return side


def _united(main: Tree, side: Tree, folder: str) -> Tree:
    """The tree of main with the folder as the branch has it."""
    kept = {path: data for path, data in main.items() if not path.startswith(f"{folder}/")}
    return kept | {path: data for path, data in side.items() if path.startswith(f"{folder}/")}


def _revert(history: History) -> None:
    above = history.parents[history.tip]
    if above:
        history.commit(dict(history.trees[above[0]]), history.tip)
