"""Reads one image from a stream, as the engine saves it or from a compressed archive.

Documents and layers are stored as they arrive, and selected at the end. Layers are identified by
their hashes, not by their names.
"""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from jotgraph.content.image.bounded_stream import LIMITS, BoundedStream, LayerError, LayerLimits
from jotgraph.content.image.entries import LayerEntries
from jotgraph.content.image.image_files import ARCHIVE
from jotgraph.content.image.layer_cache import LayerCache
from jotgraph.content.image.layout import choose, diff_ids, digest_in, verified
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.sources.documents.manifests import MAX_BLOB

_DOCUMENTS = 64 << 20


class SavedImage(msgspec.Struct, frozen=True):
    config: dict[str, Any]
    config_digest: str
    """The image's id in the classic store, but not in containerd's."""
    layers: tuple[LayerEntries, ...]
    """In the order of ``rootfs.diff_ids``, which they were checked against."""


class _Passed(msgspec.Struct):
    """What has arrived so far."""

    documents: dict[str, bytes] = {}
    layers: dict[str, LayerEntries] = {}
    broken: list[str] = []
    """Why a blob could not be read as a layer: it may be none, or of another image."""

    def size(self) -> int:
        return sum(map(len, self.documents.values()))


def read_saved(
    chunks: Iterable[bytes],
    cache: LayerCache,
    object_format: str = "sha1",
    *,
    name: str = "the archive",
    reference: str = "",
    platform: str = "",
    limits: LayerLimits = LIMITS,
    archive: LayerLimits = ARCHIVE,
) -> SavedImage:
    """Read one saved image; its layers go into the cache. Raises LayerError, and UnknownNameError
    for a ``reference`` or a ``platform`` that it does not have."""
    stream = BoundedStream(chunks, hash_blob=False, limits=archive)
    passed = _Passed()
    try:
        with tarfile.open(fileobj=cast("tarfile._Fileobj", stream), mode="r:") as tar:
            for member in _members(tar, archive):
                if member.isreg() and member.size:
                    stream.seek(member.offset_data)
                    for layer in _take(passed, member, stream, object_format, limits):
                        cache.put(layer, object_format)
        stream.finish()
    except LayerError:
        raise
    except Exception as error:  # tarfile and the engine's stream may fail in any way
        raise LayerError(f"unreadable image archive: {type(error).__name__}: {error}") from error
    chosen = choose(name, passed.documents.get, reference=reference, platform=platform)
    wanted = diff_ids(chosen.config)
    lacking = [diff_id for diff_id in wanted if diff_id not in passed.layers]
    if lacking:
        why = f" ({passed.broken[0]})" if passed.broken else ""
        raise LayerError(f"wrong digest: no layer of the archive is {lacking[0]}{why}")
    layers = tuple(passed.layers[diff_id] for diff_id in wanted)
    return SavedImage(chosen.config, chosen.config_digest, layers)


def _take(
    passed: _Passed,
    member: tarfile.TarInfo,
    stream: BoundedStream,
    object_format: str,
    limits: LayerLimits,
) -> Iterator[LayerEntries]:
    """Store a document; read and yield what may be a layer."""
    data = _data(stream, member.size)
    head = next(data)
    path = posixpath.normpath(member.name)
    looks_like_one = head[:1] in (b"{", b"[") and head[257:262] != b"ustar"
    if looks_like_one or path in ("index.json", "manifest.json"):
        if member.size <= MAX_BLOB:  # a larger one, such as a list of packages, is not needed
            if passed.size() + member.size > _DOCUMENTS:
                raise LayerError(f"documents of more than {_DOCUMENTS:,} bytes")
            passed.documents[path] = verified(path, head + b"".join(data))
    elif member.size >= tarfile.BLOCKSIZE or head[:2] == b"\x1f\x8b":
        try:
            layer = read_layer(
                _chained(head, data),
                None,
                blob_digest=digest_in(path),
                object_format=object_format,
                limits=limits,
            )
        except LayerError as error:
            stream.check_clock()
            passed.broken.append(f"{path}: {error}")
        else:
            passed.layers[layer.diff_id] = layer
            yield layer


def _members(tar: tarfile.TarFile, archive: LayerLimits) -> Iterator[tarfile.TarInfo]:
    count = 0
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]
        count += 1
        if count > archive.entries:
            raise LayerError(f"an archive of more than {archive.entries:,} members")
        if member.isreg() and not 0 <= member.size <= archive.bytes:
            raise LayerError(f"{member.name!r} claims {member.size:,} bytes")
        yield member


def _data(stream: BoundedStream, size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read_exactly(min(1 << 20, size))
        size -= len(piece)
        yield piece


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest
