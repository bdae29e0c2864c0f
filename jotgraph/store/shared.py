"""The lines of snapshots in a place: written so that they share what is unchanged, and read back.

A chain is a base and changes. Twenty changes of one scan each become one, and when the chain is
long, or its changes are as large as its base, another base is written: what has to be read for a
snapshot stays bounded, and what is stored grows by what changes. The newest snapshot of a name lies
there once more in one object, which nothing needs: it only makes reading it fast.
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
"""Changes of one scan each, before they become one."""
CHAIN = 32
"""Changes of several scans above a base."""


class ScopeLine(msgspec.Struct, frozen=True, tag_field="kind", tag="scope"):
    """The first line: where the scan looked."""

    scope: Scope
    facts: tuple[str, ...] = ()
    """Of the facts that programs read since some version, those that this one did."""


_Line: TypeAlias = ScopeLine | Line


def lines_of(inventory: Inventory) -> tuple[list[bytes], dict[str, int]]:
    """The lines of an inventory, and how many there are of each kind."""
    encoder = msgspec.json.Encoder()
    parts: list[tuple[str, Sequence[Any]]] = [
        ("gap", [GapLine(gap) for gap in inventory.gaps]),
        *((kind, getattr(inventory, field)) for kind, field in PARTS),
    ]
    text = encoder.encode_lines([ScopeLine(inventory.scope, FACTS)])
    text += b"".join(encoder.encode_lines(part) for _, part in parts)
    return text.split(b"\n")[:-1], {kind: len(part) for kind, part in parts if part}


class Laid(NamedTuple):
    """What was written of a snapshot."""

    layers: tuple[SnapshotLayer, ...]
    whole: str = ""


def laid(place: ObjectStore, lines: Sequence[bytes], previous: SnapshotManifest | None) -> Laid:
    """Write what a snapshot has that ``previous`` has not."""
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
    """The layers that the next one lies on, and over how many snapshots it goes."""
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
    """The lines of a snapshot, of one object if it is there and whole."""
    content = place.read(manifest.whole_object) if manifest.whole else None
    if content is not None and hashlib.sha256(content).hexdigest() == manifest.whole:
        lines = LayeredLines()
        lines.add(content)
        return lines
    return read_lines(place, manifest.layers, source)


def read_lines(place: ObjectStore, layers: Sequence[SnapshotLayer], source: str) -> LayeredLines:
    """The lines that layers hold. Raises SnapshotError, which says which of them is missing or
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
    """The inventory of a snapshot. Raises SnapshotError for what is not whole."""
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
            raise SnapshotError(f"{source} is damaged: it holds not what it counts; {AGAIN}")
        return Inventory(
            taken_at=manifest.taken_at,
            scope=fit(scopes[0].scope, source),
            gaps=(
                *(with_amount(line.gap) for line in found.get("gap", ())),
                *gaps_of(scopes[0].facts),
            ),
            **{field: tuple(found.pop(kind, ())) for kind, field in PARTS},
        )
