"""The manifest of a snapshot: its time, counts, and the layers with its lines.

``<name>/<number>.json`` holds JSON lines: a header, a line for each layer from the base up, and a
last line with their number and the SHA-256 of all bytes before it, as in a file of an inventory.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from jotgraph.errors import SnapshotError
from jotgraph.records.json_text import NOT_JSON
from jotgraph.store.form import AGAIN, End
from jotgraph.version import __version__

FORMAT = "jotgraph/snapshot/1"
FAMILY = "jotgraph/snapshot/"
OBJECTS = ".objects"
WHOLE = ".newest"
"""Folder for a copy of each name's newest snapshot in one object."""
ASIDE = ".pruned"
"""Folder for pruned snapshots, which are deleted a day later."""


class SnapshotLayer(msgspec.Struct, frozen=True, gc=False, tag_field="kind", tag="layer"):
    """An object with lines: the base, or a change of the layers below it."""

    sha256: str
    """SHA-256 of the object's bytes, which is also its name."""
    bytes: int
    lines: int
    """Number of the snapshot's lines up to this layer."""
    span: int = 1
    """How many snapshots the change spans; 0 for the base."""

    @property
    def object(self) -> str:
        return f"{OBJECTS}/{self.sha256}"


class SnapshotManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The header of a snapshot, with its layers."""

    format: str = FORMAT
    program: str = __version__
    taken_at: datetime
    counts: dict[str, int]
    """Number of lines by kind."""
    whole: str = ""
    """SHA-256 of an object with all lines, while this is the newest: one object is read fastest."""
    layers: tuple[SnapshotLayer, ...] = ()
    """Stored in lines of their own."""

    @property
    def whole_object(self) -> str:
        return f"{WHOLE}/{self.whole}" if self.whole else ""

    @property
    def size(self) -> int:
        """Bytes of all its layers, including shared ones."""
        return sum(layer.bytes for layer in self.layers)


class _Format(msgspec.Struct):
    format: str


_LAYERS = msgspec.json.Decoder(SnapshotLayer)


def encoded(manifest: SnapshotManifest) -> bytes:
    """Encode a manifest."""
    encode = msgspec.json.encode
    head = encode(msgspec.structs.replace(manifest, layers=()))
    body = b"".join(line + b"\n" for line in (head, *map(encode, manifest.layers)))
    end = End(len(manifest.layers), hashlib.sha256(body).hexdigest())
    return body + encode(end) + b"\n"


def decoded(content: bytes, source: str) -> SnapshotManifest:
    """Decode a manifest. Raises SnapshotError when it is incomplete, was edited, or is from a newer
    program."""

    head, _, rest = content.partition(b"\n")
    try:
        form = msgspec.json.decode(head, type=_Format).format
    except NOT_JSON as error:
        raise SnapshotError(f"{source} is damaged: {error}; {AGAIN}") from error
    if form != FORMAT:
        what = "newer than" if form.startswith(FAMILY) else "not"
        raise SnapshotError(
            f"{source} has the format {form}, {what} {FORMAT} of this program ({__version__}); "
            "upgrade jotgraph, or scan again with this one"
        )
    body, _, last = rest.removesuffix(b"\n").rpartition(b"\n")
    sealed = content[: len(content) - len(last) - 1]
    try:
        end = msgspec.json.decode(last, type=End)
        if not content.endswith(b"\n") or hashlib.sha256(sealed).hexdigest() != end.sha256:
            raise SnapshotError(
                f"{source} is damaged or was edited: its sha256 is not what its last line says; "
                f"{AGAIN}"
            )
        manifest = msgspec.json.decode(head, type=SnapshotManifest)
        layers = tuple(_LAYERS.decode_lines(body))
    except NOT_JSON as error:
        raise SnapshotError(f"{source} is truncated or damaged: {error}; {AGAIN}") from error
    return msgspec.structs.replace(manifest, layers=layers)
