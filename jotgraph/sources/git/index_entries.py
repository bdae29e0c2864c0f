"""What git's index says of tracked files, and whether it differs from HEAD. No file is read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from jotgraph.sources.git.command import GitError, run

_ENTRY = re.compile(
    rb"(?P<tag>\w) (?P<mode>\d+) (?P<oid>[0-9a-f]+) (?P<stage>\d)\t(?P<path>[^\0]+)\0"
    rb"  ctime: (?P<ctime>\d+:\d+)\n  mtime: (?P<mtime>\d+:\d+)\n  dev: \d+\tino: (?P<ino>\d+)\n"
    rb"  uid: \d+\tgid: \d+\n  size: (?P<size>\d+)\tflags: (?P<flags>[0-9a-f]+)\n"
)
"""One entry of ``git ls-files -v --stage --debug -z``."""
_INTENT_TO_ADD = 0x20000000
WORD = 0xFFFFFFFF
"""The index keeps numbers of 32 bits."""


class IndexEntry(msgspec.Struct, frozen=True):
    """A tracked file as the index has it."""

    path: bytes
    mode: bytes
    oid: bytes
    """Raw."""
    size: int
    """Of the file when it was last found equal; 0 when that is not known."""
    mtime: int
    """Nanoseconds, and so is ``ctime``."""
    ctime: int
    inode: int
    added: bool
    """Announced by ``git add --intent-to-add``, without content."""


def entries_of(top: Path) -> tuple[list[IndexEntry], bool]:
    """The entries to look at, and whether a merge is unfinished. Those that git was told not to
    look at (assume-unchanged, skip-worktree) are left out."""
    listing = run(top, "ls-files", "-v", "--stage", "--debug", "-z")
    entries: list[IndexEntry] = []
    end = 0
    for match in _ENTRY.finditer(listing):
        if match.start() != end:
            break
        end = match.end()
        if match["stage"] != b"0":
            return [], True
        if match["tag"] == b"H":
            entries.append(
                IndexEntry(
                    path=match["path"],
                    mode=match["mode"],
                    oid=bytes.fromhex(match["oid"].decode()),
                    size=int(match["size"]),
                    mtime=_nanoseconds(match["mtime"]),
                    ctime=_nanoseconds(match["ctime"]),
                    inode=int(match["ino"]),
                    added=bool(int(match["flags"], 16) & _INTENT_TO_ADD),
                )
            )
    if end != len(listing):
        raise GitError("git ls-files answered in a form that cannot be read")
    return entries, False


def _nanoseconds(text: bytes) -> int:
    seconds, _, rest = text.partition(b":")
    return int(seconds) * 10**9 + int(rest)


def differs_from_head(top: Path, tracked: bool, head: str) -> bool:
    """Whether the index differs from the tree of ``head``; git compares ids, no file is read."""
    if not head:
        return tracked  # nothing was committed yet
    words = ("--cached", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv")
    return bool(run(top, "diff-index", *words, head, "--"))


def written_at(index: Path) -> int:
    """When the index was written. A file changed in that very moment may look untouched."""
    try:
        return index.stat().st_mtime_ns
    except OSError:
        return 0


def is_untouched(entry: IndexEntry, status: os.stat_result, written: int) -> bool:
    """Whether a file is as git last found it, by what the system says of it."""
    return (
        entry.size == status.st_size & WORD
        and entry.mtime == status.st_mtime_ns
        and entry.ctime == status.st_ctime_ns
        and entry.inode == status.st_ino & WORD
        and entry.mtime < written
    )
