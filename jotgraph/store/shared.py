"""Writes the lines of snapshots to a place so that unchanged ones are shared, and reads them back.

A chain is a base and changes. Twenty changes of one scan each are combined into one. When the chain
is long, or its changes are as large as its base, a new base is written: so the reading effort for a
snapshot is bounded, and storage grows with what changes. The newest snapshot of a name is also
stored as one object, which nothing depends on and which makes reading it fast.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

import msgspec

from jotgraph.errors import SnapshotError
from jotgraph.gc_pause import collector_off
from jotgraph.records import Inventory, Scope
from jotgraph.records.json_text import NOT_JSON
from jotgraph.store.form import AGAIN, PARTS, GapLine, Line, fit
from jotgraph.store.layers import (
    LayerChange,
    LayeredLines,
    SnapshotLayerError,
    change_between,
    packed,
)
from jotgraph.store.manifest import WHOLE, SnapshotLayer, SnapshotManifest
from jotgraph.store.older_facts import FACTS, gaps_of
from jotgraph.store.older_gaps import with_amount
from jotgraph.store.places import ObjectStore

SINGLES = 20
"""The number of single-scan changes that are combined into one."""
CHAIN = 32
"""The most combined changes above a base."""


class ScopeLine(msgspec.Struct, frozen=True, tag_field="kind", tag="scope"):
    """The first line, which says where the scan looked."""

    scope: Scope
    facts: tuple[str, ...] = ()
    """The facts, of those that programs read since some version, that this program read."""


_Line: TypeAlias = ScopeLine | Line


def lines_of(inventory: Inventory) -> tuple[list[bytes], dict[str, int]]:
    """Return the lines of an inventory, and their number by kind."""
    encoder = msgspec.json.Encoder()
    parts: list[tuple[str, Sequence[Any]]] = [
        ("gap", [GapLine(gap) for gap in inventory.gaps]),
        *((kind, getattr(inventory, field)) for kind, field in PARTS),
    ]
    text = encoder.encode_lines([ScopeLine(inventory.scope, FACTS)])
    text += b"".join(encoder.encode_lines(part) for _, part in parts)
    return text.split(b"\n")[:-1], {kind: len(part) for kind, part in parts if part}


class Laid(NamedTuple):
    """What was written for a snapshot."""

    layers: tuple[SnapshotLayer, ...]
    whole: str = ""


def laid(place: ObjectStore, lines: Sequence[bytes], previous: SnapshotManifest | None) -> Laid:
    """Write what a snapshot has and ``previous`` lacks."""
    layers = _layers(place, lines, previous)
    if len(layers) == 1:
        return Laid(layers)
    content = packed(LayerChange([(0, 0, len(lines))], lines), ())
    whole = hashlib.sha256(content).hexdigest()
    place.create(f"{WHOLE}/{whole}", content)
    return Laid(layers, whole)


def _layers(
    place: ObjectStore, lines: Sequence[bytes], previous: SnapshotManifest | None
) -> tuple[SnapshotLayer, ...]:
    kept, span = _below(previous)
    if previous and kept:
        try:
            if kept == previous.layers:
                before = _lines(place, previous, "the snapshot before it").all()
            else:
                before = read_lines(place, kept, "the snapshot before it").all()
        except (SnapshotLayerError, SnapshotError):
            kept, span = (), 0  # what is damaged is built on by nobody
        else:
            change = change_between(before, lines)
            if not change.fresh and len(before) == len(lines):
                return kept
            return (*kept, _put(place, packed(change, before), len(lines), span))
    base = LayerChange([(0, 0, len(lines))], lines)
    return (_put(place, packed(base, ()), len(lines), 0),)


def _below(previous: SnapshotManifest | None) -> tuple[tuple[SnapshotLayer, ...], int]:
    """The layers that the next one builds on, and how many snapshots it spans."""
    layers = previous.layers if previous else ()
    changes = layers[1:]
    if not layers or sum(layer.bytes for layer in changes) > layers[0].bytes:
        return (), 0
    singles = sum(layer.span == 1 for layer in changes)
    if singles + 1 < SINGLES:
        return layers, 1
    if len(changes) - singles >= CHAIN:
        return (), 0
    return layers[: len(layers) - singles], singles + 1


def _put(place: ObjectStore, content: bytes, lines: int, span: int) -> SnapshotLayer:
    layer = SnapshotLayer(hashlib.sha256(content).hexdigest(), len(content), lines, span)
    if not place.create(layer.object, content):
        # A writer that was stopped left it, and a pruning may be about to remove it as old; or it
        # is damaged.
        place.replace(layer.object, content)
    return layer


def _lines(place: ObjectStore, manifest: SnapshotManifest, source: str) -> LayeredLines:
    """The lines of a snapshot, from its single object if that exists and is intact."""
    content = place.read(manifest.whole_object) if manifest.whole else None
    if content is not None and hashlib.sha256(content).hexdigest() == manifest.whole:
        lines = LayeredLines()
        lines.add(content)
        return lines
    return read_lines(place, manifest.layers, source)


def read_lines(place: ObjectStore, layers: Sequence[SnapshotLayer], source: str) -> LayeredLines:
    """Return the lines in layers. Raises SnapshotError, which says which layer is missing or
    damaged."""
    lines = LayeredLines()
    objects = place.read_all(layer.object for layer in layers)
    for layer, content in zip(layers, objects, strict=True):
        try:
            _check(layer, content)
            lines.add(content or b"")
            if len(lines) != layer.lines:
                raise SnapshotLayerError(
                    f"it makes {len(lines)} lines, where {layer.lines} are said"
                )
        except SnapshotLayerError as error:
            raise SnapshotError(
                f"{source} cannot be read: {place.location}/{layer.object}: {error}; snapshots "
                f"without this object can: {AGAIN}"
            ) from error
    return lines


def _check(layer: SnapshotLayer, content: bytes | None) -> None:
    if content is None:
        raise SnapshotLayerError("it is missing")
    if len(content) != layer.bytes:
        cut = len(content) < layer.bytes
        what = "truncated" if cut else "another object"
        raise SnapshotLayerError(f"it is {what}: {len(content):,} bytes of {layer.bytes:,}")
    if hashlib.sha256(content).hexdigest() != layer.sha256:
        raise SnapshotLayerError("it is damaged: its sha256 is not its name")


def inventory_of(place: ObjectStore, manifest: SnapshotManifest, source: str) -> Inventory:
    """Return the inventory of a snapshot. Raises SnapshotError when it is incomplete."""
    with collector_off():
        lines = _lines(place, manifest, source)
        try:
            decoded = lines.decoded(msgspec.json.Decoder(_Line))
        except (SnapshotLayerError, *NOT_JSON) as error:
            raise SnapshotError(f"{source} is damaged: {error}; {AGAIN}") from error
        found: dict[str, list[Any]] = {}
        kind: Any
        for kind, group in groupby(decoded, type):
            found.setdefault(str(kind.__struct_config__.tag), []).extend(group)
        scopes = found.pop("scope", [])
        counts = {kind: len(records) for kind, records in found.items()}
        if len(scopes) != 1 or counts != manifest.counts:
            raise SnapshotError(
                f"{source} is damaged: its records do not match its counts; {AGAIN}"
            )
        return Inventory(
            taken_at=manifest.taken_at,
            scope=fit(scopes[0].scope, source),
            gaps=(
                *(with_amount(line.gap) for line in found.get("gap", ())),
                *gaps_of(scopes[0].facts),
            ),
            **{field: tuple(found.pop(kind, ())) for kind, field in PARTS},
        )
