"""Hold the answer for one image against the truth, and count by recipe."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.recovery.builds import Build, Copy, in_process
from benchmarks.recovery.histories import World
from benchmarks.recovery.recipes import (
    CLEAN,
    changed_by_run,
    clean,
    commit_not_in_the_clone,
    crlf,
    dirty,
)
from jotgraph.content.engine import Archive, Source, match_image
from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import ContentMatch, ContentVerdict, local_image_id
from tests.content.changes import CHANGES, Files
from tests.content.histories import Tree, copied
from tests.content.images import Content, saved
from tests.content.opened import session_of

IMAGE = local_image_id("sha256:" + "a" * 64)


@dataclass(frozen=True)
class Outcome:
    """One build and what was said of it."""

    build: Build
    expected: frozenset[str]
    """Commits of which the same build copies the same bytes: computed from their trees alone."""
    match: ContentMatch

    @property
    def found(self) -> frozenset[str]:
        return frozenset(self.match.commits)

    @property
    def proof(self) -> bool:
        return grade_of(self.match) is Grade.PROOF

    @property
    def false_proof(self) -> bool:
        """Proof of a commit whose files are not those of the image."""
        return self.proof and not (self.expected and self.found <= self.expected)

    @property
    def told(self) -> bool:
        """Some file is told not to be the commit's, or the answer claims next to nothing."""
        weak = self.match.verdict in (ContentVerdict.WEAK, ContentVerdict.NONE)
        return weak or bool(
            self.match.modified
            or self.match.renamed
            or self.match.line_ends
            or self.match.lacking
            or self.match.unexplained
        )

    @property
    def wrong(self) -> bool:
        """More than a hint names commits, and not the one that was built, nor one of its bytes;
        with a changed work tree it may be another, nearer one, if what differs is told."""
        if self.match.verdict in (ContentVerdict.WEAK, ContentVerdict.NONE):
            return False
        if self.build.clean and self.build.commit:
            return self.build.commit not in self.found
        true = self.expected | {self.build.commit}
        return not (self.found & true or self.told)


def builds(world: World, count: int, rng: random.Random) -> list[Build]:
    """As many builds of one history, the recipes in turn."""
    kinds: list[Callable[[], Build]] = [
        *(partial(clean, recipe, world, rng) for recipe in CLEAN),
        partial(commit_not_in_the_clone, world, rng),
        partial(changed_by_run, world, rng),
        *(partial(dirty, change, world, rng) for change in CHANGES),
    ]
    return [kinds[number % len(kinds)]() for number in range(count)]


def judge(build: Build, world: World, source: Source, cache: Path) -> Outcome:
    (match,), _gaps = match_image(IMAGE, source, session_of(world.synthetic.repository, cache))
    return Outcome(build, _expected(build, world), match)


def archive(build: Build) -> Source:
    """The image as an engine would save it."""
    layers, steps = in_process(build)
    data = saved(layers, steps)
    return Archive(lambda: [data])


def _expected(build: Build, world: World) -> frozenset[str]:
    """Commits that hold the bytes of each step somewhere: bytes do not tell a function from its
    copy."""
    plan = build.plan
    made = plan.copied(build.context)
    for later in plan.above:  # what is deleted there was in the build all the same
        for files in made:
            files |= {path: data for path, data in later.files.items() if path in files}
    wanted = [_below(files, copy, build) for files, copy in zip(made, plan.copies, strict=True)]
    return _holding(wanted, build, world, plan.checkout) or _holding(wanted, build, world, crlf)


def _holding(
    wanted: list[frozenset[tuple[str, Content]]],
    build: Build,
    world: World,
    checkout: Callable[[Tree], Tree],
) -> frozenset[str]:
    return frozenset(
        commit.sha
        for commit in world.synthetic.commits
        if all(
            _holds(checkout(commit.tree), part, copy, build)
            for part, copy in zip(wanted, build.plan.copies, strict=True)
        )
    )


def _below(files: Files, copy: Copy, build: Build) -> frozenset[tuple[str, Content]]:
    """What a step copies, by the path below its source."""
    if copy.source in build.context:
        (data,) = files.values()
        return frozenset({("" if copy.renames else copy.source.rpartition("/")[2], data)})
    start = f"{copy.target}/"
    return frozenset((path.removeprefix(start), data) for path, data in files.items())


def _holds(tree: Tree, wanted: frozenset[tuple[str, Content]], copy: Copy, build: Build) -> bool:
    """Whether some folder (or file) of a commit gives the same when it is copied."""
    if copy.source in build.context:
        ((name, data),) = wanted
        return any(
            content == data and path.rpartition("/")[2].endswith(name)
            for path, content in tree.items()
        )
    path, data = next(iter(wanted))
    folders = {
        held_path[: -len(path) - 1]
        for held_path, content in tree.items()
        if content == data and f"/{held_path}".endswith(f"/{path}")
    }
    if build.plan.builder == "bundle":  # it leaves out what is not used
        return any(_relative(tree, folder) >= wanted for folder in folders)
    return any(_relative(tree, folder) == wanted for folder in folders)


def _relative(tree: Tree, folder: str) -> frozenset[tuple[str, Content]]:
    start = len(folder) + 1 if folder else 0
    return frozenset((path[start:], data) for path, data in copied(tree, folder).items())
