"""``docker save`` of one image, as a stream, to its configuration and layers.

Both layouts are read: the classic one, and the OCI layout with compressed blobs that the
containerd store writes. Layers are known by what they hash to, not by their names.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from jotgraph.content.image.bounded_stream import LIMITS, Forward, LayerError, Limits
from jotgraph.content.image.entries import LayerEntries
from jotgraph.content.image.layer_cache import LayerCache
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.sources.cache import digest_of
from jotgraph.sources.documents.json_input import json_object

ARCHIVE = Limits(bytes=200 << 30, entries=10_000, seconds=1800.0)
_DOCUMENT = 4 << 20
_DOCUMENTS = 64 << 20


class Saved(msgspec.Struct, frozen=True):
    config: dict[str, Any]
    config_digest: str
    """The image's id in the classic store, but not in containerd's."""
    layers: tuple[LayerEntries, ...]
    """In the order of ``rootfs.diff_ids``, which they were checked against."""


def read_saved(
    chunks: Iterable[bytes],
    cache: LayerCache,
    object_format: str = "sha1",
    *,
    limits: Limits = LIMITS,
    archive: Limits = ARCHIVE,
) -> Saved:
    """Read one saved image; its layers go into the cache. Raises LayerError."""
    stream = Forward(chunks, hash_blob=False, limits=archive)
    documents: dict[str, bytes] = {}
    layers: dict[str, LayerEntries] = {}
    try:
        with tarfile.open(fileobj=cast("tarfile._Fileobj", stream), mode="r:") as tar:
            for member in _members(tar, archive):
                if member.isreg() and member.size:
                    stream.seek(member.offset_data)
                    data = _data(stream, member.size)
                    head = next(data)
                    if head[:1] in (b"{", b"[") and head[257:262] != b"ustar":
                        documents[member.name] = _document(head, data, member.size, documents)
                    elif member.size >= tarfile.BLOCKSIZE or head[:2] == b"\x1f\x8b":
                        layer = read_layer(
                            _chained(head, data), None, object_format=object_format, limits=limits
                        )
                        layers[layer.diff_id] = layer
                        cache.put(layer, object_format)
        stream.finish()
    except LayerError:
        raise
    except Exception as error:  # tarfile and the engine's stream may fail in any way
        raise LayerError(f"unreadable image archive: {type(error).__name__}: {error}") from error
    config, digest = _config(documents)
    wanted = diff_ids(config)
    lacking = [diff_id for diff_id in wanted if diff_id not in layers]
    if lacking:
        raise LayerError(f"wrong digest: no layer of the archive is {lacking[0]}")
    return Saved(config, digest, tuple(layers[diff_id] for diff_id in wanted))


def diff_ids(config: dict[str, Any]) -> tuple[str, ...]:
    """``rootfs.diff_ids`` of an image configuration. Raises LayerError when it has none."""
    rootfs = config.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise LayerError("the image configuration names no layers")
    return tuple(found)


def _config(documents: dict[str, bytes]) -> tuple[dict[str, Any], str]:
    try:
        content = documents[msgspec.json.decode(documents["manifest.json"])[0]["Config"]]
        return json_object(content, _DOCUMENT), digest_of(content)
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        raise LayerError(f"the archive has no usable manifest.json: {error!r}") from error


def _members(tar: tarfile.TarFile, archive: Limits) -> Iterator[tarfile.TarInfo]:
    count = 0
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]
        count += 1
        if count > archive.entries:
            raise LayerError(f"an archive of more than {archive.entries:,} members")
        if member.isreg() and not 0 <= member.size <= archive.bytes:
            raise LayerError(f"{member.name!r} claims {member.size:,} bytes")
        yield member


def _data(stream: Forward, size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read_exactly(min(1 << 20, size))
        size -= len(piece)
        yield piece


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _document(head: bytes, rest: Iterator[bytes], size: int, others: dict[str, bytes]) -> bytes:
    if size > _DOCUMENT or sum(map(len, others.values())) + size > _DOCUMENTS:
        raise LayerError(f"an archive with a document of {size:,} bytes")
    return head + b"".join(rest)
