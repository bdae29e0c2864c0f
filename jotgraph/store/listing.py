"""Lists snapshots, and what each of them added."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.errors import SnapshotError
from jotgraph.queries.answers.snapshots import StoredSnapshot, StoredSnapshots
from jotgraph.store.pruning import stored_bytes
from jotgraph.store.snapshots import Snapshot, Snapshots, require_names


def listed(snapshots: Snapshots, names: Iterable[str] = ()) -> StoredSnapshots:
    """Return the snapshots of these names, or of all; a damaged one has the reason why it cannot be
    read. Raises OptionError for a name without snapshots."""
    known = snapshots.names()
    wanted = require_names(known, names) or known
    every = tuple(snapshot for name in wanted for snapshot in _of(snapshots.of(name)))
    return StoredSnapshots(
        location=snapshots.place.location,
        snapshots=every,
        bytes=stored_bytes(snapshots.place, known),
    )


def _of(snapshots: tuple[Snapshot, ...]) -> Iterable[StoredSnapshot]:
    before: set[str] = set()
    for snapshot in snapshots:
        try:
            head = snapshot.header()
            layers = () if snapshot.old else snapshot.manifest().layers
        except SnapshotError as error:
            yield StoredSnapshot(snapshot.ref, None, problem=str(error))
            continue
        added = sum(layer.bytes for layer in layers if layer.sha256 not in before)
        before = {layer.sha256 for layer in layers}
        yield StoredSnapshot(
            snapshot.ref,
            head.taken_at,
            head.counts,
            len(layers),
            head.size if snapshot.old else added,
        )
