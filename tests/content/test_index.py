"""The index of a real repository: appended, rewritten, cut, damaged, and never obeyed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from jotgraph.content.history import index_store
from jotgraph.content.history.index import Index, open_index
from jotgraph.sources.git.command import GitError
from tests.content.histories import monorepo
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository, clone


def _rows(index: Index) -> Counter[tuple[str, str, str, int]]:
    """The whole index in the words of git."""
    columns, shas = index.columns, index.history.shas
    names = index.paths(range(len(columns.paths)))
    blobs = columns.blob_numbers.values()
    return Counter(
        (index.oid(blob).hex(), names[path], shas[at].hex(), sign)
        for blob, path, at, sign in index.touches(blobs)
    )


def _open(repository: Repository, cache: Path) -> Index:
    return open_index(repository.path, cache)


def test_appending_is_reading_all_at_once(tmp_path: Path) -> None:
    world = monorepo(tmp_path / "mono", 5, 60)
    grown = clone(world.repository, tmp_path / "grown")
    for step in (10, 11, 35, len(world.commits) - 1):
        grown.git("update-ref", "refs/remotes/origin/main", world.commits[step].sha)
        grown.git("update-ref", "refs/heads/main", world.commits[step].sha)
        grown.git("reflog", "expire", "--expire=now", "--all")
        index = _open(grown, tmp_path / "grown-cache")
        reached = int(grown.git("rev-list", "--count", "HEAD"))
        assert sum(index.history.alive) == reached
    index, whole = _open(grown, tmp_path / "grown-cache"), _open(grown, tmp_path / "other")
    assert _rows(index) == _rows(whole)
    assert sorted(index.history.shas) == sorted(whole.history.shas)
    for opened in (index, whole):
        for n, above in enumerate(opened.history.parents):
            assert all(parent < n for parent in above)


def test_commits_that_come_back_are_read_once(tmp_path: Path) -> None:
    world = monorepo(tmp_path / "mono", 5, 60)
    moving = clone(world.repository, tmp_path / "moving")
    newest, old = len(world.commits) - 1, 20
    for step in (newest - 5, old, newest):
        moving.git("update-ref", "refs/remotes/origin/main", world.commits[step].sha)
        moving.git("checkout", "-q", "-B", "main", world.commits[step].sha)
        if step == old:
            moving.commit({"aside": "one\n"})
        moving.git("reflog", "expire", "--expire=now", "--all")
        index = _open(moving, tmp_path / "cache")
    whole = _open(world.repository, tmp_path / "other")
    aside = {row for row in _rows(index) if row[1] == "aside"}
    assert len(aside) == 1
    assert Counter({row: n for row, n in _rows(index).items() if row not in aside}) == _rows(whole)
    assert len(set(index.history.shas)) == len(index.history.shas)
    assert {*index.history.shas} - {*whole.history.shas} == {bytes.fromhex(row[2]) for row in aside}


def test_nothing_new_runs_no_log(
    git_repository: NewRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})
    _open(repository, tmp_path / "cache")

    def refuse(*_: object) -> None:
        raise AssertionError("git log was run")

    monkeypatch.setattr(index_store, "log", refuse)
    _open(repository, tmp_path / "cache")


def test_rewritten_commits_are_dead(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})
    old = repository.commit({"a": "two\n"})
    _open(repository, tmp_path / "cache")
    repository.git("commit", "-q", "--amend", "-m", "rewritten")
    repository.git("reflog", "expire", "--expire=now", "--all")
    index = _open(repository, tmp_path / "cache")
    living = [sha.hex() for sha, alive in zip(*_ends(index), strict=True) if alive]
    assert old not in living
    assert repository.head in living


def _ends(index: Index) -> tuple[list[bytes], bytes]:
    return index.history.shas, index.history.alive


def test_a_commit_of_the_reflog_is_alive(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})
    lost = repository.commit({"a": "two\n"})
    repository.git("reset", "-q", "--hard", "HEAD~1")
    index = _open(repository, tmp_path / "cache")
    assert [sha.hex() for sha, alive in zip(*_ends(index), strict=True) if alive][-1] == lost


def test_deepening_a_shallow_clone(tmp_path: Path) -> None:
    world = monorepo(tmp_path / "mono", 6, 30)
    cut = clone(world.repository, tmp_path / "cut", "--depth=5")
    index = _open(cut, tmp_path / "cache")
    assert index.shallow
    cut.git("fetch", "-q", "--unshallow")
    index, whole = _open(cut, tmp_path / "cache"), _open(cut, tmp_path / "other")
    assert not index.shallow
    assert _rows(index) == _rows(whole)


def test_a_damaged_file_is_made_again(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})
    _open(repository, tmp_path / "cache")
    (file,) = (tmp_path / "cache").glob("git-*.sqlite")
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    index = _open(repository, tmp_path / "cache")
    assert len(index.history.shas) == 1


def test_an_empty_repository_and_none(git_repository: NewRepository, tmp_path: Path) -> None:
    index = _open(git_repository(), tmp_path / "cache")
    assert index.history.shas == []
    with pytest.raises(GitError):
        open_index(tmp_path / "cache", tmp_path / "cache")


def test_odd_names_gitlinks_and_links(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.write({'a\nb\t"c': "odd\n", ":100644": "colon\n", "\x02x": "two\n"})
    (repository.path / "link").symlink_to("target")
    inner = repository.git("commit-tree", "-m", "x", repository.git("write-tree"))
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{inner},vendor")
    repository.git("add", "--", 'a\nb\t"c', "./:100644", "\x02x", "link")
    repository.git("commit", "-q", "-m", "odd")
    index = _open(repository, tmp_path / "cache")
    paths = {path for _, path, _, _ in _rows(index)}
    assert paths == {'a\nb\t"c', ":100644", "\x02x", "link"}


def test_a_repository_cannot_make_git_run_anything(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    first = repository.commit({"a": "one\n", ".gitattributes": "* diff=evil filter=evil\n"})
    second = repository.commit({"a": "two\n"})
    trap = tmp_path / "sprung"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\nexit 0\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "core.pager",
        "pager.log",
        "gpg.program",
        "core.sshCommand",
        "core.alternateRefsCommand",
    ):
        repository.git("config", key, str(script))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "log.showRoot", "false")
    repository.git("config", "diff.renames", "copies")
    repository.git("replace", second, first)
    index = _open(repository, tmp_path / "cache")
    assert not trap.exists()
    assert [sha.hex() for sha in index.history.shas] == [first, second]
    assert sorted(path for _, path, _, _ in _rows(index).elements()) == [
        ".gitattributes", "a", "a", "a"
    ]  # fmt: skip


def test_a_locked_cache_waits_and_a_full_transaction_is_all_or_nothing(
    git_repository: NewRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})

    def fail(*_: object) -> None:
        raise GitError("the machine went down")

    with monkeypatch.context() as patch:
        patch.setattr(index_store, "log", fail)
        with pytest.raises(GitError):
            _open(repository, tmp_path / "cache")
    (file,) = (tmp_path / "cache").glob("git-*.sqlite")
    database = sqlite3.connect(file)
    assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()
    index = _open(repository, tmp_path / "cache")
    assert len(index.history.shas) == 1


def test_settings_that_narrow_diffs_hide_nothing(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    repository.commit({"a/one": "1\n", "b/two": "2\n"})
    repository.git("config", "diff.relative", "true")
    index = open_index(repository.path / "a", tmp_path / "cache")
    assert {path for _, path, _, _ in _rows(index)} == {"a/one", "b/two"}
