"""What is stored of environment variables.

Their names, a keyed hash of their values, and the values of a few variables that are revisions by
name and form. Other values are never stored.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path

from jotgraph.records import ATTRIBUTES_VARIABLE, REVISION_VARIABLES, Commit, Pairs
from jotgraph.store.folders import state_folder

_ABBREVIATED = 7
"""The fewest digits of a revision."""
_REVISION = re.compile(
    r"""(?:[A-Za-z0-9][\w./-]{0,60}@)?            # Sentry: package@release
        (?: v?\d+(?:\.\d+){1,3}                   # a version, perhaps as git describe puts it
            (?:[-+.][0-9A-Za-z][0-9A-Za-z.-]{0,40})?
          | (?:[\w./-]{1,80}-\d+-g)?[0-9a-f]{7,64}
        )(?:-dirty)?""",
    re.VERBOSE | re.IGNORECASE,
)


def looks_like_revision(value: str) -> bool:
    """Return whether a value has the form of a SHA, a ``git describe`` or a version."""
    return len(value) <= 160 and _REVISION.fullmatch(value) is not None


def revision_env(variables: Mapping[str, str], more: Collection[str] = ()) -> Pairs:
    """Return the variables that are revisions by name (or one of ``more``) and by form. Of
    OpenTelemetry's attributes only ``vcs.*`` entries are kept (opentelemetry.io semantic
    conventions, VCS)."""
    revisions = {
        name: value
        for name, value in variables.items()
        if (name.upper() in REVISION_VARIABLES or name in more) and looks_like_revision(value)
    }
    if ATTRIBUTES_VARIABLE in variables:
        entries = [entry.strip() for entry in variables[ATTRIBUTES_VARIABLE].split(",")]
        vcs = [e for e in entries if e.startswith("vcs.") and _is_revision_entry(e)]
        if vcs:
            revisions[ATTRIBUTES_VARIABLE] = ",".join(sorted(vcs))
    return tuple(sorted(revisions.items()))


class Commits:
    """The commits that were read, for looking up abbreviations."""

    def __init__(self, commits: Iterable[Commit]) -> None:
        self._by_prefix: dict[str, list[str]] = {}
        for commit in commits:
            self._by_prefix.setdefault(commit.sha[:_ABBREVIATED], []).append(commit.sha)

    def begun_by(self, value: str) -> bool:
        """Return whether a value is a revision of a commit that was read, or begins one."""
        clean = value.lower().removesuffix("-dirty")
        shas = self._by_prefix.get(clean[:_ABBREVIATED], ())
        return any(sha.startswith(clean) for sha in shas)


def known_revisions(env: Pairs, names: Collection[str], commits: Commits) -> Pairs:
    """Return the variables without those of these names whose values begin no commit. A variable
    that a settings file names may hold a secret, which is never stored."""
    return tuple(
        (name, value) for name, value in env if name not in names or commits.begun_by(value)
    )


class TeamVariables:
    """The variables that a team names, whose values are stored where they begin a commit."""

    def __init__(
        self, names: frozenset[str] = frozenset(), commits: Iterable[Commit] = (), key: bytes = b""
    ) -> None:
        self.names = names
        self._commits = tuple(commits) if names else ()
        self._key = key

    @cached_property
    def _known(self) -> Commits:
        return Commits(self._commits)

    @cached_property
    def _marks(self) -> frozenset[str]:
        return frozenset(self._mark(commit.sha) for commit in self._commits)

    def _mark(self, value: str) -> str:
        beginning = value.lower()[:_ABBREVIATED].encode()
        return hmac.digest(self._key, beginning, "sha256").hex()

    def kept(self, env: Pairs) -> Pairs:
        """Return what may be stored of what has the right form; nothing of names that are no longer
        configured."""
        return known_revisions(revision_env(dict(env), self.names), self.names, self._known)

    def left_out(self, env: Pairs) -> tuple[str, ...]:
        """Return keyed hashes of the beginnings of values that may not be stored."""
        missing = set(env) - set(self.kept(env))
        return tuple(sorted({self._mark(value) for _, value in missing}))

    def would_keep(self, left_out: Collection[str]) -> bool:
        """Return whether a commit that was read begins like a value that was not stored."""
        return bool(left_out) and not self._marks.isdisjoint(left_out)


def _is_revision_entry(entry: str) -> bool:
    return looks_like_revision(entry.partition("=")[2])


def env_of_config(entries: list[str] | None, more: Collection[str] = ()) -> Pairs:
    """Return the variables in an image config's ``NAME=value`` list, like ``revision_env``."""
    split = (entry.partition("=") for entry in entries or ())
    return revision_env({name: value for name, _, value in split}, more)


def env_hash(variables: Mapping[str, str], key: bytes) -> str:
    """Return a keyed hash of names and values (hex), ``""`` when there are none."""
    if not variables:
        return ""
    text = json.dumps(sorted(variables.items()), ensure_ascii=False, separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256").hex()


def machine_key(directory: Path | None = None) -> bytes:
    """Return this machine's secret for ``env_hash``, created at first use (mode 0600). When the
    directory cannot be written, a key for this process alone is used: hashes then differ between
    scans, and nothing else does."""
    path = (directory or state_folder()) / "env-hash.key"
    fresh = secrets.token_bytes(32)
    try:
        if not path.exists():
            _place(path, fresh)
        key = path.read_bytes()
    except OSError:
        return fresh
    return key if len(key) >= 32 else fresh


def _place(path: Path, secret: bytes) -> None:
    """Write a secret unless there is one; when another process was first, its secret is used."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
