"""Read a layer's entries from its bytes: one pass, nothing written, bounded memory and time, digest
verified.

A layer is hostile until its digest is known, and may be hostile after: whoever pushed it chose the
bytes. So a member's size is checked against a limit before it is read, no single read is larger
than the window, the whole is counted, and a clock runs. Anything odd raises LayerError, which the
caller turns into a gap.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from typing import cast

from jotgraph.content.image.blobs import FileIds, file_ids
from jotgraph.content.image.bounded_stream import LIMITS, BoundedStream, LayerError, LayerLimits
from jotgraph.content.image.entries import EntryKind, LayerEntries, LayerEntry
from jotgraph.sources.git.blob_ids import blob_id


def read_layer(
    chunks: Iterable[bytes],
    diff_id: str | None,
    *,
    blob_digest: str | None = None,
    object_format: str = "sha1",
    limits: LayerLimits = LIMITS,
) -> LayerEntries:
    """Read one layer from its bytes, compressed (gzip, zstd) or plain.

    ``diff_id`` is the ``sha256:…`` the uncompressed bytes must have, ``blob_digest`` what the
    bytes as transferred must have; None leaves that check out. Raises LayerError.
    """
    stream = BoundedStream(chunks, hash_blob=blob_digest is not None, limits=limits)
    try:
        entries = tuple(_entries(stream, object_format, limits))
        stream.finish()
    except LayerError:
        raise
    except Exception as error:  # tarfile and zlib answer hostile bytes with almost anything
        raise LayerError(f"unreadable layer: {type(error).__name__}: {error}") from error
    if blob_digest is not None and stream.blob_digest() != blob_digest:
        raise LayerError(f"wrong digest: {blob_digest} was asked, {stream.blob_digest()} came")
    if diff_id is not None and stream.diff_id() != diff_id:
        raise LayerError(f"wrong digest: the layer is {diff_id}, its bytes {stream.diff_id()}")
    return LayerEntries(stream.diff_id(), entries)


def _entries(
    stream: BoundedStream, object_format: str, limits: LayerLimits
) -> Iterator[LayerEntry]:
    count = 0
    with tarfile.open(
        fileobj=cast("tarfile._Fileobj", stream),
        mode="r:",
        encoding="utf-8",
        errors="surrogateescape",
    ) as tar:
        while (member := tar.next()) is not None:
            # tarfile would keep every member for getmember(); typeshed does not know the list.
            tar.members = []  # type: ignore[attr-defined]
            count += 1
            if count > limits.entries:
                raise LayerError(f"more than {limits.entries:,} entries")
            entry = _entry(tar, member, stream, object_format, limits)
            if entry is not None:
                yield entry
    if not stream.ended_well():
        raise LayerError("broken layer: a header cannot be read")


def _entry(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    stream: BoundedStream,
    object_format: str,
    limits: LayerLimits,
) -> LayerEntry | None:
    path = clean_path(member.name, limits)
    if not 0 <= member.size <= limits.bytes:
        raise LayerError(f"{path!r} claims {member.size:,} bytes")
    directory, _, name = path.rpartition("/")
    if name == ".wh..wh..opq":
        return LayerEntry(EntryKind.OPAQUE, directory)
    if name.startswith(".wh..wh."):
        return None  # AUFS' own bookkeeping (.wh..wh.plnk), no whiteout
    if name.startswith(".wh."):
        hidden = name.removeprefix(".wh.")
        if hidden in {"", ".", ".."}:
            raise LayerError(f"unsafe whiteout {path!r}")
        return LayerEntry(EntryKind.WHITEOUT, f"{directory}/{hidden}" if directory else hidden)
    if member.isdir():
        return LayerEntry(EntryKind.DIRECTORY, path)
    if not path:
        return LayerEntry(EntryKind.DIRECTORY, "")
    if member.issym():
        target = member.linkname.encode("utf-8", "surrogateescape")
        if len(target) > limits.path:
            raise LayerError(f"{path!r} links to a name of {len(target):,} bytes")
        return LayerEntry(
            EntryKind.LINK, path, FileIds(len(target), blob_id(target, object_format))
        )
    if member.islnk():
        return LayerEntry(EntryKind.HARDLINK, path, None, clean_path(member.linkname, limits))
    if member.isreg():
        return LayerEntry(
            EntryKind.FILE, path, _read_ids(tar, member, stream, object_format, path, limits.own)
        )
    return LayerEntry(EntryKind.OTHER, path)


def _read_ids(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    stream: BoundedStream,
    object_format: str,
    path: str,
    own: frozenset[str],
) -> FileIds:
    if not member.issparse():
        stream.seek(member.offset_data)
        return file_ids(stream.read_exactly, member.size, object_format, path, own)
    data = tar.extractfile(member)
    if data is None:
        raise LayerError(f"{member.name!r} cannot be read")
    left = member.size

    def read(size: int) -> bytes:
        nonlocal left
        stream.check_clock()
        piece = data.read(size)
        left -= len(piece)
        if len(piece) != size:
            raise LayerError("broken layer: a sparse file ends early")
        stream.count_holes(size)
        return piece

    return file_ids(read, member.size, object_format, path, own)


def clean_path(name: str, limits: LayerLimits) -> str:
    """A member's name as a relative path. Raises LayerError for one that leaves the image."""
    if len(name) > limits.path:
        raise LayerError(f"a name of {len(name):,} characters")
    if "\0" in name:
        raise LayerError(f"unsafe path {name!r}")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise LayerError(f"unsafe path {name!r}: it leaves the image")
    return "/".join(parts)
