"""Every file of a build is accounted for: no edit, wherever it is made, is shown as proof."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.content.engine import Archive, MatchSession, match_image, match_session
from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import ContentMatch, ContentVerdict, local_image_id
from tests.content.changes import CHANGES, Change, Files, Layers, rename
from tests.content.histories import Commit, Synthetic, Tree, copied, monorepo
from tests.content.images import layer, saved
from tests.strength import examples, some

IMAGE = local_image_id("sha256:" + "a" * 64)


class Bench:
    """A history, opened once for all images built from it."""

    def __init__(self, world: Synthetic, session: MatchSession) -> None:
        self.world, self.session = world, session

    def match(self, layers: Sequence[Files], steps: Sequence[str]) -> ContentMatch:
        archive = saved([layer(files) for files in layers], steps)
        matches, gaps = match_image(IMAGE, Archive(lambda: [archive]), self.session)
        assert gaps == ()
        (match,) = matches
        return match


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("account")
    world = monorepo(folder / "mono", 11, 60)
    with match_session([("mono", world.repository.path)], folder / "cache") as (session, gaps):
        assert gaps == ()
        yield Bench(world, session)


RECIPES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "whole": (("", "app"),),
    "function": (("functions/alpha", "var/task"),),
    "two apart": (("functions/beta", "var/task"), ("lib", "opt/lib")),
    "two in one": (("functions/gamma", "var/task"), ("lib", "var/task/lib")),
    "lib first": (("lib", "srv/lib"), ("functions", "srv/functions")),
    "siblings": (("functions/alpha", "srv/one"), ("functions/beta", "srv/two")),
}
"""(directory of the repository, directory of the image) for each ``COPY``."""


def layers_of(tree: Tree, recipe: str) -> Layers:
    layers: Layers = []
    for source, target in RECIPES[recipe]:
        start = f"{source}/" if source else ""
        files = copied(tree, source)
        layers.append({f"{target}/{path.removeprefix(start)}": files[path] for path in files})
    return layers


def steps_of(recipe: str, builder: str) -> list[str]:
    steps = []
    for source, target in RECIPES[recipe]:
        if builder == "buildkit":
            steps.append(f"COPY {source or '.'} /{target} # buildkit")
        else:
            steps.append(f"/bin/sh -c #(nop) COPY dir:{'a1' * 32} in /{target} ")
    return steps


BASE: Files = {
    "etc/os-release": b"ID=debian\n" * 9,
    "usr/lib/python3/README": b"of the base image\n" * 9,
    "usr/bin/tool": b"\x7fELF" * 50,
}


@given(
    recipe=st.sampled_from(sorted(RECIPES)),
    builder=st.sampled_from(("buildkit", "classic", "none")),
    based=st.booleans(),
    changes=st.lists(st.sampled_from(CHANGES), max_size=3),
    seed=st.integers(0, 2**32),
)
@examples(40, many=400)
def test_no_build_that_no_commit_equals_is_proof(
    recipe: str,
    builder: str,
    based: bool,
    changes: list[Change],
    seed: int,
    bench: Bench,
) -> None:
    rng = random.Random(seed)
    commit = rng.choice(bench.world.commits)
    layers = layers_of(commit.tree, recipe)
    for change in changes:
        if all(layers):
            change(layers, rng)
    built: Sequence[Files] = [dict(BASE), *layers] if based else layers
    steps = steps_of(recipe, builder) if builder != "none" else []
    if based and steps:
        steps.insert(0, f"/bin/sh -c #(nop) ADD file:{'b2' * 32} in / ")
    match = bench.match(built, steps)
    clean = {
        commit.sha for commit in bench.world.commits if layers_of(commit.tree, recipe) == layers
    }
    grade = grade_of(match)
    if clean:
        assert grade is Grade.PROOF, match
        assert set(match.commits) == clean
    else:
        assert grade is not Grade.PROOF, match


def test_of_a_flattened_image_what_is_beside_is_told(bench: Bench) -> None:
    """One layer without history: what the base image brought may have been copied, too."""
    commit = bench.world.commits[30]
    (files,) = layers_of(commit.tree, "function")
    match = bench.match([{**BASE, **files}], [])
    assert commit.sha in match.commits
    assert (match.verdict, match.unexplained) == (ContentVerdict.EXACT, tuple(sorted(BASE)))
    assert grade_of(match) is Grade.STRONG


def changed_by(
    change: Change, recipe: str, bench: Bench, rng: random.Random
) -> tuple[Commit, Layers, Layers]:
    """A commit on whose files the change acts, with its layers before and after."""
    for _ in range(100):
        commit = rng.choice(bench.world.commits)
        before, after = layers_of(commit.tree, recipe), layers_of(commit.tree, recipe)
        change(after, rng)
        if before != after:
            return commit, before, after
    raise AssertionError(f"{change.__name__} changed none of 100 commits")


EDITED = product(CHANGES, sorted(RECIPES), ("buildkit", "classic", "none"))


@pytest.mark.parametrize(
    ("change", "recipe", "builder"),
    some("changes that are named", EDITED, 5),
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_was_changed_is_named(
    change: Change,
    recipe: str,
    builder: str,
    bench: Bench,
) -> None:
    rng = random.Random(f"{change.__name__} {recipe}")
    commit, before, layers = changed_by(change, recipe, bench, rng)
    match = bench.match(layers, steps_of(recipe, builder) if builder != "none" else [])
    if match.verdict in (ContentVerdict.WEAK, ContentVerdict.NONE):
        return
    told_files = {
        *match.modified, *match.renamed, *match.line_ends, *match.unexplained, *match.lacking,
    }  # fmt: skip
    changed = {
        path
        for old, new in zip(before, layers, strict=True)
        for path in old.keys() | new.keys()
        if old.get(path) != new.get(path)
    }
    if change is rename:  # the old name is where it came from
        changed = {path for path in changed if path.endswith(".moved")}
    missing = changed - told_files
    if match.commits and commit.sha not in match.commits:
        # It is nearer to another commit, from which fewer files differ.
        missing = set() if match.modified_count + match.unexplained_count else missing
    assert not missing, match
