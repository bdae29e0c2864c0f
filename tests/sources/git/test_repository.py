"""Real repositories read whole."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.errors import SourceError
from jotgraph.records import Commit, Gap, GitRepository, Kind
from jotgraph.sources.git.configuration import without_credentials
from jotgraph.sources.git.repository import GitRead, merge_commits, parse_log, read_git
from jotgraph.sources.git.state import folder_state
from tests.rig.fixtures import NewRepository
from tests.rig.git import START, Repository, clone
from tests.sources.git.canaries import recorded


def test_a_repository_with_branches_and_tags(git_repository: NewRepository) -> None:
    made = git_repository("shop")
    first = made.commit({"a": "1"}, "begin")
    made.tag("v1.0.0", message="release")
    made.git("tag", "-a", "-m", "again", "twice", "v1.0.0")
    made.git("tag", "tree", "HEAD^{tree}")
    made.branch("side")
    second = made.commit({"b": "2"}, "Grüße: \x1f and more")
    made.switch("main")
    third = made.merge("side", "join")
    made.remote("https://me:secret@example.com/team/shop.git?token=1")

    read = read_git(made.path)

    tags = [made.git("rev-parse", f"refs/tags/{name}") for name in ("twice", "v1.0.0")]
    hour = timedelta(hours=1)
    assert read == GitRead(
        repository=GitRepository(
            key="shop",
            path=str(made.path),
            remotes=("https://example.com/team/shop.git",),
            head=third,
            head_ref="refs/heads/main",
            refs=(
                ("refs/heads/main", third),
                ("refs/heads/side", second),
                ("refs/tags/twice", first),
                ("refs/tags/v1.0.0", first),
            ),
            tag_objects=tuple(sorted((tag, first) for tag in tags)),
        ),
        commits=tuple(
            sorted(
                (
                    Commit(
                        sha=sha,
                        parents=parents,
                        committed_at=when,
                        authored_at=when,
                        author="Ada",
                        subject=subject,
                        repositories=("shop",),
                    )
                    for sha, parents, when, subject in (
                        (first, (), START, "begin"),
                        (second, (first,), START + hour, "Grüße: \x1f and more"),
                        (third, (first, second), START + 2 * hour, "join"),
                    )
                ),
                key=lambda commit: commit.sha,
            )
        ),
    )


def test_a_folder_inside_detached_and_dirty(git_repository: NewRepository) -> None:
    made = git_repository("shop")
    first = made.commit({"app/a": "1"})
    second = made.commit({"app/a": "2"})
    made.switch(first)
    made.write({"app/new": "untracked"})
    clean = read_git(made.path / "app", key="mine")
    assert (clean.repository.head, clean.repository.head_ref) == (first, "")
    assert clean.repository.key == "mine"
    assert not clean.repository.dirty
    assert {commit.sha for commit in clean.commits} == {first, second}
    made.write({"app/a": "3"})
    assert read_git(made.path).repository.dirty


def test_a_commit_that_only_the_reflog_names_is_read(git_repository: NewRepository) -> None:
    made = git_repository()
    made.commit({"a": "1"})
    lost = made.commit({"a": "2"})
    made.git("reset", "-q", "--hard", "HEAD~1")
    assert lost in {commit.sha for commit in read_git(made.path).commits}


def test_an_empty_repository(git_repository: NewRepository) -> None:
    made = git_repository("new")
    read = read_git(made.path)
    assert read == GitRead(
        GitRepository(key="new", path=str(made.path), head_ref="refs/heads/main"), ()
    )


def test_no_question_is_asked_of_git_twice(git_repository: NewRepository, tmp_path: Path) -> None:
    """Each is a process of some milliseconds: the place, its nature and HEAD are one question."""
    made = git_repository("shop")
    made.commit({"a": "1"})
    made.remote("https://example.com/team/shop.git")
    with recorded(tmp_path) as commands:
        read = read_git(made.path)
    assert commands == ["rev-parse", "config", "for-each-ref", "log", "ls-files", "diff-index"]
    assert (read.repository.head_ref, read.repository.dirty) == ("refs/heads/main", False)


def test_a_folder_and_a_ref_with_line_ends_and_a_file_named_head(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    """What is asked at once is told apart by lines, and git takes a name for a file's if it can."""
    made = git_repository("new")
    shutil.move(made.path, tmp_path / "two\nlines")
    moved = Repository(tmp_path / "two\nlines")
    moved.write({"HEAD": "", "HEAD^{commit}": ""})
    unborn = read_git(moved.path).repository
    assert (unborn.head, unborn.head_ref) == (None, "refs/heads/main")
    sha = moved.commit({"a": "1"})
    born = read_git(moved.path).repository
    assert (born.path, born.head, born.head_ref) == (str(moved.path), sha, "refs/heads/main")
    moved.write({"a": "2"})
    assert read_git(moved.path).repository.dirty


