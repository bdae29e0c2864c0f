"""Trees and blobs of one repository, each read once, and what commits hold at some paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property

from jotgraph.content.history.index import Index
from jotgraph.content.history.objects import Object, Objects
from jotgraph.content.image.whiteouts import linked
from jotgraph.content.match.refine import TreeEntry

_GITLINK = b"160000"
_DIRECTORY = b"40000"
_LINK = b"120000"


class Trees:
    """Trees and blobs of one repository, each read once. Close it when done."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._objects = Objects(index.path)
        self._trees: dict[bytes, tuple[TreeEntry, ...]] = {}
        self._blobs: dict[bytes, bytes] = {}
        self._touching: dict[tuple[tuple[str, ...], tuple[str, ...]], set[int]] = {}
        self._width = 32 if index.object_format == "sha256" else 20

    def entries(self, tree: bytes) -> tuple[TreeEntry, ...]:
        known = self._trees.get(tree)
        if known is None:
            known = self._trees[tree] = tuple(self._parsed(self._objects.read(tree)))
        return known

    def blob(self, oid: bytes) -> bytes:
        known = self._blobs.get(oid)
        if known is None:
            known = self._blobs[oid] = self._objects.read(oid)
        return known

    def touching(self, directories: Sequence[str], files: Sequence[str]) -> set[int]:
        """Return the index's answer, cached, because images of one function have the same
        directories."""
        key = (tuple(directories), tuple(files))
        if key not in self._touching:
            self._touching[key] = self.index.touching(directories, files)
        return self._touching[key]

    def blobs_at(self, commit: int, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the blobs that a commit has at some paths; none for a name with a line end."""
        objects = self._at(commit, paths)
        return {path: oid for path, (oid, kind) in objects.items() if kind == "blob"}

    def directories(self, commit: int, paths: Iterable[str]) -> set[str]:
        """Return those of some paths that are directories in a commit; none for a name with a line
        end."""
        return {path for path, (_, kind) in self._at(commit, paths).items() if kind == "tree"}

    def _at(self, commit: int, paths: Iterable[str]) -> dict[str, tuple[bytes, str]]:
        asked = sorted({path for path in paths if "\n" not in path})
        sha = self.index.history.shas[commit].hex().encode()
        objects = self.resolve([sha + b":" + os.fsencode(path) for path in asked])
        return {path: item for path, item in zip(asked, objects, strict=True) if item is not None}

    def resolve(self, names: Sequence[bytes]) -> list[Object | None]:
        """What each object name without a line end is, or None for one that leads nowhere."""
        return self._objects.resolve(names)

    @cached_property
    def base_names(self) -> frozenset[str]:
        """Return the index's answer, cached."""
        return self.index.base_names()

    @cached_property
    def submodules(self) -> frozenset[str]:
        """Return the index's answer, cached."""
        return self.index.submodules()

    def file(self, commit: int, path: str) -> bytes:
        """Return a file of a commit; empty when there is none, or its name has a line end."""
        name = os.fsencode(path)
        sha = self.index.history.shas[commit].hex().encode()
        return b"" if b"\n" in name else self._objects.named(sha + b":" + name)

    def close(self) -> None:
        self._objects.close()

    def _parsed(self, data: bytes) -> list[TreeEntry]:
        # Git's format: "<mode> <name>\0<raw id>" again and again (git-mktree, gitformat docs).
        entries: list[TreeEntry] = []
        at = 0
        while at < len(data):
            space = data.index(b" ", at)
            end = data.index(b"\0", space)
            mode, name = data[at:space], os.fsdecode(data[space + 1 : end])
            at = end + 1 + self._width
            oid = b"" if mode == _GITLINK else data[end + 1 : at]
            entries.append((name, mode == _DIRECTORY, linked(oid) if mode == _LINK else oid))
        return entries
