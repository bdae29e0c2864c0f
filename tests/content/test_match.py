"""The nine ways of building an image without labels, on synthetic histories: the true commit is in
the answer every time, and the answer is the content class wherever it can be."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import pytest

from jotgraph.content.engine import Archive, MatchSession, match_image, match_session
from jotgraph.records import ContentMatch, ContentVerdict, local_image_id
from tests.content.histories import LAMBDAS, Commit, Synthetic, Tree, copied, monorepo
from tests.content.images import Content, layer, saved
from tests.strength import some

Built = tuple[list[Mapping[str, Content]], list[str], set[str] | None]
"""Layers, history, and the content class (None: a superset of the true commit is all one can say).
"""
IMAGE = local_image_id("sha256:" + "a" * 64)


@pytest.fixture(scope="module", params=some("histories to which images are matched", [1, 2, 3], 3))
def synthetic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Synthetic:
    seed: int = request.param
    return monorepo(tmp_path_factory.mktemp(f"seed{seed}") / "mono", seed)


def _moved(files: Mapping[str, bytes], source: str, target: str) -> dict[str, Content]:
    start = f"{source}/" if source else ""
    end = f"{target}/" if target else ""
    return {
        end + path.removeprefix(start): data
        for path, data in files.items()
        if path.startswith(start)
    }


def _class(world: Synthetic, built: Callable[[Tree], object], commit: Commit) -> set[str]:
    wanted = built(commit.tree)
    return {commit.sha for commit in world.commits if built(commit.tree) == wanted}


def whole_repository(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    layers: list[Mapping[str, Content]] = [_moved(copied(commit.tree, ""), "", "")]
    return layers, ["COPY . / # buildkit"], _class(world, lambda t: copied(t, ""), commit)


def one_function(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    source = f"functions/{rng.choice(LAMBDAS)}"
    layers: list[Mapping[str, Content]] = [_moved(copied(commit.tree, source), source, "var/task")]
    history = [f"COPY {source} /var/task # buildkit"]
    return layers, history, _class(world, lambda t: copied(t, source), commit)


def removed_and_generated(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    source = f"functions/{rng.choice(LAMBDAS)}"
    files = _moved(copied(commit.tree, source), source, "var/task")
    gone = rng.choice(sorted(files))
    after: dict[str, Content] = {
        f"{gone.rpartition('/')[0]}/.wh.{gone.rpartition('/')[2]}": b"",
        "var/task/build_info.json": b'{"built": "by a step of the Dockerfile"}',
        "var/task/__pycache__/app.cpython-311.pyc": b"\0" * 300,
    }
    history = [f"COPY {source} /var/task # buildkit", "RUN make # buildkit"]
    return [files, after], history, _class(world, lambda t: copied(t, source), commit)


def three_copies_and_dependencies(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    source = f"functions/{rng.choice(LAMBDAS)}"
    python = {p: d for p, d in copied(commit.tree, "lib").items() if p.endswith(".py")}
    site = {f"var/task/vendor/p{n}.py": b"pass  # %d\n" % n * 20 for n in range(600)}
    layers: list[Mapping[str, Content]] = [
        dict(site),
        _moved(python, "lib", "opt/lib"),
        _moved(copied(commit.tree, source), source, "var/task"),
        {"var/task/LICENSE": commit.tree["LICENSE"]},
    ]
    history = [
        "RUN pip install -t /var/task/vendor . # buildkit",
        "COPY lib/*.py /opt/lib/ # buildkit",
        f"COPY {source} /var/task # buildkit",
        "COPY LICENSE /var/task/ # buildkit",
    ]

    def built(tree: Tree) -> object:
        return {p: d for p, d in copied(tree, "lib", source).items() if p.endswith(".py")}

    return layers, history, _class(world, built, commit)


def dirty(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    source = f"functions/{rng.choice(LAMBDAS)}"
    files = _moved(copied(commit.tree, source), source, "var/task")
    edited = rng.choice(sorted(files))
    files[edited] = b"# not committed\n" * 5
    files["var/task/notes.txt"] = b"untracked, of no commit\n"
    return [files], [f"COPY {source} /var/task # buildkit"], None


def crlf(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    layers, history, expected = one_function(world, commit, rng)
    crlf_files: dict[str, Content] = {
        path: data.replace(b"\n", b"\r\n") if isinstance(data, bytes) else data
        for path, data in layers[0].items()
    }
    return [crlf_files], history, expected


def one_file(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    # What siblings share cannot tell them apart, and an __init__.py is no evidence at all.
    data = list(commit.tree.values())
    own = {p for p, d in commit.tree.items() if p.endswith(".py") and data.count(d) == 1}
    path = rng.choice(sorted(p for p in own if not p.endswith("__init__.py")))
    files: dict[str, Content] = {"var/task/" + path.rpartition("/")[2]: commit.tree[path]}
    history = [f"COPY {path} /var/task/ # buildkit"]
    return [files], history, _class(world, lambda t: t.get(path), commit)


def renamed(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    paths = sorted(copied(commit.tree, "lib"))
    own = "functions/beta/sub/deep.py"
    if own not in commit.tree:
        return one_function(world, commit, rng)
    layers: list[Mapping[str, Content]] = [
        {f"var/task/{p}": commit.tree[p] for p in paths},
        {"var/task/lambda_function.py": commit.tree[own]},
    ]
    history = [
        "COPY lib /var/task/lib # buildkit",
        f"COPY {own} /var/task/lambda_function.py # buildkit",
    ]

    def built(tree: Tree) -> object:
        return tree.get(own), copied(tree, "lib")

    return layers, history, _class(world, built, commit)


def merged_directories(world: Synthetic, commit: Commit, rng: random.Random) -> Built:
    source = f"functions/{rng.choice(LAMBDAS)}"
    files = _moved(copied(commit.tree, source), source, "var/task")
    layers: list[Mapping[str, Content]] = [
        _moved(copied(commit.tree, "lib"), "lib", "var/task"),
        files,
    ]
    history = ["COPY lib /var/task # buildkit", f"COPY {source} /var/task # buildkit"]
    return layers, history, _class(world, lambda t: copied(t, "lib", source), commit)


SCENARIOS = (
    whole_repository,
    one_function,
    removed_and_generated,
    three_copies_and_dependencies,
    dirty,
    crlf,
    one_file,
    renamed,
    merged_directories,
)


@pytest.fixture(scope="module")
def session(
    synthetic: Synthetic, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MatchSession]:
    """The history, opened once for all images."""
    cache = tmp_path_factory.mktemp("content-cache")
    with match_session([("mono", synthetic.repository.path)], cache) as (opened, gaps):
        assert gaps == ()
        yield opened


def _matched(built: Built, session: MatchSession, *, with_history: bool) -> ContentMatch:
    layers, history, _ = built
    archive = saved([layer(files) for files in layers], history if with_history else ())
    matches, gaps = match_image(IMAGE, Archive(lambda: [archive]), session)
    assert gaps == ()
    (match,) = matches
    return match


@pytest.mark.parametrize(
    ("with_history", "scenario"),
    some("ways of building with and without a history", product((True, False), SCENARIOS), 2),
    ids=lambda value: getattr(value, "__name__", "history" if value else "no history"),
)
def test_the_true_commit_is_in_the_answer(
    with_history: bool,
    scenario: Callable[[Synthetic, Commit, random.Random], Built],
    synthetic: Synthetic,
    session: MatchSession,
) -> None:
    rng = random.Random(scenario.__name__)
    for commit in rng.sample(synthetic.commits, 8):
        built = scenario(synthetic, commit, rng)
        match = _matched(built, session, with_history=with_history)
        assert commit.sha in match.commits, match
        assert match.count == len(match.commits)
        if built[2] is not None and with_history:
            assert set(match.commits) == built[2], match


def test_a_dirty_build_names_the_edited_file(synthetic: Synthetic, session: MatchSession) -> None:
    commit = synthetic.commits[60]
    built = dirty(synthetic, commit, random.Random(5))
    match = _matched(built, session, with_history=True)
    edited = [p for p, d in built[0][0].items() if isinstance(d, bytes) and b"not committed" in d]
    assert match.verdict is ContentVerdict.NEAREST
    assert list(match.modified) == edited
    assert match.unexplained == ("var/task/notes.txt",)