def test_a_bare_repository_of_sha256(git_repository: NewRepository, tmp_path: Path) -> None:
    made = git_repository("shop", object_format="sha256")
    first = made.commit({"a": "1"})
    clone(made, tmp_path / "bare.git", "--bare")
    read = read_git(tmp_path / "bare.git")
    assert (read.repository.key, read.repository.object_format) == ("bare", "sha256")
    assert [commit.sha for commit in read.commits] == [first]
    assert not read.repository.dirty


def test_a_shallow_clone_is_a_gap(git_repository: NewRepository, tmp_path: Path) -> None:
    made = git_repository("shop")
    made.commit({"a": "1"})
    last = made.commit({"a": "2"})
    clone(made, tmp_path / "cut", "--depth=1")
    read = read_git(tmp_path / "cut")
    assert read.repository.shallow
    assert [commit.sha for commit in read.commits] == [last]
    assert read.gaps == (
        Gap(
            service="git",
            action="log",
            resource="cut",
            reason="shallow",
            detail="history is cut off; run git fetch --unshallow in it and scan again",
            hides=(Kind.COMMIT,),
        ),
    )


def test_a_damaged_repository_is_a_gap(git_repository: NewRepository) -> None:
    made = git_repository("shop")
    first = made.commit({"a": "1"})
    made.commit({"a": "2"})
    (made.path / ".git" / "objects" / first[:2] / first[2:]).unlink()
    read = read_git(made.path)
    assert read.commits == ()
    assert [(gap.action, gap.reason, gap.hides) for gap in read.gaps] == [
        ("log", "error", (Kind.COMMIT,))
    ]
    assert "git log failed: " in read.gaps[0].detail


