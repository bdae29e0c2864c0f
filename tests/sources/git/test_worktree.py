"""Whether a work tree is dirty, held against ``git status`` in honest repositories."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from jotgraph.sources.git.blob_ids import lfs_pointer
from jotgraph.sources.git.configuration import configuration_of
from jotgraph.sources.git.place import git_place_of
from jotgraph.sources.git.repository import read_git
from jotgraph.sources.git.worktree import Comparison, compare
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository, new_repository

FILES: dict[str, str | bytes] = {"a": "one\n", "b/c": "two\n", "b/d/e": "three\n", "empty": ""}


def _compared(made: Repository) -> Comparison:
    place = git_place_of(made.path)
    assert place.index is not None
    return compare(place, place.index, configuration_of(made.path))


def _git_says(made: Repository) -> bool:
    return bool(made.git("status", "--porcelain", "--untracked-files=no"))


def _touch(made: Repository) -> None:
    os.utime(made.path / "a")


def _same_size(made: Repository) -> None:
    made.write({"a": "eno\n"})


def _longer(made: Repository) -> None:
    made.write({"b/c": "two and more\n"})


def _filled(made: Repository) -> None:
    made.write({"empty": "no more\n"})


def _gone(made: Repository) -> None:
    (made.path / "b/d/e").unlink()


def _executable(made: Repository) -> None:
    (made.path / "a").chmod(0o755)


def _linked(made: Repository) -> None:
    (made.path / "a").unlink()
    (made.path / "a").symlink_to("b/c")


def _folder_linked(made: Repository) -> None:
    """The very bytes are there, behind a link that git does not follow."""
    shutil.move(made.path / "b/d", made.path.parent / "moved")
    (made.path / "b/d").symlink_to(made.path.parent / "moved")


def _a_pipe(made: Repository) -> None:
    (made.path / "a").unlink()
    os.mkfifo(made.path / "a")


def _staged(made: Repository) -> None:
    made.write({"new": "staged\n"})
    made.git("add", "new")


def _staged_and_taken_back(made: Repository) -> None:
    made.write({"a": "eno\n"})
    made.git("add", "a")
    made.write({"a": "one\n"})


def _announced(made: Repository) -> None:
    made.write({"later": ""})
    made.git("add", "--intent-to-add", "later")


def _removed_from_the_index(made: Repository) -> None:
    made.git("rm", "-q", "--cached", "a")


def _assumed_unchanged(made: Repository) -> None:
    made.git("update-index", "--assume-unchanged", "a")
    made.write({"a": "changed\n"})


def _skipped(made: Repository) -> None:
    made.git("update-index", "--skip-worktree", "a")
    (made.path / "a").unlink()


def _untracked(made: Repository) -> None:
    made.write({"b/new": "untracked\n"})


CHANGES: tuple[Callable[[Repository], None], ...] = (
    _touch,
    _same_size,
    _longer,
    _filled,
    _gone,
    _executable,
    _linked,
    _folder_linked,
    _a_pipe,
    _staged,
    _staged_and_taken_back,
    _announced,
    _removed_from_the_index,
    _assumed_unchanged,
    _skipped,
    _untracked,
)
HARMLESS = (_touch, _assumed_unchanged, _skipped, _untracked)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_one_change(change: Callable[[Repository], None], git_repository: NewRepository) -> None:
    made = git_repository()
    made.commit(FILES)
    change(made)
    assert _compared(made) == Comparison(dirty=change not in HARMLESS)
    assert _git_says(made) == (change not in HARMLESS)


@pytest.mark.parametrize("seed", range(6))
def test_several_changes(seed: int, git_repository: NewRepository) -> None:
    made = git_repository()
    made.commit(FILES)
    for change in random.Random(seed).sample(HARMLESS[:2] + HARMLESS[3:], 2):
        change(made)
    if seed % 2:
        random.Random(seed).choice((_longer, _gone, _filled, _staged))(made)
    assert _compared(made).dirty == bool(seed % 2) == _git_says(made)


def test_nothing_committed_yet(git_repository: NewRepository) -> None:
    made = git_repository()
    assert _compared(made) == Comparison(dirty=False)
    made.write(FILES)
    made.git("add", "--all")
    assert _compared(made) == Comparison(dirty=True)


def test_an_unfinished_merge(git_repository: NewRepository) -> None:
    made = git_repository()
    made.commit(FILES)
    made.branch("side")
    made.commit({"a": "theirs\n"})
    made.switch("main")
    made.commit({"a": "ours\n"})
    with pytest.raises(CalledProcessError, match="merge"):
        made.git("merge", "-q", "side")
    assert _compared(made) == Comparison(dirty=True)


@pytest.mark.parametrize(
    ("attributes", "settings", "dirty"),
    [
        ("", {}, True),
        ("", {"core.autocrlf": "true"}, False),
        ("", {"core.autocrlf": "input"}, False),
        ("* text=auto\n", {}, False),
        ("*.txt eol=crlf\n", {}, False),
        ("*.txt -text\n", {"core.autocrlf": "true"}, True),
        ("*.txt crlf\n", {}, False),
        ("*.py text\n", {}, True),
    ],
)
def test_line_ends(
    attributes: str, settings: dict[str, str], dirty: bool, git_repository: NewRepository
) -> None:
    made = git_repository()
    for name, value in settings.items():
        made.git("config", name, value)
    made.commit({"file.txt": "one\ntwo\n", ".gitattributes": attributes})
    made.write({"file.txt": "one\r\ntwo\r\n"})
    _forget_size(made, "file.txt")
    assert _compared(made) == Comparison(dirty=dirty)
    assert _git_says(made) == dirty


def _forget_size(made: Repository, path: str) -> None:
    """Let the index know an entry's blob and nothing of its file, as after ``git read-tree``."""
    made.git("update-index", "--cacheinfo", f"100644,{made.git('rev-parse', f':{path}')},{path}")


