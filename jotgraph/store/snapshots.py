"""Numbered snapshots of a place: ``prod``, ``prod#42``, ``prod~1``, ``prod@{2.weeks.ago}``.

A snapshot is ``<name>/<number>.json``, which names the objects that hold its lines; they are shared
with the snapshots before and after it. The next number is one more than the highest there. Those
of earlier programs, ``<name>/<number>.jsonl.zst``, are read as ever.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from jotgraph.errors import OptionError, SnapshotError, UnknownSnapshotError
from jotgraph.records import Inventory
from jotgraph.store import reading
from jotgraph.store.chronology import around, moment
from jotgraph.store.folders import snapshots_folder
from jotgraph.store.manifest import ASIDE, FORMAT, SnapshotManifest, decoded, encoded
from jotgraph.store.places import Folder, ObjectStore
from jotgraph.store.shared import inventory_of, laid, lines_of
from jotgraph.version import __version__

SUFFIX = ".json"
OLD_SUFFIX = ".jsonl.zst"
_FILES = (".json", ".jsonl", ".zst")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NUMBER = re.compile(r"[0-9]+")
_REF = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)"
    r"(?:#(?P<number>\d+)|~(?P<back>\d*)|@\{(?P<when>[^}]+)\})?"
)


class Stored(msgspec.Struct, frozen=True):
    """What the header of a snapshot says."""

    name: str
    number: int
    taken_at: datetime
    counts: tuple[tuple[str, int], ...]
    size: int
    """Bytes of what it is read from; snapshots share most of it."""

    @property
    def ref(self) -> str:
        return f"{self.name}#{self.number}"


@dataclass(frozen=True)
class Snapshot:
    """One snapshot of a place, of which nothing need have been read."""

    place: ObjectStore
    name: str
    number: int
    object: str
    """``prod/42.json``."""

    @property
    def ref(self) -> str:
        return f"{self.name}#{self.number}"

    @property
    def old(self) -> bool:
        """Whether it is one file, as earlier programs wrote it."""
        return self.object.endswith(OLD_SUFFIX)

    @property
    def source(self) -> str:
        """What messages call it."""
        return f"{self.place.location}/{self.object}"

    def load(self) -> Inventory:
        """All of it. Raises SnapshotError."""
        if self.old:
            return reading.load_bytes(self._content(), self.source)
        return inventory_of(self.place, self.manifest(), self.ref)

    def manifest(self) -> SnapshotManifest:
        """Its header and layers. Raises SnapshotError."""
        return decoded(self._content(), self.source)

    def header(self) -> Stored:
        """What its header says. Raises SnapshotError."""
        if self.old:
            content = self._content()
            head = reading.header_of_bytes(content, self.source)
            taken_at, counts, size = head.taken_at, head.counts, len(content)
        else:
            manifest = self.manifest()
            taken_at, counts, size = manifest.taken_at, manifest.counts, manifest.size
        return Stored(self.name, self.number, taken_at, tuple(sorted(counts.items())), size)

    def _content(self) -> bytes:
        content = self.place.read(self.object)
        if content is None:
            raise UnknownSnapshotError(f"{self.source}: there is no such snapshot")
        return content


class Snapshots:
    """All snapshots of a place, by default of this machine."""

    def __init__(self, place: ObjectStore | None = None) -> None:
        self.place: ObjectStore = Folder(snapshots_folder()) if place is None else place

    def remember(self, inventory: Inventory, name: str) -> str:
        """Store an inventory under the next number of ``name`` and return its reference,
        ``prod#43``. Raises OptionError for a name that is none, SnapshotError when it cannot be
        written."""
        if not _NAME.fullmatch(name) or name.endswith(_FILES):
            raise OptionError(
                f"{name!r} is not a name for snapshots; use letters, digits, '.', '_' and '-'"
            )
        before = self.of(name)
        previous = _newest_manifest(before)
        manifest = self._laid(inventory, name, previous)
        number = before[-1].number + 1 if before else 1
        while not self._numbered(f"{name}/{number}{SUFFIX}", encoded(manifest)):
            number += 1  # another writer has just taken it
        self._forget_copy(previous, manifest)
        return f"{name}#{number}"

    def _numbered(self, name: str, content: bytes) -> bool:
        """Whether a snapshot is stored under a number that none had before. Since they were listed
        more may have been given, and one of these set aside again: under its number this one would
        be the older, and the next to go."""
        if not self._created(name, content):
            return False
        if self.place.read(f"{ASIDE}/{name}") is None:
            return True
        self.place.remove(name)
        return False

    def _created(self, name: str, content: bytes) -> bool:
        """Whether an object is there as it was written. A bucket whose answer was lost is asked
        again, and says that the name is taken: by this very object."""
        return self.place.create(name, content) or self.place.read(name) == content

    def renew(self, inventory: Inventory, ref: str) -> None:
        """Store an inventory in place of the snapshot of a number, ``prod#43``, which was stored
        before all of it was read. Raises SnapshotError when it cannot be written."""
        name, _, number = ref.partition("#")
        every = self.of(name)
        earlier = [snapshot for snapshot in every if snapshot.number < int(number)]
        manifest = self._laid(inventory, name, _newest_manifest(earlier))
        replaced = _newest_manifest(
            [snapshot for snapshot in every if snapshot.number == int(number)]
        )
        self.place.replace(f"{name}/{number}{SUFFIX}", encoded(manifest))
        self._forget_copy(replaced, manifest)
        if every[-1].number > int(number):  # it is not the newest
            self._forget_copy(manifest, None)

    def _laid(
        self, inventory: Inventory, name: str, previous: SnapshotManifest | None
    ) -> SnapshotManifest:
        try:
            lines, counts = lines_of(inventory)
        except UnicodeEncodeError as error:
            raise SnapshotError(f"{name} cannot be written: {error}") from error
        layers, whole = laid(self.place, lines, previous)
        return SnapshotManifest(
            format=FORMAT,
            program=__version__,
            taken_at=inventory.taken_at,
            counts=counts,
            layers=layers,
            whole=whole,
        )

    def _forget_copy(
        self, earlier: SnapshotManifest | None, newest: SnapshotManifest | None
    ) -> None:
        """Remove the copy of what is the newest no longer."""
        if earlier and earlier.whole and (newest is None or earlier.whole != newest.whole):
            with suppress(SnapshotError):  # only room is lost
                self.place.remove(earlier.whole_object)

    def names(self) -> tuple[str, ...]:
        """Names that have a snapshot, sorted."""
        folders = filter(_NAME.fullmatch, self.place.folders())
        return tuple(name for name in folders if self.of(name))

    def of(self, name: str) -> tuple[Snapshot, ...]:
        """The snapshots of a name, oldest first."""
        numbered: dict[int, str] = {}
        for entry in sorted(self.place.entries(name), key=lambda entry: entry.name, reverse=True):
            for suffix in (OLD_SUFFIX, SUFFIX):
                number = entry.name.removesuffix(suffix)
                if number != entry.name and _NUMBER.fullmatch(number):
                    numbered[int(number)] = f"{name}/{entry.name}"
        return tuple(
            Snapshot(self.place, name, number, numbered[number]) for number in sorted(numbered)
        )

    def newest(self) -> Snapshot | None:
        """The snapshot that was stored last, of whatever name."""
        newest = [snapshots[-1] for name in self.names() if (snapshots := self.of(name))]
        written = {
            f"{name}/{entry.name}": entry.written_at
            for name in {snapshot.name for snapshot in newest}
            for entry in self.place.entries(name)
        }
        return max(newest, key=lambda snapshot: written[snapshot.object], default=None)

    def history(self, name: str) -> tuple[Stored, ...]:
        """All snapshots of a name, oldest first; reads their headers only. Raises
        SnapshotError."""
        return tuple(snapshot.header() for snapshot in self.of(name))

    def resolve(self, ref: str | Path, now: datetime | None = None) -> Path | Snapshot:
        """The file or the snapshot that a reference means.

        A path that exists, or that looks like one (a slash, or a suffix of ours), is itself. Else
        ``name`` is its newest snapshot, ``name~2`` the second before that, ``name#42`` the one of
        that number, ``name@{2.weeks.ago}`` and ``name@{2026-01-31}`` the newest that was taken by
        then (``now`` is for tests). Raises UnknownSnapshotError, saying what there is.
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
        snapshots = self.of(match["name"])
        if not snapshots:
            name, known = match["name"], ", ".join(self.names())
            hint = f"snapshots here: {known}" if known else f"make one: jotgraph scan --name {name}"
            raise UnknownSnapshotError(f"there is no file or snapshot {name!r}; {hint}")
        return _chosen(text, match, snapshots, now or datetime.now(UTC))

    def load(self, ref: str | Path) -> Inventory:
        """The inventory that a reference means. Raises SnapshotError."""
        stored = self.resolve(ref)
        return stored.load() if isinstance(stored, Snapshot) else reading.load(stored)

    def name_of(self, ref: str | Path) -> str:
        """``prod#42`` for what means a snapshot; empty for a file."""
        stored = self.resolve(ref)
        return stored.ref if isinstance(stored, Snapshot) else ""