@pytest.mark.parametrize("made", [True, False], ids=["no repository", "no folder"])
def test_what_is_no_repository_is_an_error_with_advice(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "plain"
    if made:
        folder.mkdir()
    with pytest.raises(SourceError, match="pass --git a clone"):
        read_git(folder)


def test_a_folder_of_another_file_system_is_in_no_repository() -> None:
    """Where git stops at a mount, as of a project in a container, it says more than that."""
    with pytest.raises(SourceError, match=r"/proc is not in a git repository; pass --git a clone"):
        read_git(Path("/proc"))
    assert folder_state(Path("/proc")) is None


def test_variables_of_the_caller_do_not_lead_elsewhere(
    git_repository: NewRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = git_repository("one"), git_repository("other")
    sha = one.commit({"a": "1"})
    other.commit({"a": "2"})
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_GLOB_PATHSPECS", "1")  # git ends when it meets this and its opposite
    assert [commit.sha for commit in read_git(one.path).commits] == [sha]


def test_replaced_commits_are_read_as_they_are(git_repository: NewRepository) -> None:
    made = git_repository()
    first = made.commit({"a": "1"}, "true")
    made.git("replace", first, made.git("commit-tree", "-m", "false", "HEAD^{tree}"))
    assert [commit.subject for commit in read_git(made.path).commits] == ["true"]


def test_commits_of_two_repositories_are_merged(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    made = git_repository("shop")
    first = made.commit({"a": "1"})
    last = made.commit({"a": "2"})
    clone(made, tmp_path / "cut", "--depth=1")
    one, other = read_git(made.path), read_git(tmp_path / "cut")
    merged = merge_commits([one, other])
    assert merged == merge_commits([other, one])
    assert {commit.sha: (commit.parents, commit.repositories) for commit in merged} == {
        first: ((), ("shop",)),
        last: ((first,), ("cut", "shop")),
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@host/a.git", "https://host/a.git"),
        ("https://token@host/a", "https://host/a"),
        ("https://host/a?private_token=x", "https://host/a"),
        ("ssh://git@host:22/a", "ssh://git@host:22/a"),
        ("ssh://git:pass@host/a", "ssh://git@host/a"),
        ("git@host:team/a.git", "git@host:team/a.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_urls_lose_their_secrets(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_odd_bytes_in_a_commit_stay_in_their_field(git_repository: NewRepository) -> None:
    """What no client writes, and ``git hash-object --literally`` and other tools do."""
    repository = git_repository()
    tree = repository.git("rev-parse", f"{repository.commit({'a': 'b'})}^{{tree}}")
    when = "1700000000 +0000"
    for author in ("A\x1fB <a@example.com>", "A\0B <a@example.com>"):
        text = f"tree {tree}\nauthor {author} {when}\ncommitter C <c@d> {when}\n\nof\x1fit\n"
        words = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
        done = subprocess.run(
            ["git", "-C", repository.path, *words],
            input=text.encode(),
            capture_output=True,
            check=True,
        )
        sha = done.stdout.decode().strip()
        repository.git("update-ref", f"refs/heads/odd-{len(author)}-{sha[:7]}", sha)
    read = read_git(repository.path)
    assert read.gaps == ()
    told = {(commit.author, commit.subject) for commit in read.commits}
    assert {("A\x1fB", "of\x1fit"), ("", "of\x1fit")} <= told


def test_an_entry_that_is_no_commit_is_counted_and_the_rest_is_kept() -> None:
    sha = "5a" * 20
    whole = f"{sha}\n\n1700000000\n1700000000\nA\nsubject"
    commits, lost = parse_log(f"{whole}\0gpg: no key\0{sha}\n\0\0", "shop")
    assert ([commit.sha for commit in commits], lost) == ([sha], 2)
    assert parse_log("", "shop") == ((), 0)


@given(st.text(alphabet="\0\n\x1fa5 0", max_size=200))
def test_any_text_at_all_is_commits_or_losses(text: str) -> None:
    commits, lost = parse_log(text, "shop")
    assert len(commits) + lost == sum(1 for entry in text.split("\0") if entry)


def test_lost_entries_are_a_gap(
    git_repository: NewRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = git_repository()
    sha = repository.commit({"a": "b"})
    # as if another git answered so
    monkeypatch.setattr("jotgraph.sources.git.repository._FORMAT", "%H")
    read = read_git(repository.path)
    assert read.commits == ()
    assert [(gap.action, gap.reason, gap.hides) for gap in read.gaps] == [
        ("log", "error", (Kind.COMMIT,))
    ]
    assert "1 commit" in read.gaps[0].detail
    assert read.repository.head == sha


def test_a_branch_named_with_an_odd_line_end(git_repository: NewRepository) -> None:
    repository = git_repository()
    sha = repository.commit({"a": "b"})
    repository.git("branch", "one\u2028two\x85three")
    assert read_git(repository.path).repository.refs == (
        ("refs/heads/main", sha),
        ("refs/heads/one\u2028two\x85three", sha),
    )


def test_the_git_folder_itself_stands_for_its_work_tree(git_repository: NewRepository) -> None:
    made = git_repository("shop")
    made.commit({"a": "1"})
    assert read_git(made.path / ".git") == read_git(made.path)


def test_a_linked_work_tree(git_repository: NewRepository, tmp_path: Path) -> None:
    made = git_repository("shop")
    sha = made.commit({"a": "1"})
    made.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    read = read_git(tmp_path / "linked")
    assert (read.repository.key, read.repository.head_ref) == ("linked", "refs/heads/side")
    assert [commit.sha for commit in read.commits] == [sha]
    (tmp_path / "linked/a").write_text("2")
    assert read_git(tmp_path / "linked").repository.dirty
    assert not read_git(made.path).repository.dirty
