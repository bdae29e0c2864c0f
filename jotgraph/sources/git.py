"""A path on disk -> the git repository there and all its commits, by one bulk ``git log``.

GitPython runs git; nothing in the repository can make it fetch, run a hook, a pager or a signature
check, or take a lock. Reading never changes the repository.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from jotgraph.errors import SourceError
from jotgraph.records import Commit, Gap, GitRepository, Kind, pairs
from jotgraph.records.references import SHA

if TYPE_CHECKING:
    from git import Repo

T = TypeVar("T")

_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "protocol.allow=never",
    "log.showSignature=false",
    "log.showRoot=true",
)
_VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_FORMAT = "%H%n%P%n%ct%n%at%n%an%n%s"
"""A name and a subject are each one line, whatever else is in them."""
_FIELDS = 6
_REFS = ("refs/heads", "refs/tags", "refs/remotes")
_SECRET = re.compile(r"(?P<scheme>[a-z+]+://)[^@/\s]*@", re.IGNORECASE)
_SSH = re.compile(r"(?P<scheme>ssh://|git\+ssh://)(?P<user>[^:@/\s]+)(?::[^@/\s]*)?@", re.I)


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
    repo = _open(path)
    try:
        return _read(repo, key)
    finally:
        repo.close()


def merge_commits(reads: Iterable[GitRead]) -> tuple[Commit, ...]:
    """The commits of several repositories, each once, with the keys of all that hold it. Of two
    that differ (one clone is shallow there) the one with parents counts."""
    found: dict[str, Commit] = {}
    for read in reads:
        for commit in read.commits:
            known = found.get(commit.sha)
            if known is not None:
                keys = tuple(sorted({*known.repositories, *commit.repositories}))
                fuller = max(known, commit, key=lambda each: len(each.parents))
                commit = msgspec.structs.replace(fuller, repositories=keys)
            found[commit.sha] = commit
    return tuple(found[sha] for sha in sorted(found))


def _open(path: str | Path) -> Repo:
    try:
        from git import InvalidGitRepositoryError, NoSuchPathError, Repo  # noqa: PLC0415 -- 0.1 s
    except ImportError as error:
        raise SourceError("git is not installed; install it or scan without --git") from error
    try:
        return Repo(path, search_parent_directories=True)
    except NoSuchPathError as error:
        raise SourceError(f"{path}: there is no such folder; pass --git a clone") from error
    except (InvalidGitRepositoryError, ValueError, OSError) as error:
        raise SourceError(
            f"{path} is not in a git repository; pass --git a clone, or run git init there"
        ) from error


def _read(repo: Repo, key: str | None) -> GitRead:
    folder = Path(repo.working_tree_dir or repo.git_dir)
    key = key or folder.name.removesuffix(".git") or "repository"
    shallow, object_format = _nature(repo, folder)
    gaps: list[Gap] = []
    if shallow:
        cut = "history is cut off; run git fetch --unshallow in it and scan again"
        gaps.append(_gap(key, "log", cut, "shallow", hides=True))

    def part(action: str, read: Callable[[], T], otherwise: T, hides: bool = False) -> T:
        try:
            return read()
        except SourceError as error:
            gaps.append(_gap(key, action, str(error), "error", hides=hides))
            return otherwise

    head = _maybe(repo, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") or None
    refs: Mapping[str, str] = part("for-each-ref", lambda: _refs(repo), {}, hides=True)
    nothing: tuple[tuple[Commit, ...], int] = ((), 0)
    commits, lost = part("log", lambda: _commits(repo, key, head), nothing, hides=True)
    if lost:
        many = f"{lost:,} commit{'s' * (lost > 1)}"
        detail = f"git told of {many} in a form that cannot be read; look at git fsck and git log"
        gaps.append(_gap(key, "log", detail, "error", hides=True))
    repository = GitRepository(
        key=key,
        path=str(folder),
        remotes=part("config", lambda: _remotes(repo), ()),
        head=head,
        head_ref=_maybe(repo, "symbolic-ref", "--quiet", "HEAD"),
        dirty=part("status", lambda: _dirty(repo), False),
        shallow=shallow,
        object_format=object_format,
        refs=pairs(refs),
    )
    return GitRead(repository, commits, tuple(sorted(gaps)))


def _nature(repo: Repo, folder: Path) -> tuple[bool, str]:
    """Whether the clone is shallow, and its object format: the first question asked of git."""
    try:
        said = _git(repo, "rev-parse", "--is-shallow-repository", "--show-object-format")
    except SourceError as error:
        advice = (
            f"; trust it with: git config --global --add safe.directory {folder}"
            if "ownership" in str(error)
            else ""
        )
        raise SourceError(f"{folder}: {error}{advice}") from error
    shallow, object_format = said.split()
    return shallow == "true", object_format


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


def _git(repo: Repo, *words: str) -> str:
    """Run git and return its output, whatever its bytes. Raises SourceError with git's words."""
    from git import GitCommandError, GitCommandNotFound  # noqa: PLC0415 -- 0.1 s, imported by now

    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    own = {"GIT_DIR": str(repo.git_dir)}
    if repo.working_tree_dir:
        own["GIT_WORK_TREE"] = str(repo.working_tree_dir)
    try:
        said = repo.git.execute(
            ["git", "--no-pager", *settings, *words],
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            env=_VARIABLES | own,
        )
    except GitCommandNotFound as error:
        raise SourceError("git is not installed; install it or scan without --git") from error
    except GitCommandError as error:
        lines = _text(error.stderr).strip().strip("'").splitlines()
        raise SourceError(
            f"git {words[0]} failed: {lines[-1] if lines else error.status}"
        ) from error
    return _text(said)