def require_names(known: Collection[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """The wanted names, each once. Raises OptionError for one that is not among the known."""
    names = tuple(dict.fromkeys(wanted))
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none"
            raise OptionError(f"there is no snapshot of the name {name!r}; names here: {there}")
    return names


def _newest_manifest(snapshots: Iterable[Snapshot]) -> SnapshotManifest | None:
    """The manifest that the next one follows; None for one of before, or that is damaged."""
    newest = [snapshot for snapshot in snapshots if not snapshot.old][-1:]
    try:
        return newest[0].manifest() if newest else None
    except SnapshotError:
        return None


def _chosen(
    text: str, match: re.Match[str], snapshots: tuple[Snapshot, ...], now: datetime
) -> Snapshot:
    name = match["name"]
    if match["number"]:
        for snapshot in snapshots:
            if snapshot.number == int(match["number"]):
                return snapshot
        span = f"{snapshots[0].number} to {snapshots[-1].number}"
        raise UnknownSnapshotError(f"there is no snapshot {text}; {name} has {span}")
    if match["when"]:
        by = moment(match["when"], now)
        if taken := around(snapshots, by).before:
            return next(snapshot for snapshot in snapshots if snapshot.number == taken.number)
        raise UnknownSnapshotError(f"no snapshot of {name} was taken by {by:%Y-%m-%d %H:%M} UTC")
    back = 0 if match["back"] is None else int(match["back"] or 1)
    if back < len(snapshots):
        return snapshots[-1 - back]
    raise UnknownSnapshotError(f"there is no snapshot {text}; {name} has {len(snapshots)}")
