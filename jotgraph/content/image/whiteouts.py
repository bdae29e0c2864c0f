"""Merge layers, lowest first, into the files one sees and those a later layer took away. Pure.

Whiteouts and opaque marks act on lower layers only, wherever they stand in their own tar (OCI
image-spec, layer.md); a file hides a directory of the same name and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from jotgraph.content.image.blobs import FileIds
from jotgraph.content.image.entries import EntryKind, LayerEntry


class PlacedFile(msgspec.Struct, frozen=True, gc=False):
    """A file, and the number of the layer that put it there (0 is the lowest)."""

    ids: FileIds
    layer: int
    link: bool = False
    """It is a symbolic link."""

    def tracked_as(self) -> tuple[bytes, ...]:
        """The ids that a tree may track it by, as ``linked`` tells those of links."""
        variants = self.ids.variants()
        return tuple(map(linked, variants)) if self.link else variants


def linked(oid: bytes) -> bytes:
    """The id of a symbolic link, told from that of a file that says where it leads: git keeps both
    as the same blob."""
    return b"link " + oid


class Merged(msgspec.Struct, frozen=True):
    files: dict[str, PlacedFile]
    removed: dict[str, PlacedFile]
    """What a later layer deleted and no layer put back: it was there during the build."""
    removed_by: dict[str, int]
    """The layer that deleted it."""


_Tree = dict[str, "_Tree | PlacedFile | None"]
"""Name to directory, file, or None for what git cannot know (a device)."""


def merge(layers: Sequence[Iterable[LayerEntry]]) -> Merged:
    """Apply layers in order. Hard links take the ids of their target, of the same layer or below;
    one that leads nowhere hides what was at its path, and is no file that is known."""
    root: _Tree = {}
    removed: dict[str, PlacedFile] = {}
    removed_by: dict[str, int] = {}
    for number, entries in enumerate(layers):
        members = tuple(entries)
        gone: dict[str, PlacedFile] = {}
        for entry in members:
            if entry.kind is EntryKind.WHITEOUT:
                _remove(root, entry.path, gone)
            elif entry.kind is EntryKind.OPAQUE:
                _empty(root, entry.path, gone)
        removed.update(gone)
        removed_by.update(dict.fromkeys(gone, number))
        for entry in members:
            _add(root, entry, number)
    files = dict(_walk(root))
    left = {path: placed for path, placed in removed.items() if path not in files}
    return Merged(files, left, {path: removed_by[path] for path in left})


def _add(root: _Tree, entry: LayerEntry, layer: int) -> None:
    if entry.kind in {EntryKind.WHITEOUT, EntryKind.OPAQUE}:
        return
    *parents, name = entry.path.split("/")
    if not name:
        return
    target = _file_at(root, entry.target) if entry.kind is EntryKind.HARDLINK else None
    directory = root
    for part in parents:
        below = directory.get(part)
        if not isinstance(below, dict):
            below = directory[part] = {}
        directory = below
    if entry.kind is EntryKind.DIRECTORY:
        if not isinstance(directory.get(name), dict):
            directory[name] = {}
        return
    ids = target.ids if target else entry.ids
    link = target.link if target else entry.kind is EntryKind.LINK
    directory[name] = None if ids is None else PlacedFile(ids, layer, link)


def _file_at(root: _Tree, path: str) -> PlacedFile | None:
    node: _Tree | PlacedFile | None = root
    for part in path.split("/"):
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node if isinstance(node, PlacedFile) else None


def _remove(root: _Tree, path: str, removed: dict[str, PlacedFile]) -> None:
    *parents, name = path.split("/")
    directory = root
    for part in parents:
        below = directory.get(part)
        if not isinstance(below, dict):
            return
        directory = below
    gone = directory.pop(name, None)
    if isinstance(gone, PlacedFile):
        removed[path] = gone
    elif gone is not None:
        removed.update(_walk(gone, path + "/"))


def _empty(root: _Tree, path: str, removed: dict[str, PlacedFile]) -> None:
    tree = root
    for part in path.split("/") if path else ():
        below = tree.get(part)
        if not isinstance(below, dict):
            return
        tree = below
    removed.update(_walk(tree, path + "/" if path else ""))
    tree.clear()


def _walk(root: _Tree, prefix: str = "") -> Iterator[tuple[str, PlacedFile]]:
    # A stack, not recursion: a path may be two thousand directories deep.
    stack = [(prefix, root)]
    while stack:
        at, tree = stack.pop()
        for name, below in tree.items():
            if isinstance(below, PlacedFile):
                yield at + name, below
            elif below is not None:
                stack.append((f"{at}{name}/", below))