def _text(said: object) -> str:
    """Author names and subjects may be in any encoding; the snapshot is UTF-8."""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _maybe(repo: Repo, *words: str) -> str:
    """What git says, or nothing: for questions whose *no* is an exit status."""
    try:
        return _git(repo, *words).strip()
    except SourceError:
        return ""


def _commits(repo: Repo, key: str, head: str | None) -> tuple[tuple[Commit, ...], int]:
    tips = ["--branches", "--tags", "--remotes", "--reflog", *([head] if head else ())]
    if head is None and not _git(repo, "for-each-ref", "--count=1", *_REFS):
        return (), 0  # git log without a revision to start from would ask for HEAD, and fail
    return parse_log(
        _git(repo, "log", "-z", "--encoding=UTF-8", f"--format={_FORMAT}", *tips, "--"), key
    )


def parse_log(said: str, key: str) -> tuple[tuple[Commit, ...], int]:
    """Output of ``git log`` in _FORMAT -> the commits, sorted by SHA, and how many entries are
    none."""
    keys = (key,)
    found: list[Commit] = []
    lost = 0
    for entry in said.split("\0"):
        fields = entry.split("\n")
        if len(fields) != _FIELDS or not SHA.fullmatch(fields[0]):
            lost += bool(entry)
            continue
        sha, parents, committed, authored, author, subject = fields
        found.append(
            Commit(
                sha=sha,
                parents=tuple(parents.split()),
                committed_at=_time(committed),
                authored_at=_time(authored),
                author=author,
                subject=subject,
                repositories=keys,
            )
        )
    return tuple(sorted(found, key=lambda each: each.sha)), lost


def _time(seconds: str) -> datetime:
    """A commit's time; one that no calendar holds (a damaged commit) is the epoch."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _refs(repo: Repo) -> dict[str, str]:
    """Full ref name -> commit. A tag of a tag is peeled to its end; one of a tree is left out."""
    form = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    found: dict[str, str] = {}
    for line in _git(repo, "for-each-ref", f"--format={form}", *_REFS).splitlines():
        name, kind, sha, peeled_kind, peeled = line.split("\0")
        if kind == "commit":
            found[name] = sha
        elif peeled_kind == "commit":
            found[name] = peeled
        elif peeled_kind == "tag" and (
            end := _maybe(repo, "rev-parse", "--verify", "--quiet", f"{sha}^{{commit}}")
        ):
            found[name] = end
    return found


def _remotes(repo: Repo) -> tuple[str, ...]:
    said = _maybe(repo, "config", "-z", "--get-regexp", r"^remote\..*\.url$")
    urls = (entry.partition("\n")[2] for entry in said.split("\0"))
    return tuple(sorted({without_credentials(url) for url in urls if url}))


def without_credentials(url: str) -> str:
    """A remote's URL without user, password and query. The user of SSH is a name, not a secret:
    it stays."""
    if user := _SSH.match(url):
        return f"{user['scheme']}{user['user']}@{url[user.end() :]}".partition("?")[0]
    return _SECRET.sub(r"\g<scheme>", url).partition("?")[0]


def _dirty(repo: Repo) -> bool:
    """Whether tracked files differ from HEAD; untracked ones do not count."""
    if repo.bare:
        return False
    return bool(_git(repo, "status", "--porcelain", "--untracked-files=no"))
