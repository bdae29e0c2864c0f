"""Synthetic monorepos, the same for the same seed: lambdas that began as copies of one another, a
shared library, merges, reverts, files that come and go. Made by one ``git fast-import``."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.rig.git import Repository, new_repository

Tree = dict[str, bytes]

LAMBDAS = ("alpha", "beta", "gamma")
NONE: Mapping[str, int] = {}
IGNORE = b"**/*.md\n.git\nDockerfile\n.dockerignore\n"


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: Tree
    parents: tuple[int, ...]


@dataclass(frozen=True)
class Synthetic:
    repository: Repository
    commits: list[Commit]

    def equal(self, commit: int, part: Mapping[str, bytes], *directories: str) -> set[str]:
        """The content class: commits whose copied files are ``part``, no more and no less."""
        return {
            commit.sha for commit in self.commits if copied(commit.tree, *directories) == dict(part)
        }


def copied(tree: Mapping[str, bytes], *directories: str) -> Tree:
    """What ``COPY directory ...`` takes of a tree under the root's ignore file."""
    return {
        path: data
        for path, data in tree.items()
        if any(not d or path.startswith(d + "/") for d in directories)
        and not path.endswith(".md")
        and path not in {"Dockerfile", ".dockerignore"}
    }


def monorepo(path: Path, seed: int, count: int = 120, message: str = "change") -> Synthetic:
    """A repository of about ``count`` commits on main, with branches merged into it. With another
    ``message`` the trees are the same and every SHA is another."""
    rng = random.Random(seed)
    trees = [beginning(rng)]
    parents: list[tuple[int, ...]] = [()]
    tip = 0
    while len(trees) < count:
        roll = rng.random()
        if roll < 0.12:
            side = tip
            for _ in range(rng.randint(1, 3)):
                trees.append(changed(trees[side], rng, "functions/gamma"))
                parents.append((side,))
                side = len(trees) - 1
            trees.append(changed(trees[tip], rng, "lib"))
            parents.append((tip,))
            tip = len(trees) - 1
            merged = {k: v for k, v in trees[tip].items() if not k.startswith("functions/gamma/")}
            merged |= {k: v for k, v in trees[side].items() if k.startswith("functions/gamma/")}
            trees.append(merged)
            parents.append((tip, side))
        elif roll < 0.2 and parents[tip]:
            trees.append(dict(trees[parents[tip][0]]))
            parents.append((tip,))
        else:
            trees.append(changed(trees[tip], rng))
            parents.append((tip,))
        tip = len(trees) - 1
    return imported(path, trees, parents, rng, message)


def text(rng: random.Random) -> bytes:
    lines = [f"value_{rng.randrange(10**6)} = {rng.randrange(10**6)}" for _ in range(6)]
    return ("\n".join(lines) + "\n").encode()


def beginning(rng: random.Random) -> Tree:
    template = {f"{name}.py": text(rng) for name in ("app", "handler", "models", "views")}
    tree: Tree = {
        "README.md": text(rng),
        "LICENSE": b"Permission is hereby granted, free of charge, to any person\n" * 4,
        ".dockerignore": IGNORE,
        "Dockerfile": b"FROM scratch\nCOPY . /\n",
    }
    for name in LAMBDAS:
        tree |= {f"functions/{name}/{file}": data for file, data in template.items()}
        tree[f"functions/{name}/README.md"] = text(rng)
        tree[f"functions/{name}/sub/deep.py"] = text(rng)
    tree |= {f"lib/{n}.py": text(rng) for n in ("auth", "db", "log")}
    tree["lib/__init__.py"] = b""
    return tree


def changed(tree: Tree, rng: random.Random, where: str = "") -> Tree:
    tree = dict(tree)
    paths = sorted(p for p in tree if p.startswith(where) and p.endswith((".py", ".md")))
    roll = rng.random()
    if roll < 0.1:
        directory = where or rng.choice([*(f"functions/{n}" for n in LAMBDAS), "lib"])
        tree[f"{directory}/new_{rng.randrange(1000)}.py"] = text(rng)
    elif roll < 0.17 and len(paths) > 12:
        del tree[rng.choice(paths)]
    else:
        for path in rng.sample(paths, min(len(paths), rng.randint(1, 2))):
            tree[path] += f"# {rng.randrange(10**9)}\n".encode()
    return tree


def imported(
    path: Path,
    trees: Sequence[Tree],
    parents: Sequence[tuple[int, ...]],
    rng: random.Random,
    words: str,
    branches: Mapping[str, int] = NONE,
) -> Synthetic:
    """Make a repository of these commits: main leads to the last one, and ``branches`` to others
    by their number."""
    repository = new_repository(path)
    out: list[bytes] = []
    for n, (tree, above) in enumerate(zip(trees, parents, strict=True)):
        message = f"{words} {n}".encode()
        # Rewritten and side commits have times that say nothing about order.
        when = 1_700_000_000 + n * 3600 + rng.randrange(-7200, 7200)
        out.append(b"commit refs/heads/main\nmark :%d\n" % (n + 1))
        out.append(b"committer Ada <ada@example.com> %d +0000\n" % when)
        out.append(b"data %d\n%s\n" % (len(message), message))
        if above:
            out.append(b"from :%d\n" % (above[0] + 1))
            out.extend(b"merge :%d\n" % (parent + 1) for parent in above[1:])
        out.append(b"deleteall\n")
        for name, data in sorted(tree.items()):
            out.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
    for branch, number in branches.items():
        out.append(b"reset refs/heads/%s\nfrom :%d\n\n" % (branch.encode(), number + 1))
    marks = path / ".git" / "marks"
    subprocess.run(
        ["git", "-C", str(path), "fast-import", "--quiet", f"--export-marks={marks}"],
        input=b"".join(out),
        check=True,
    )
    by_mark = dict(line.split() for line in marks.read_text().splitlines())
    shas = [by_mark[f":{n + 1}"] for n in range(len(trees))]
    commits = [Commit(*fields) for fields in zip(shas, trees, parents, strict=True)]
    return Synthetic(repository, commits)
