"""Which commits touch what is in an image, held against plain comparison of trees."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from jotgraph.content.engine import Archive, match_image
from jotgraph.records import ContentMatch, ContentVerdict, local_image_id
from tests.content.histories import Commit, Synthetic, Tree, copied, monorepo
from tests.content.images import Content, layer, saved
from tests.content.opened import session_of
from tests.factories import build_input, touched
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository

IMAGE = local_image_id("sha256:" + "b" * 64)


def _match(
    cache: Path,
    repository: Repository,
    *layers: Mapping[str, Content],
    history: tuple[str, ...] = (),
    tips: tuple[str, ...] = (),
) -> ContentMatch:
    archive = saved([layer(files) for files in layers], history)
    source = Archive(lambda: [archive])
    session = session_of(repository, cache, *tips, key=repository.path.name)
    matches, gaps = match_image(IMAGE, source, session)
    assert gaps == ()
    (match,) = matches
    return match


def _line(world: Synthetic) -> list[Commit]:
    """The first-parent line of main, newest first."""
    line = [len(world.commits) - 1]
    while world.commits[line[-1]].parents:
        line.append(world.commits[line[-1]].parents[0])
    return [world.commits[n] for n in line]


def _led_to(world: Synthetic, shas: set[str]) -> set[str]:
    """Commits that every one of ``shas`` leads to."""
    numbers = {commit.sha: n for n, commit in enumerate(world.commits)}
    reached = []
    for sha in shas:
        seen, todo = set(), [numbers[sha]]
        while todo:
            here = todo.pop()
            if here not in seen:
                seen.add(here)
                todo.extend(world.commits[here].parents)
        reached.append(seen)
    return {world.commits[n].sha for n in set.intersection(*reached)}


def _touching(world: Synthetic, match: ContentMatch, *directories: str) -> list[str]:
    known = _led_to(world, set(match.commits))

    def part(tree: Tree) -> Tree:
        return copied(tree, *directories)

    return [
        commit.sha
        for commit in _line(world)
        if commit.sha not in known
        and part(commit.tree)
        != (part(world.commits[commit.parents[0]].tree) if commit.parents else {})
    ]


@pytest.fixture(scope="module", params=[51, 52])
def history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Synthetic, Path]:
    """A history and the cache of who looks at it."""
    folder = tmp_path_factory.mktemp("history")
    return monorepo(folder / "mono", request.param, 80), folder / "cache"


@pytest.mark.parametrize("directories", [("functions/gamma",), ("functions/beta", "lib"), ("",)])
def test_every_commit_of_the_line_that_touches_what_was_copied(
    history: tuple[Synthetic, Path], directories: tuple[str, ...]
) -> None:
    world, cache = history
    for commit in random.Random(world.commits[0].sha).sample(world.commits, 4):
        layers = [{f"srv/{p}": d for p, d in copied(commit.tree, d).items()} for d in directories]
        match = _match(cache, world.repository, *layers)
        assert match.verdict is ContentVerdict.EXACT
        assert match.touched is not None
        assert list(match.touched.commits) == _touching(world, match, *directories)
        assert not match.touched.cut


def test_of_one_file_only_its_own_commits(tmp_path: Path) -> None:
    world = monorepo(tmp_path / "mono", 53, 80)
    path = "lib/auth.py"
    commit = next(candidate for candidate in world.commits[10:] if path in candidate.tree)
    match = _match(tmp_path / "cache", world.repository, {"srv/auth.py": commit.tree[path]})
    known = _led_to(world, set(match.commits))
    expected = [
        candidate.sha
        for candidate in _line(world)
        if candidate.sha not in known
        and candidate.tree.get(path) != world.commits[candidate.parents[0]].tree.get(path)
    ]
    assert match.touched is not None
    assert list(match.touched.commits) == expected


MODULES = {f"fn/m{n}.py": f"value = {n}\n" * 20 for n in range(3)}
COPIED = {f"srv/m{n}.py": f"value = {n}\n".encode() * 20 for n in range(3)}


def test_ignored_files_count_when_the_ignore_file_lets_them_in(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    built = repository.commit({**MODULES, ".dockerignore": "**/*.md\n"})
    repository.commit({"fn/read.md": "ignored\n"})
    free = repository.commit({".dockerignore": "docs\n"})
    seen = repository.commit({"fn/read.md": "in the image now\n"})
    match = _match(tmp_path / "cache", repository, COPIED)
    assert match.oldest == built
    assert match.touched == touched(seen, inputs=(build_input(".dockerignore", free),))


def test_build_inputs_are_told_apart(git_repository: NewRepository, tmp_path: Path) -> None:
    dockerfile = (
        "FROM node AS web\nCOPY web/package.json web/src /w/\nRUN npm run build\n"
        "FROM python\nWORKDIR /srv\nCOPY fn .\nCOPY requirements.txt /srv/\n"
        "RUN pip install -r \\\n  requirements.txt\n"
    )
    needs = "urllib3==2.0\nrequests==2.0\n" * 9
    repository = git_repository()
    repository.commit(
        {
            **MODULES,
            "docker/fn.Dockerfile": dockerfile,
            "Dockerfile": "FROM python\nCOPY other /srv\n",
            "requirements.txt": needs,
            "web/src/a.ts": "let a = 1\n",
            "web/package.json": "{}\n",
        }
    )
    web = repository.commit({"web/src/b.ts": "let b = 1\n"})
    repository.commit({"Dockerfile": "FROM python\n", "web/readme": "no input\n"})
    recipe = repository.commit({"docker/fn.Dockerfile": dockerfile + "CMD m0.handler\n"})
    pins = repository.commit({"requirements.txt": needs + "six==1\n", "fn/m0.py": "new\n"})
    match = _match(
        tmp_path / "cache",
        repository,
        COPIED,
        {"srv/requirements.txt": needs.encode()},
        {"srv/.wh.requirements.txt": b"", "usr/lib/six.py": b"six\n" * 40},
        history=(
            "COPY fn . # buildkit",
            "COPY requirements.txt /srv/ # buildkit",
            "RUN /bin/sh -c pip install -r   requirements.txt # buildkit",
        ),
    )
    assert match.touched == touched(
        pins,
        inputs=(
            build_input("docker/fn.Dockerfile", recipe),
            build_input("requirements.txt", pins),
            build_input("web/package.json"),
            build_input("web/src/", web),
        ),
    )


def test_merges_count_what_the_line_gained(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit(MODULES)
    repository.branch("side")
    repository.commit({"fn/m1.py": "side\n"})
    repository.switch("main")
    repository.commit({"docs.txt": "main\n"})
    merged = repository.merge("side")
    match = _match(tmp_path / "cache", repository, COPIED)
    assert match.touched is not None
    assert merged in match.touched.commits
    assert match.touched.commits[0] == merged


def test_a_tip_that_is_not_in_the_clone_leaves_it_unknown(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    head = repository.commit(MODULES)
    assert _match(tmp_path / "cache", repository, COPIED, tips=(head,)).touched == touched()
    assert _match(tmp_path / "cache", repository, COPIED, tips=("f" * 40,)).touched is None


def test_an_edited_file_is_named_though_another_commit_lacks_it(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    has = repository.commit({**MODULES, "fn/sub/deep.py": "deep = 1\n" * 20})
    (repository.path / "fn" / "sub" / "deep.py").unlink()
    lacks = repository.commit()
    edited = {**COPIED, "srv/sub/deep.py": b"deep = 'edited'\n" * 20}
    match = _match(tmp_path / "cache", repository, edited)
    assert match.verdict is ContentVerdict.NEAREST
    assert set(match.commits) == {has, lacks}
    assert match.modified == ("srv/sub/deep.py",)


@pytest.mark.parametrize("beside", ["", "lib/"])
def test_two_directories_in_one_layer_are_one_explanation(
    git_repository: NewRepository, tmp_path: Path, beside: str
) -> None:
    """They are tried in either order; a function with the library it shares is built like that."""
    repository = git_repository()
    shared = {f"lib/u{n}.py": f"shared = {n}\n" * 20 for n in range(2)}
    repository.commit({**MODULES, **shared, "other/m.py": "other\n" * 20})
    repository.commit({"other/m.py": "another\n" * 20})
    changed = repository.commit({"lib/u1.py": "changed\n" * 20})
    repository.commit({"docs/a": "a\n"})
    files = {f"srv/{beside}{path[4:]}": text.encode() for path, text in shared.items()}
    match = _match(tmp_path / "cache", repository, {**COPIED, **files})
    assert match.verdict is ContentVerdict.EXACT
    assert match.touched == touched(changed)


def test_a_directory_that_is_gone_is_named(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit(MODULES)
    assert _match(tmp_path / "cache", repository, COPIED).touched == touched()
    for path in MODULES:
        (repository.path / path).unlink()
    removed = repository.commit({"elsewhere.py": "other = 1\n" * 20})
    match = _match(tmp_path / "cache", repository, COPIED)
    assert match.touched == touched(removed, gone=("fn",))
