"""Small real git repositories for tests: a folder in, commits with the same SHAs on every run out.

Authors, dates and configuration are fixed, so that a test may write a SHA down; nothing of the
user's own git configuration is read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

START = datetime(2024, 1, 1, 12, tzinfo=UTC)
"""Time of the first commit; each further one is an hour later unless told."""

AUTHOR = ("Ada", "ada@example.com")

QUIET = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
"""Settings without which each commit starts another program that looks for what to tidy."""


@dataclass(frozen=True)
class Repository:
    """One repository on disk. Every method that makes a commit returns its full SHA."""

    path: Path

    def git(self, *words: str, when: datetime = START, author: tuple[str, str] = AUTHOR) -> str:
        """Run git here and return its output without the last newline. Raises CalledProcessError
        (stderr in its notes) when git does."""
        done = subprocess.run(
            ["git", "-C", str(self.path), *words],
            env=environment(when, author),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            error = subprocess.CalledProcessError(done.returncode, done.args)
            error.add_note(done.stderr)
            raise error
        return done.stdout.rstrip("\n")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files without committing them: of tracked ones, a dirty work tree."""
        for name, content in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(
        self,
        files: Mapping[str, str | bytes] | None = None,
        message: str = "",
        *,
        remove: Sequence[str] = (),
        when: datetime | None = None,
        author: tuple[str, str] = AUTHOR,
    ) -> str:
        """Write ``files``, delete ``remove``, and commit everything that changed.

        With no files the commit is empty. ``message`` is ``change <n>`` when not given.
        """
        number = self._count()
        self.write(files or {})
        for name in remove:
            (self.path / name).unlink()
        self.git("add", "--all")
        moment = when or START + timedelta(hours=number)
        text = message or f"change {number + 1}"
        words = ("commit", "-q", "--allow-empty", "-m", text)
        self.git(*QUIET, *words, when=moment, author=author)
        return self.head

    def _count(self) -> int:
        """How many commits there are, without asking git where there is no ref."""
        folder = self.path / ".git"
        kept = folder / "packed-refs"
        if folder.is_dir() and not kept.exists() and not any((folder / "refs" / "heads").iterdir()):
            return 0
        return int(self.git("rev-list", "--all", "--count"))

    def merge(self, branch: str, message: str = "", *, when: datetime | None = None) -> str:
        """Merge ``branch`` into the current one, always with a merge commit."""
        number = int(self.git("rev-list", "--all", "--count"))
        moment = when or START + timedelta(hours=number)
        self.git("merge", "-q", "--no-ff", "-m", message or f"merge {branch}", branch, when=moment)
        return self.head

    def branch(self, name: str, at: str = "HEAD") -> None:
        """Make branch ``name`` and switch to it."""
        self.git("switch", "-q", "-c", name, at)

    def switch(self, name: str) -> None:
        """Go to an existing branch; to a commit or tag, detached."""
        known = self.git("branch", "--list", "--format=%(refname:short)").splitlines()
        self.git("switch", "-q", *(() if name in known else ("--detach",)), name)

    def copied_to(self, path: Path) -> Repository:
        """The same repository once more, without asking git."""
        return Repository(shutil.copytree(self.path, path, symlinks=True))

    def tag(self, name: str, at: str = "HEAD", *, message: str | None = None) -> None:
        """Tag a commit: lightweight, or annotated when there is a message."""
        annotated = () if message is None else ("-a", "-m", message)
        self.git("tag", *annotated, name, at)

    def remote(self, url: str, name: str = "origin") -> None:
        self.git("remote", "add", name, url)

    @property
    def head(self) -> str:
        """The commit that is checked out: read where git keeps it, else asked of git."""
        try:
            name = (self.path / ".git" / "HEAD").read_text().strip()
            if not name.startswith("ref: "):
                return name
            return (self.path / ".git" / name.removeprefix("ref: ")).read_text().strip()
        except OSError:  # a packed ref, or a work tree whose repository is elsewhere
            return self.git("rev-parse", "HEAD")


def environment(when: datetime = START, author: tuple[str, str] = AUTHOR) -> dict[str, str]:
    """The process environment for git: fixed identity and time, no configuration but its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    stamp = when.strftime("%Y-%m-%dT%H:%M:%S%z")
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": author[0],
        "GIT_AUTHOR_EMAIL": author[1],
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_NAME": author[0],
        "GIT_COMMITTER_EMAIL": author[1],
        "GIT_COMMITTER_DATE": stamp,
    }


def new_repository(path: Path, *, branch: str = "main", object_format: str = "sha1") -> Repository:
    """Make an empty repository at ``path``, which may exist."""
    for name, content in _empty(branch, object_format).items():
        target = path / ".git" / name
        if content is None:
            target.mkdir(parents=True)
        else:
            target.write_bytes(content)
    return Repository(path)


@cache
def _empty(branch: str, object_format: str) -> Mapping[str, bytes | None]:
    """What git makes a new repository of: its folders (None), and the bytes of its files."""
    with TemporaryDirectory() as folder:
        words = (f"--initial-branch={branch}", f"--object-format={object_format}")
        Repository(Path(folder)).git("init", "-q", "--template=", *words)
        top = Path(folder) / ".git"
        return {".": None} | {
            str(path.relative_to(top)): None if path.is_dir() else path.read_bytes()
            for path in sorted(top.rglob("*"))
        }


def clone(source: Repository, path: Path, *options: str) -> Repository:
    """Clone with git's own ``options``, such as ``--depth=1`` (through file://, as git needs)."""
    subprocess.run(
        ["git", "clone", "-q", *options, source.path.as_uri(), str(path)],
        env=environment(),
        check=True,
        capture_output=True,
    )
    return Repository(path)
