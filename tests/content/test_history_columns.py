"""What an index answers, held to the trees of every commit; and how the log is read for it."""

from __future__ import annotations

import fcntl
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from jotgraph.content.history import index_store, reading
from jotgraph.content.history.columns import Columns, from_bytes, to_bytes
from jotgraph.content.history.index import Index, open_index
from jotgraph.content.history.reading import Reader
from jotgraph.sources.git import command
from jotgraph.sources.git.command import GitError
from tests.content.histories import Synthetic, monorepo
from tests.rig.fixtures import NewRepository

Change = tuple[str, str, bytes | None, bytes | None]
"""(SHA, path, id of the blob before, and after)."""


def blob_id(data: bytes) -> bytes:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).digest()


def changes_of(world: Synthetic) -> list[Change]:
    """Every change against a first parent, by the trees alone."""
    changes: list[Change] = []
    for commit in world.commits:
        above = world.commits[commit.parents[0]].tree if commit.parents else {}
        for path in sorted({*above, *commit.tree}):
            before, after = above.get(path), commit.tree.get(path)
            if before != after:
                ids = [None if data is None else blob_id(data) for data in (before, after)]
                changes.append((commit.sha, path, ids[0], ids[1]))
    return changes


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Synthetic:
    return monorepo(tmp_path_factory.mktemp("world") / "mono", 11, 90)