def test_a_file_of_lfs_is_compared_by_its_pointer(git_repository: NewRepository) -> None:
    """Git LFS keeps a pointer in git; its filter, which is not run, makes it of the file."""
    data = b"a large model" * 100
    made = git_repository()
    pointer = lfs_pointer(hashlib.sha256(data).hexdigest(), len(data))
    made.commit({"model.bin": pointer, ".gitattributes": "*.bin filter=lfs diff=lfs -text\n"})
    made.write({"model.bin": data})
    _forget_size(made, "model.bin")
    assert _compared(made) == Comparison(dirty=False)
    made.write({"model.bin": data.upper()})
    assert _compared(made) == Comparison(dirty=True)


def test_what_only_a_filter_could_tell_is_neither_clean_nor_dirty(
    git_repository: NewRepository,
) -> None:
    """As git-crypt has it: what git holds is made by a command of the user's."""
    made = git_repository()
    attributes = "*.key filter=git-crypt diff=git-crypt\n*.ps1 working-tree-encoding=UTF-16\n"
    made.commit({"a.key": b"\0GITCRYPT\0encrypted", ".gitattributes": attributes, "a": "one\n"})
    made.write({"a.key": b"plain text"})
    _forget_size(made, "a.key")
    assert _compared(made) == Comparison(False, 1, ("git-crypt",))
    read = read_git(made.path)
    assert not read.repository.dirty
    assert [(gap.action, gap.facts, gap.hides) for gap in read.gaps] == [
        ("status", ("status",), ())
    ]
    assert read.gaps[0].detail == (
        "whether 1 file differs from HEAD is not known: it is stored through git-crypt, "
        "which is not run"
    )
    made.write({"a": "eno\n"})
    assert _compared(made) == Comparison(dirty=True)


def test_an_untouched_file_of_a_filter_is_clean(git_repository: NewRepository) -> None:
    """An honest clone: git wrote the file itself, and the index knows it."""
    made = git_repository()
    made.commit({".gitattributes": "*.key filter=rot\n"})
    made.git("config", "filter.rot.clean", "tr a-z n-za-m")
    made.git("config", "filter.rot.smudge", "tr a-z n-za-m")
    made.commit({"a.key": "secret\n"})
    assert made.git("cat-file", "blob", ":a.key") == "frperg"
    os.utime(made.path / "a.key", ns=(10**18, 10**18))
    made.git("update-index", "--refresh")
    assert _compared(made) == Comparison(dirty=False)


@pytest.fixture
def with_part(git_repository: NewRepository, tmp_path: Path) -> Repository:
    """A repository with a submodule ``part``."""
    part = new_repository(tmp_path / "part")
    part.commit({"x": "1\n"})
    made = git_repository()
    made.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(part.path), "part")
    made.commit(FILES)
    return made


def test_a_submodule_as_it_was_recorded(with_part: Repository) -> None:
    assert _compared(with_part) == Comparison(dirty=False)


def test_a_submodule_with_a_changed_file(with_part: Repository) -> None:
    with_part.write({"part/x": "2\n"})
    assert _compared(with_part) == Comparison(dirty=True)
    assert _git_says(with_part)


def test_a_submodule_at_another_commit(with_part: Repository) -> None:
    Repository(with_part.path / "part").commit({"x": "2\n"})
    assert _compared(with_part) == Comparison(dirty=True)
    assert _git_says(with_part)


def test_a_submodule_that_is_not_checked_out(with_part: Repository) -> None:
    with_part.git("submodule", "-q", "deinit", "-f", "part")
    assert _compared(with_part) == Comparison(dirty=False)
    assert not _git_says(with_part)


def test_modes_count_only_where_the_file_system_keeps_them(git_repository: NewRepository) -> None:
    made = git_repository()
    made.commit(FILES)
    made.git("config", "core.fileMode", "false")
    _executable(made)
    assert _compared(made) == Comparison(dirty=False)
    assert not _git_says(made)


def test_a_file_changed_in_the_moment_the_index_was_written(git_repository: NewRepository) -> None:
    """Size and times are those of the index: only the bytes tell (git's "racy" entries)."""
    made = git_repository()
    made.commit(FILES)
    index = made.path / ".git/index"
    file = made.path / "a"
    before = file.stat()
    made.write({"a": "eno\n"})
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.utime(index, ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert _compared(made) == Comparison(dirty=True)
