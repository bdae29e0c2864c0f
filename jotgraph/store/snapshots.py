"""Numbered snapshots in a place: ``prod``, ``prod#42``, ``prod~1``, ``prod@{2.weeks.ago}``.

A snapshot is ``<name>/<number>.json``, which names the objects with its lines; snapshots share
these. The next number is one above the highest. Files of earlier programs,
``<name>/<number>.jsonl.zst``, are still read.
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
    """The header of a snapshot."""

    name: str
    number: int
    taken_at: datetime
    counts: tuple[tuple[str, int], ...]
    size: int
    """Bytes that are read for it; snapshots share most of them."""

    @property
    def ref(self) -> str:
        return f"{self.name}#{self.number}"


@dataclass(frozen=True)
class Snapshot:
    """One snapshot in a place, not necessarily read yet."""

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
        """Return whether it is a single file, as earlier programs wrote it."""
        return self.object.endswith(OLD_SUFFIX)

    @property
    def source(self) -> str:
        """Return its name for messages."""
        return f"{self.place.location}/{self.object}"

    def load(self) -> Inventory:
        """Read all of it. Raises SnapshotError."""
        if self.old:
            return reading.load_bytes(self._content(), self.source)
        return inventory_of(self.place, self.manifest(), self.ref)

    def manifest(self) -> SnapshotManifest:
        """Read its header and layers. Raises SnapshotError."""
        return decoded(self._content(), self.source)

    def header(self) -> Stored:
        """Read its header. Raises SnapshotError."""
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
    """All snapshots in a place, by default on this machine."""

    def __init__(self, place: ObjectStore | None = None) -> None:
        self.place: ObjectStore = Folder(snapshots_folder()) if place is None else place

    def remember(self, inventory: Inventory, name: str) -> str:
        """Store an inventory under the next number of ``name`` and return its reference,
        ``prod#43``. Raises OptionError for an invalid name, SnapshotError when it cannot be
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
        """Whether a snapshot is stored under a number that was never used. Since the listing others
        may have been stored, and one of them pruned again: with its number this one would seem
        older and be pruned next."""
        if not self._created(name, content):
            return False
        if self.place.read(f"{ASIDE}/{name}") is None:
            return True
        self.place.remove(name)
        return False

    def _created(self, name: str, content: bytes) -> bool:
        """Whether an object exists with these bytes. When a bucket's answer is lost the request is
        repeated, and finds the name taken by this very object."""
        return self.place.create(name, content) or self.place.read(name) == content

    def renew(self, inventory: Inventory, ref: str) -> None:
        """Replace the snapshot of a number, ``prod#43``, which was stored before everything was
        read. Raises SnapshotError when it cannot be written."""
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
        """Remove the single-object copy of a snapshot that is no longer the newest."""
        if earlier and earlier.whole and (newest is None or earlier.whole != newest.whole):
            with suppress(SnapshotError):  # only room is lost
                self.place.remove(earlier.whole_object)

    def names(self) -> tuple[str, ...]:
        """Return the names that have a snapshot, sorted."""
        folders = filter(_NAME.fullmatch, self.place.folders())
        return tuple(name for name in folders if self.of(name))

    def of(self, name: str) -> tuple[Snapshot, ...]:
        """Return the snapshots of a name, oldest first."""
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
        """Return the snapshot that was stored last, of any name."""
        newest = [snapshots[-1] for name in self.names() if (snapshots := self.of(name))]
        written = {
            f"{name}/{entry.name}": entry.written_at
            for name in {snapshot.name for snapshot in newest}
            for entry in self.place.entries(name)
        }
        return max(newest, key=lambda snapshot: written[snapshot.object], default=None)

    def history(self, name: str) -> tuple[Stored, ...]:
        """Return the headers of all snapshots of a name, oldest first. Raises SnapshotError."""
        return tuple(snapshot.header() for snapshot in self.of(name))

    def resolve(self, ref: str | Path, now: datetime | None = None) -> Path | Snapshot:
        """Return the file or snapshot that a reference means.

        A path that exists, or looks like one (it has a slash, or a known suffix), is that file.
        Otherwise ``name`` is its newest snapshot, ``name~2`` the second before that, ``name#42``
        the one with that number, ``name@{2.weeks.ago}`` and ``name@{2026-01-31}`` the newest one
        taken by then (``now`` is for tests). Raises UnknownSnapshotError, listing what exists.
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
        """Return the inventory that a reference means. Raises SnapshotError."""
        stored = self.resolve(ref)
        return stored.load() if isinstance(stored, Snapshot) else reading.load(stored)

    def name_of(self, ref: str | Path) -> str:
        """Return ``prod#42`` for a reference to a snapshot; empty for a file."""
        stored = self.resolve(ref)
        return stored.ref if isinstance(stored, Snapshot) else ""


def require_names(known: Collection[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the wanted names, each once. Raises OptionError for one that is unknown."""
    names = tuple(dict.fromkeys(wanted))
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none"
            raise OptionError(f"there is no snapshot of the name {name!r}; names here: {there}")
    return names


def _newest_manifest(snapshots: Iterable[Snapshot]) -> SnapshotManifest | None:
    """The manifest that the next one follows; None when it is of an earlier program or damaged."""
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
