"""Removes snapshots, and objects that no snapshot needs any longer.

A pruned snapshot is first moved (``.pruned/<name>/<number>.json``) and deleted a day later, with
the objects that only it needs, so that whoever reads it or stores a snapshot above it at this
moment succeeds. An object without a manifest, left by a writer that was stopped, is deleted when it
is a day old. While one manifest cannot be read, no object is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from jotgraph.errors import OptionError, SnapshotError
from jotgraph.queries.answers.snapshots import Pruned, PruneStatus, SnapshotFate
from jotgraph.records.phrases import counted
from jotgraph.store.manifest import ASIDE, OBJECTS, WHOLE, SnapshotManifest
from jotgraph.store.places import ObjectStore
from jotgraph.store.retention import Rules, kept
from jotgraph.store.snapshots import Snapshot, Snapshots, require_names

_CLOCK = "clock"
TO_COME = "its time is in the future: a clock was wrong"
GRACE = timedelta(days=1)


def prune(
    snapshots: Snapshots, names: Iterable[str], rules: Rules, now: datetime, *, really: bool
) -> Pruned:
    """Keep the snapshots of each name that the rules keep and remove the others, or report that.
    ``now`` is by the clock of the place. Raises OptionError without a rule or for an unknown name,
    SnapshotError when a place refuses."""
    if not rules.any:
        raise OptionError("no rule says what to keep: pass --keep-daily N or another --keep rule")
    fates: list[SnapshotFate] = []
    going: list[Snapshot] = []
    for name in require_names(snapshots.names(), names):
        for snapshot, fate in _fates(snapshots.of(name), rules, now, really=really):
            fates.append(fate)
            if fate.status is not PruneStatus.KEPT:
                going.append(snapshot)
    shared = _needed_by_them_alone(snapshots, going)
    freed, notes = 0, tuple[str, ...]()
    if really:
        for snapshot in going:
            _set_aside(snapshot)
        freed, notes = _sweep(snapshots, now)
    return Pruned(
        location=snapshots.place.location,
        snapshots=tuple(fates),
        shared=shared,
        freed=freed,
        notes=notes,
    )


def clock_of(place: ObjectStore) -> datetime:
    """Return the time by the clock that dates a place's objects. If this machine's clock were
    ahead, an object that is just being written would seem old."""
    place.replace(f"{ASIDE}/{_CLOCK}", b"")
    (marked,) = (entry for entry in place.entries(ASIDE) if entry.name == _CLOCK)
    return marked.written_at


def _fates(
    snapshots: tuple[Snapshot, ...], rules: Rules, now: datetime, *, really: bool
) -> list[tuple[Snapshot, SnapshotFate]]:
    """What happens to each snapshot. One dated in the future is kept without counting for a rule,
    since it would make recent ones seem old."""
    taken: dict[int, datetime] = {}
    problems: dict[int, str] = {}
    for snapshot in snapshots:
        try:
            taken[snapshot.number] = snapshot.header().taken_at
        except SnapshotError as error:
            problems[snapshot.number] = f"it cannot be read: {error}"
    to_come = {number: TO_COME for number, at in taken.items() if at > now}
    past = [(number, at) for number, at in taken.items() if at <= now]
    newest = dict.fromkeys(sorted(taken)[-1:], "the newest")
    keeping = {**newest, **to_come, **kept(past, rules), **problems}
    gone = PruneStatus.PRUNED if really else PruneStatus.DUE
    fates = []
    for snapshot in snapshots:
        number = snapshot.number
        status = PruneStatus.KEPT if number in keeping else gone
        because = keeping.get(number, "no rule keeps it")
        fates.append(
            (
                snapshot,
                SnapshotFate(snapshot.ref, taken.get(number), status, because),
            )
        )
    return fates


def _needed_by_them_alone(snapshots: Snapshots, going: list[Snapshot]) -> int:
    """Bytes of the layers or files that only these snapshots need."""
    refs = {snapshot.ref for snapshot in going}
    needed: set[str] = set()
    theirs: dict[str, int] = {}
    for name in snapshots.names():
        for snapshot in snapshots.of(name):
            try:
                if snapshot.ref in refs:
                    theirs.update(_sizes(snapshot))
                else:
                    needed.update(_sizes(snapshot))
            except SnapshotError:
                continue  # it stays, and so does every object
    return sum(size for name, size in theirs.items() if name not in needed)


def _sizes(snapshot: Snapshot) -> dict[str, int]:
    if snapshot.old:
        return {snapshot.object: snapshot.header().size}
    return {layer.object: layer.bytes for layer in snapshot.manifest().layers}


def _set_aside(snapshot: Snapshot) -> None:
    place = snapshot.place
    content = place.read(snapshot.object)
    if content is not None:
        place.replace(f"{ASIDE}/{snapshot.object}", content)  # its day begins now
        place.remove(snapshot.object)


def _sweep(snapshots: Snapshots, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Delete what was pruned a day ago, then the objects that nothing needs; return the bytes."""
    place = snapshots.place
    freed = place.remove_unfinished(now - GRACE)
    aside: list[Snapshot] = []
    for name in snapshots.names():
        for entry in place.entries(f"{ASIDE}/{name}"):
            object_ = f"{ASIDE}/{name}/{entry.name}"
            if now - entry.written_at > GRACE:
                place.remove(object_)
                freed += entry.size
            else:
                aside.append(Snapshot(place, name, 0, object_))
    needed, whole, unread = _needed(snapshots, aside)
    if unread:
        what = counted(len(unread), "manifest")
        return freed, (f"no object was removed: {what} cannot be read: {unread[0]}",)
    for folder, names in ((OBJECTS, needed), (WHOLE, whole)):
        for entry in place.entries(folder):
            if entry.name not in names and now - entry.written_at > GRACE:
                place.remove(f"{folder}/{entry.name}")
                freed += entry.size
    return freed, ()


def _needed(
    snapshots: Snapshots, aside: Iterable[Snapshot]
) -> tuple[set[str], set[str], list[str]]:
    """The layers in manifests, the copies of the newest snapshots, and what could not be read."""
    layers: set[str] = set()
    whole: set[str] = set()
    unread: list[str] = []
    manifests: list[SnapshotManifest] = []
    for every in (tuple(aside), *map(snapshots.of, snapshots.names())):
        for snapshot in every:
            if snapshot.old:
                continue
            try:
                manifests.append(snapshot.manifest())
            except SnapshotError as error:
                unread.append(str(error))
        if manifests:
            whole.add(manifests[-1].whole)
    for manifest in manifests:
        layers.update(layer.sha256 for layer in manifest.layers)
    return layers, whole, unread


def stored_bytes(place: ObjectStore, names: Iterable[str]) -> int:
    """Return the bytes of everything stored in a place."""
    folders = [OBJECTS, WHOLE, *names, *(f"{ASIDE}/{name}" for name in names)]
    return sum(entry.size for folder in folders for entry in place.entries(folder))