@pytest.fixture(scope="module")
def index(world: Synthetic, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Read twice: what is asked is what was stored."""
    cache = tmp_path_factory.mktemp("index")
    open_index(world.repository.path, cache)
    return open_index(world.repository.path, cache)


def sha_of(index: Index, number: int) -> str:
    return index.history.shas[number].hex()


def test_the_history_is_that_of_the_commits(index: Index, world: Synthetic) -> None:
    by_sha = {
        sha_of(index, number): {sha_of(index, parent) for parent in parents}
        for number, parents in enumerate(index.history.parents)
    }
    assert by_sha == {
        commit.sha: {world.commits[parent].sha for parent in commit.parents}
        for commit in world.commits
    }
    assert all(
        parent < number
        for number, parents in enumerate(index.history.parents)
        for parent in parents
    )
    assert all(index.history.alive)


def test_blobs_come_and_go_as_the_trees_say(index: Index, world: Synthetic) -> None:
    expected: Counter[tuple[str, str, bytes, int]] = Counter()
    for sha, path, before, after in changes_of(world):
        expected.update([(sha, path, before, -1)] if before else [])
        expected.update([(sha, path, after, 1)] if after else [])
    every = {row[2] for row in expected}
    numbers = index.known([*every, b"\0" * 20, b"\1" * 20])
    assert set(numbers) == every
    rows = index.touches(numbers.values())
    names = index.paths(path for _, path, _, _ in rows)
    assert expected == Counter(
        (sha_of(index, at), names[path], index.oid(blob), sign) for blob, path, at, sign in rows
    )
    first = min(every)
    assert {blob for blob, _, _, _ in index.touches([numbers[first]])} == {numbers[first]}
    assert index.touches([]) == []


def test_paths_changed_as_the_trees_say(index: Index, world: Synthetic) -> None:
    changes = changes_of(world)
    paths = sorted({path for _, path, _, _ in changes})
    assert index.known_paths([*paths, "nowhere", "src"]) == set(paths)
    assert index.base_names() == {path.rpartition("/")[2] for path in paths}
    assert index.dockerfiles() == tuple(p for p in paths if p.rpartition("/")[2] == "Dockerfile")
    for path in paths:
        rows = [
            (sha_of(index, at), index.oid(blob), sign) for at, blob, sign in index.comings(path)
        ]
        mine = [(sha, before, after) for sha, name, before, after in changes if name == path]
        assert sorted(rows) == sorted(
            (sha, blob, sign)
            for sha, before, after in mine
            for blob, sign in ((before, -1), (after, 1))
            if blob
        )
        assert [at for at, _, _ in index.comings(path)] == sorted(
            at for at, _, _ in index.comings(path)
        )
    assert index.comings("nowhere") == []


@pytest.mark.parametrize("low", [0, 30, 89, 500])
def test_changes_of_files_begin_with_a_commit(index: Index, world: Synthetic, low: int) -> None:
    changes = changes_of(world)
    files = sorted({path for _, path, _, _ in changes})[::2]
    rows = index.changes([*files, "nowhere"], low)
    names = index.paths(path for path, _ in rows)
    numbers = {sha_of(index, at): at for at in range(len(index.history.shas))}
    assert sorted((names[path], at) for path, at in rows) == sorted(
        (path, numbers[sha]) for sha, path, _, _ in changes if path in files and numbers[sha] >= low
    )


def test_directories_change_with_what_is_beneath(index: Index, world: Synthetic) -> None:
    changes = changes_of(world)
    directories = {path.rpartition("/")[0] for _, path, _, _ in changes} | {"", "nowhere"}
    for directory in sorted(directories):
        inside = [
            (sha, path)
            for sha, path, _, _ in changes
            if not directory or path.startswith(f"{directory}/")
        ]
        rows, names = index.beneath(directory)
        assert [at for _, at in rows] == sorted(at for _, at in rows)
        assert sorted((sha_of(index, at), names[path]) for path, at in rows) == sorted(inside)
        touching = {sha_of(index, at) for at in index.touching([directory], [])}
        assert touching == {sha for sha, _ in inside}
    file = changes[-1][1]
    touching = {sha_of(index, at) for at in index.touching([], [file, "nowhere"])}
    assert touching == {sha for sha, path, _, _ in changes if path == file}


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_a_log_that_comes_in_pieces_is_read_as_one(
    world: Synthetic, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(command, "_CHUNK", size)
    monkeypatch.setattr(command, "_PIECE", size)
    pieces = open_index(world.repository.path, tmp_path / "cache")
    assert to_bytes(pieces.columns) == to_bytes(index.columns)


def test_a_file_that_becomes_a_submodule_is_gone(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    first = repository.commit({"lib": "file\n", "sub": "160000 stays\n"})
    repository.git("rm", "-q", "--cached", "lib")
    (repository.path / "lib").unlink()
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{first},lib")
    repository.git("commit", "-q", "-m", "submodule")
    repository.git("update-index", "--cacheinfo", f"160000,{repository.head},lib")
    repository.git("commit", "-q", "-m", "another of its commits")
    index = open_index(repository.path, tmp_path / "cache")
    (came, went) = index.comings("lib")
    assert (came[1:], went[1:]) == ((index.known([blob_id(b"file\n")])[blob_id(b"file\n")], 1),
                                    (came[1], -1))  # fmt: skip
    assert sha_of(index, came[0]) == first
    assert index.known([bytes.fromhex(first)]) == {}


_CHANGE = b":100644 100644 " + b"1" * 40 + b" " + b"2" * 40 + b" M"


@pytest.mark.parametrize(
    "tokens",
    [
        [b"1 " + b"a" * 40 + b" ", b"", _CHANGE[:-1], b"path"],
        [b"1 " + b"a" * 40 + b" ", b"", b"R100" + _CHANGE, b"path"],
        [b"fatal: nothing", b"path"],
    ],
)
def test_what_no_log_writes_is_refused(tokens: list[bytes]) -> None:
    with pytest.raises(GitError):
        Reader(Columns(20)).piece(b"".join(token + b"\0" for token in tokens))


@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_log_that_ends_within_a_change_is_refused(
    git_repository: NewRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})
    whole = command.pages

    def cut(*words: object, **options: object) -> Iterator[bytes]:
        yield b"".join(whole(*words, **options))[:-length]  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "pages", cut)
    with pytest.raises(GitError, match="within a change"):
        open_index(repository.path, tmp_path / "cache")


def test_a_log_is_read_whole_from_a_pipe_that_cannot_be_widened(
    world: Synthetic, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError("too many pipe buffers")

    monkeypatch.setattr(fcntl, "fcntl", refused)
    narrow = open_index(world.repository.path, tmp_path / "cache")
    assert to_bytes(narrow.columns) == to_bytes(index.columns)


@pytest.mark.parametrize("size", [0, 1, 70_000, 1 << 20, (1 << 20) + 1, 5_000_000])
def test_an_output_of_any_length_comes_whole(git_repository: NewRepository, size: int) -> None:
    repository = git_repository()
    data = bytes(n % 251 for n in range(997)) * (size // 997 + 1)
    repository.commit({"file": data[:size]})
    pieces = list(command.pages(repository.path, "cat-file", "blob", "HEAD:file"))
    assert b"".join(pieces) == data[:size]
    assert all(len(piece) >= 1 << 19 for piece in pieces[:-1])


def test_a_damaged_column_is_made_again(
    git_repository: NewRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = git_repository()
    repository.commit({"a" * 50: "one\n"})
    whole = to_bytes(open_index(repository.path, tmp_path / "cache").columns)
    (file,) = (tmp_path / "cache").glob("git-*.sqlite")
    stored = file.read_bytes()
    assert stored.count(b"a" * 50) == 1
    file.write_bytes(stored.replace(b"a" * 50, b"b" * 50))
    assert to_bytes(open_index(repository.path, tmp_path / "cache").columns) == whole
    monkeypatch.setattr(index_store, "log", None)  # what was made again is not made a third time
    assert to_bytes(open_index(repository.path, tmp_path / "cache").columns) == whole


def test_columns_of_two_histories_are_told(index: Index) -> None:
    stored = to_bytes(index.columns)
    assert to_bytes(from_bytes(20, stored)) == stored
    for name in stored:
        with pytest.raises(ValueError, match="different histories"):
            from_bytes(20, stored | {name: stored[name][:-8]})


def test_an_index_of_an_earlier_version_is_removed(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})
    open_index(repository.path, tmp_path)
    (file,) = tmp_path.glob("git-*.sqlite")
    old = file.with_name(file.name.replace(f"-v{index_store.SCHEMA}.", "-v1."))
    other_file = file.with_name(f"git-{'0' * 24}-v1.sqlite")
    for path in (old, other_file):
        path.write_bytes(b"")
    open_index(repository.path, tmp_path)
    assert sorted(tmp_path.glob("git-*.sqlite")) == sorted([file, other_file])
