"""Whether tracked files of a work tree differ from HEAD, found out without ``git status``.

``git status`` passes files through filters, which are commands of the repository's own
configuration, and asks submodules by their own. Here git only lists the index; files are looked at
and hashed by this program. A file whose bytes only a filter could compare is told as such.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from jotgraph.sources.git.blob_ids import blob_id, lfs_pointer, start_blob
from jotgraph.sources.git.command import GitError, run
from jotgraph.sources.git.configuration import Configuration, configuration_of
from jotgraph.sources.git.index_entries import (
    WORD,
    IndexEntry,
    differs_from_head,
    entries_of,
    is_untouched,
    written_at,
)
from jotgraph.sources.git.place import GitPlace, place_around

_SECONDS = 120.0
_TEXT = 64 << 20
"""A longer file is compared as it is, whatever line ends it has."""
_DEEPEST = 10
_CHUNK = 1 << 20
_ATTRIBUTES = ("filter", "text", "eol", "crlf", "ident", "working-tree-encoding")
_UNSET = ("unspecified", "unset")


class Comparison(msgspec.Struct, frozen=True):
    dirty: bool
    """A tracked file, or the index, differs from HEAD."""
    unknown: int = 0
    """Files whose stored form only a filter that is not run could make."""
    filters: tuple[str, ...] = ()
    """Their names, and other conversions that are not made."""


def compare(place: GitPlace, index: Path, configured: Configuration, depth: int = 0) -> Comparison:
    """Compare the work tree of a repository with HEAD, by the file of its index; untracked files do
    not count. Raises GitError."""
    top, settings = place.folder, dict(configured.storage)
    entries, staged = entries_of(top)
    if staged or differs_from_head(top, bool(entries), place.head):
        return Comparison(dirty=True)
    written = written_at(index)
    deadline = time.monotonic() + _SECONDS
    is_folder = _folder_check(os.fsencode(top))
    doubtful: list[IndexEntry] = []
    for entry in entries:
        if entry.added or not is_folder(os.path.dirname(entry.path)):
            return Comparison(dirty=True)
        try:
            status = os.lstat(os.path.join(os.fsencode(top), entry.path))
        except OSError:
            return Comparison(dirty=True)
        if entry.mode == b"160000":
            if _submodule_differs(top, entry, depth):
                return Comparison(dirty=True)
        elif _other_kind(entry, status, settings):
            return Comparison(dirty=True)
        elif not is_untouched(entry, status, written):
            if entry.size and entry.size != status.st_size & WORD:
                return Comparison(dirty=True)
            doubtful.append(entry)
    return _compare_bytes(top, doubtful, place.object_format, settings, deadline)


def _folder_check(top: bytes) -> Callable[[bytes], bool]:
    """Whether a folder of the work tree is one and no link leads out of it; each asked once."""

    @cache
    def is_folder(name: bytes) -> bool:
        if not name:
            return True
        try:
            mode = os.lstat(os.path.join(top, name)).st_mode
        except OSError:
            return False
        return stat.S_ISDIR(mode) and is_folder(os.path.dirname(name))

    return is_folder


def _other_kind(entry: IndexEntry, status: os.stat_result, settings: Mapping[str, str]) -> bool:
    if stat.S_ISLNK(status.st_mode):
        return entry.mode != b"120000"
    if not stat.S_ISREG(status.st_mode):
        return True
    if entry.mode == b"120000":
        return settings.get("core.symlinks") != "false"
    executable = bool(status.st_mode & 0o100)
    return settings.get("core.filemode") != "false" and executable != (entry.mode == b"100755")


def _submodule_differs(top: Path, entry: IndexEntry, depth: int) -> bool:
    """Whether a submodule that is checked out has another commit, or changes of its own."""
    folder = top / os.fsdecode(entry.path)
    if not (folder / ".git").exists() or depth >= _DEEPEST:
        return False
    place = place_around(folder)
    if not os.path.samefile(place.folder, folder) or place.index is None:
        return False
    if not place.head:
        raise GitError(f"the submodule {os.fsdecode(entry.path)} has no commit that can be read")
    if place.head != entry.oid.hex():
        return True
    return compare(place, place.index, configuration_of(folder), depth + 1).dirty


def _compare_bytes(
    top: Path,
    doubtful: list[IndexEntry],
    object_format: str,
    settings: Mapping[str, str],
    deadline: float,
) -> Comparison:
    """Compare files whose size says nothing, as they are and in the forms git may store."""
    differing: dict[bytes, frozenset[bytes]] = {}
    for entry in doubtful:
        ids = _stored_ids(top, entry, object_format, deadline)
        if entry.oid not in ids[:1]:
            differing[entry.path] = frozenset(ids[1:]) & {entry.oid}
    unknown, filters = 0, set[str]()
    for path, attributes in _attributes(top, differing):
        how = attributes.get("filter", "unspecified")
        others = [n for n in ("ident", "working-tree-encoding") if attributes.get(n) not in _UNSET]
        if differing[path] and (how == "lfs" or _converts_line_ends(attributes, settings)):
            continue
        if how not in (*_UNSET, "lfs") or others:
            unknown += 1
            filters.update([how] if how not in _UNSET else others)
        else:
            return Comparison(dirty=True)
    return Comparison(False, unknown, tuple(sorted(filters)))


def _stored_ids(top: Path, entry: IndexEntry, object_format: str, deadline: float) -> list[bytes]:
    """The blob a file would be as it is, with LF line ends, and as an LFS pointer; nothing for
    what cannot be read."""
    path = os.path.join(os.fsencode(top), entry.path)
    try:
        if os.path.islink(path):
            return [blob_id(os.readlink(path), object_format)]
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(path, flags), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size <= _TEXT:
                data = file.read(size + 1)
                sha256 = hashlib.sha256(data).hexdigest()
                plain, text = blob_id(data, object_format), data.replace(b"\r\n", b"\n")
                return [
                    plain,
                    blob_id(text, object_format),
                    blob_id(lfs_pointer(sha256, len(data)), object_format),
                ]
            whole, content = start_blob(size, object_format), hashlib.sha256()
            for piece in iter(lambda: file.read(_CHUNK), b""):
                whole.update(piece)
                content.update(piece)
                _in_time(deadline)
            pointer = lfs_pointer(content.hexdigest(), size)
            return [whole.digest(), blob_id(pointer, object_format)]
    except OSError:
        return []
    finally:
        _in_time(deadline)


def _in_time(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise GitError(f"the work tree was not compared within {_SECONDS:g} seconds")


def _attributes(top: Path, paths: Iterable[bytes]) -> Iterator[tuple[bytes, dict[str, str]]]:
    """What ``.gitattributes`` says of each path. Nothing of it is run."""
    asked = sorted(paths)
    if not asked:
        return
    stdin = b"".join(path + b"\0" for path in asked)
    answer = run(top, "check-attr", "-z", "--stdin", *_ATTRIBUTES, stdin=stdin).split(b"\0")
    by_path: dict[bytes, dict[str, str]] = {path: {} for path in asked}
    for path, name, value in zip(answer[0::3], answer[1::3], answer[2::3], strict=False):
        by_path[path][name.decode()] = value.decode("utf-8", "replace")
    yield from by_path.items()


def _converts_line_ends(attributes: Mapping[str, str], settings: Mapping[str, str]) -> bool:
    text = attributes.get("text", "unspecified")
    if text == "unspecified" and attributes.get("crlf") not in (None, "unspecified"):
        text = attributes["crlf"]  # its older name
    if text == "unset":
        return False
    if text == "unspecified" and attributes.get("eol") in (None, *_UNSET):
        return settings.get("core.autocrlf") in ("true", "input")
    return True
