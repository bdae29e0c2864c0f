"""Read the git repository at a path: its refs, its state, and all commits by one bulk ``git log``.

Reading changes nothing in the repository and runs nothing of it: see ``git/command.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from jotgraph.errors import SourceError
from jotgraph.records import Commit, Gap, GitRepository, Kind, pairs
from jotgraph.records.references import SHA
from jotgraph.sources.git.command import GitError, run
from jotgraph.sources.git.configuration import Configuration, configuration_of
from jotgraph.sources.git.place import GitPlace, git_place_of
from jotgraph.sources.git.worktree import compare

T = TypeVar("T")

_FORMAT = "%H%n%P%n%ct%n%at%n%an%n%s"
"""A name and a subject are each one line, whatever else is in them."""
_FIELDS = 6
_REFS = ("refs/heads", "refs/tags", "refs/remotes")


class GitRead(msgspec.Struct, frozen=True):
    """What was read of one repository."""

    repository: GitRepository
    commits: tuple[Commit, ...]
    """All that branches, remote branches, tags, HEAD and the reflog reach, sorted by SHA."""
    gaps: tuple[Gap, ...] = ()


def read_git(path: str | Path, key: str | None = None) -> GitRead:
    """Read the repository that holds ``path``; ``key`` defaults to the name of its folder.

    Raises SourceError when there is no readable repository (or no git) at all. What fails later
    is a gap, and so is a history that a shallow clone cuts off.
    """
    place = git_place_of(Path(path))
    key = key or place.folder.name.removesuffix(".git") or "repository"
    gaps: list[Gap] = []
    if place.shallow:
        cut = "history is cut off; run git fetch --unshallow in it and scan again"
        gaps.append(_gap(key, "log", cut, "shallow", hides=True))

    def part(action: str, read: Callable[[], T], otherwise: T, hides: bool = False) -> T:
        try:
            return read()
        except SourceError as error:
            gaps.append(_gap(key, action, str(error), "error", hides=hides))
            return otherwise

    folder = place.folder
    head = place.head or None
    configured = configuration_of(folder)
    no_refs: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    refs, tags = part("for-each-ref", lambda: _refs(folder), no_refs, hides=True)
    nothing: tuple[tuple[Commit, ...], int] = ((), 0)
    commits, lost = part("log", lambda: _commits(folder, key, head), nothing, hides=True)
    if lost:
        many = f"{lost:,} commit{'s' * (lost > 1)}"
        detail = f"git listed {many} in a form that cannot be read; run git fsck and git log"
        gaps.append(_gap(key, "log", detail, "error", hides=True))
    repository = GitRepository(
        key=key,
        path=str(folder),
        remotes=tuple(sorted({url for _, url in configured.remotes if url})),
        head=head,
        head_ref=place.head_ref,
        dirty=part("status", lambda: is_dirty(place, configured), False),
        shallow=place.shallow,
        object_format=place.object_format,
        refs=pairs(refs),
        tag_objects=pairs(tags),
    )
    return GitRead(repository, commits, tuple(sorted(gaps)))


def merge_commits(reads: Iterable[GitRead]) -> tuple[Commit, ...]:
    """The commits of several repositories, each once, with the keys of all that hold it. Of two
    that differ (one clone is shallow there) the one with parents counts."""
    commits: dict[str, Commit] = {}
    for read in reads:
        for commit in read.commits:
            known = commits.get(commit.sha)
            if known is not None:
                keys = tuple(sorted({*known.repositories, *commit.repositories}))
                fuller = max(known, commit, key=lambda version: len(version.parents))
                commit = msgspec.structs.replace(fuller, repositories=keys)
            commits[commit.sha] = commit
    return tuple(commits[sha] for sha in sorted(commits))


def _gap(key: str, action: str, detail: str, reason: str, *, hides: bool) -> Gap:
    return Gap(
        service="git",
        action=action,
        resource=key,
        reason=reason,
        detail=detail,
        hides=(Kind.COMMIT,) if hides else (),
        facts=() if hides else (action,),
    )


def _git(folder: Path, *words: str) -> str:
    """What a git command says, whatever its bytes: author names and subjects may be in any
    encoding, the snapshot is UTF-8. Raises GitError."""
    return run(folder, *words).decode("utf-8", "replace")


def _maybe(folder: Path, *words: str) -> str:
    """What git says, or nothing: for questions whose *no* is an exit status."""
    try:
        return _git(folder, *words).strip()
    except GitError:
        return ""


def _commits(folder: Path, key: str, head: str | None) -> tuple[tuple[Commit, ...], int]:
    tips = ["--branches", "--tags", "--remotes", "--reflog", *([head] if head else ())]
    if head is None and not _git(folder, "for-each-ref", "--count=1", *_REFS):
        return (), 0  # git log without a revision to start from would ask for HEAD, and fail
    return parse_log(
        _git(folder, "log", "-z", "--encoding=UTF-8", f"--format={_FORMAT}", *tips, "--"), key
    )


def parse_log(output: str, key: str) -> tuple[tuple[Commit, ...], int]:
    """Parse the output of ``git log`` in _FORMAT: the commits, sorted by SHA, and how many entries
    are none."""
    keys = (key,)
    commits: list[Commit] = []
    lost = 0
    for entry in output.split("\0"):
        fields = entry.split("\n")
        if len(fields) != _FIELDS or not SHA.fullmatch(fields[0]):
            lost += bool(entry)
            continue
        sha, parents, committed, authored, author, subject = fields
        commits.append(
            Commit(
                sha=sha,
                parents=tuple(parents.split()),
                committed_at=commit_time(committed),
                authored_at=commit_time(authored),
                author=author,
                subject=subject,
                repositories=keys,
            )
        )
    return tuple(sorted(commits, key=lambda commit: commit.sha)), lost


def commit_time(seconds: str) -> datetime:
    """A commit's time; one that no calendar holds (a damaged commit) is the epoch."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _refs(folder: Path) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The commit of each full ref name, and of the own object of each annotated tag. A tag of a tag
    is peeled to its end; one of a tree is left out."""
    form = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    refs: dict[str, str] = {}
    tags: dict[str, str] = {}
    for line in _git(folder, "for-each-ref", f"--format={form}", *_REFS).split("\n"):
        if not line:
            continue
        name, kind, sha, peeled_kind, peeled = line.split("\0")
        if kind == "commit":
            refs[name] = sha
        elif peeled_kind == "commit":
            refs[name] = tags[sha] = peeled
        elif peeled_kind == "tag" and (
            end := _maybe(folder, "rev-parse", "--verify", "--quiet", f"{sha}^{{commit}}")
        ):
            refs[name] = tags[sha] = end
    return refs, tags


def is_dirty(place: GitPlace, configured: Configuration) -> bool:
    """Whether tracked files differ from HEAD; untracked ones do not count. Raises GitError where
    only a filter of the repository could tell."""
    if place.index is None:
        return False
    changes = compare(place, place.index, configured)
    if changes.unknown:
        filters = ", ".join(changes.filters)
        one = changes.unknown == 1
        differ, stored = ("differs", "it is") if one else ("differ", "they are")
        raise GitError(
            f"whether {changes.unknown:,} file{'' if one else 's'} {differ} from HEAD is not "
            f"known: {stored} stored through {filters}, which is not run"
        )
    return changes.dirty
