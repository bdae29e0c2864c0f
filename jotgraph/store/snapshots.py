"""Numbered snapshots of this machine: ``prod``, ``prod#42``, ``prod~1``, ``prod@{2.weeks.ago}``.

They lie in ``<state folder>/snapshots/<name>/<number>.jsonl.zst``; the next number is
one more than the highest there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import msgspec

from jotgraph.errors import OptionError, SnapshotError, UnknownSnapshotError
from jotgraph.records import Inventory
from jotgraph.store.folders import snapshots_folder
from jotgraph.store.reading import header
from jotgraph.store.writing import save

_SUFFIX = ".jsonl.zst"
_FILES = (".json", ".jsonl", ".zst")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REF = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)"
    r"(?:#(?P<number>\d+)|~(?P<back>\d*)|@\{(?P<when>[^}]+)\})?"
)
_AGO = re.compile(r"(?P<count>\d+)[. ](?P<unit>minute|hour|day|week|month|year)s?[. ]ago")
_UNITS: Mapping[str, timedelta] = MappingProxyType(
    {
        "minute": timedelta(minutes=1),
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(weeks=1),
        "month": timedelta(days=30),
        "year": timedelta(days=365),
    }
)


class Stored(msgspec.Struct, frozen=True):
    """One numbered snapshot."""

    name: str
    number: int
    path: Path
    taken_at: datetime
    counts: tuple[tuple[str, int], ...]
    size: int
    """Bytes on disk."""

    @property
    def ref(self) -> str:
        return f"{self.name}#{self.number}"


def remember(inventory: Inventory, name: str) -> str:
    """Store an inventory under the next number of ``name`` and return its reference, ``prod#43``.
    Raises OptionError for a name that is none, SnapshotError when it cannot be written."""
    if not _NAME.fullmatch(name) or name.endswith(_FILES):
        raise OptionError(
            f"{name!r} is not a name for snapshots; use letters, digits, '.', '_' and '-'"
        )
    folder = snapshots_folder() / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f".{os.getpid()}-{id(inventory)}.zst"
        try:
            save(inventory, fresh)
            number = max(_numbers(name), default=0) + 1
            while not _placed(fresh, folder / f"{number}{_SUFFIX}"):
                number += 1
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise SnapshotError(
            f"{folder} cannot be written: {error.strerror}; set XDG_STATE_HOME"
        ) from error
    return f"{name}#{number}"


def renew(inventory: Inventory, ref: str) -> None:
    """Store an inventory in place of the snapshot of a number, ``prod#43``, which was stored before
    all of it was read. Raises SnapshotError when it cannot be written."""
    name, _, number = ref.partition("#")
    save(inventory, _path(name, int(number)))


def _placed(fresh: Path, target: Path) -> bool:
    """Give a file a number unless another process has just taken it."""
    try:
        os.link(fresh, target)
    except FileExistsError:
        return False
    return True


def names() -> tuple[str, ...]:
    """Names that have a snapshot, sorted."""
    folder = snapshots_folder()
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if _numbers(path.name)))


def history(name: str) -> tuple[Stored, ...]:
    """All snapshots of a name, oldest first; reads their headers only. Raises SnapshotError."""
    snapshots: list[Stored] = []
    for number in _numbers(name):
        path = _path(name, number)
        head = header(path)
        counts = tuple(sorted(head.counts.items()))
        snapshots.append(Stored(name, number, path, head.taken_at, counts, path.stat().st_size))
    return tuple(snapshots)


def newest() -> Path | None:
    """The snapshot that was stored last, of whatever name."""
    paths = snapshots_folder().glob(f"*/[0-9]*{_SUFFIX}")
    return max(paths, key=lambda path: path.stat().st_mtime, default=None)


def resolve(ref: str | Path, now: datetime | None = None) -> Path:
    """The file that a reference means.

    A path that exists, or that looks like one (a slash, or a suffix of ours), is itself. Else
    ``name`` is its newest snapshot, ``name~2`` the second before that, ``name#42`` the one of that
    number, ``name@{2.weeks.ago}`` and ``name@{2026-01-31}`` the newest that was taken by then
    (``now`` is for tests). Raises UnknownSnapshotError, saying what there is.
    """
    text = os.fspath(ref)
    path = Path(text)
    if path.is_file() or "/" in text or text.endswith(_FILES):
        return path
    match = _REF.fullmatch(text)
    if not match:
        raise UnknownSnapshotError(
            f"{text!r} is neither a file nor a snapshot; write NAME, NAME#42, NAME~1 or "
            "NAME@{2.weeks.ago}"
        )
    name = match["name"]
    numbers = _numbers(name)
    if not numbers:
        known = ", ".join(names()) or "none"
        raise UnknownSnapshotError(
            f"there is no file or snapshot {name!r}; snapshots here: {known}"
        )
    number = _chosen(text, match, numbers, now or datetime.now(UTC))
    return _path(name, number)


def name_of(path: Path) -> str:
    """``prod#42`` for the file of a snapshot; empty for any other file."""
    name, number = path.parent.name, path.name.removesuffix(_SUFFIX)
    return f"{name}#{number}" if number.isdigit() and path == _path(name, int(number)) else ""


def _chosen(text: str, match: re.Match[str], numbers: tuple[int, ...], now: datetime) -> int:
    name, span = match["name"], f"{numbers[0]} to {numbers[-1]}"
    if match["number"]:
        if int(match["number"]) in numbers:
            return int(match["number"])
        raise UnknownSnapshotError(f"there is no snapshot {text}; {name} has {span}")
    if match["when"]:
        by = _moment(match["when"], now)
        taken = [snapshot.number for snapshot in history(name) if snapshot.taken_at <= by]
        if taken:
            return taken[-1]
        raise UnknownSnapshotError(f"no snapshot of {name} was taken by {by:%Y-%m-%d %H:%M} UTC")
    back = 0 if match["back"] is None else int(match["back"] or 1)
    if back < len(numbers):
        return numbers[-1 - back]
    raise UnknownSnapshotError(f"there is no snapshot {text}; {name} has {len(numbers)}")


def _moment(text: str, now: datetime) -> datetime:
    if text == "now":
        return now
    if text == "yesterday":
        return now - timedelta(days=1)
    if ago := _AGO.fullmatch(text):
        try:
            return now - int(ago["count"]) * _UNITS[ago["unit"]]
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnknownSnapshotError(
            f"{text!r} is not a time; write 2.weeks.ago, yesterday or 2026-01-31"
        ) from error
    if len(text) == len("2026-01-31"):  # a day is meant whole
        moment += timedelta(days=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _path(name: str, number: int) -> Path:
    return snapshots_folder() / name / f"{number}{_SUFFIX}"


def _numbers(name: str) -> tuple[int, ...]:
    folder = snapshots_folder() / name
    if not folder.is_dir():
        return ()
    names = (path.name.removesuffix(_SUFFIX) for path in folder.iterdir())
    return tuple(sorted(int(number) for number in names if number.isdigit()))
