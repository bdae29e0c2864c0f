"""Read the entries of a Lambda zip package, whole in memory: nothing extracted, sizes bounded."""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import zipfile
from typing import IO

from jotgraph.content.image.blobs import FileIds, file_ids
from jotgraph.content.image.bounded_stream import LayerError, LayerLimits
from jotgraph.content.image.entries import EntryKind, LayerEntries, LayerEntry
from jotgraph.content.image.tar_stream import clean_path
from jotgraph.sources.git.blob_ids import blob_id

PACKAGE = LayerLimits(bytes=512 << 20, entries=200_000)
"""Lambda takes packages of 250 MB unzipped (Lambda quotas)."""

_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of the others zipfile inflates all at once, whatever their size."""


def read_zip(
    package: bytes,
    code_sha256: str | None,
    object_format: str = "sha1",
    *,
    limits: LayerLimits = PACKAGE,
) -> LayerEntries:
    """Read one package; ``code_sha256`` is the base64 CodeSha256 it must have, None for no check.
    Raises LayerError."""
    sha256 = hashlib.sha256(package).digest()
    if code_sha256 is not None and base64.b64encode(sha256).decode() != code_sha256:
        raise LayerError(f"wrong digest: the package is not {code_sha256}")
    # Each entry of the directory that zipfile builds in memory begins with this mark; files may
    # hold it too (a jar in the package), hence the margin.
    if package.count(b"PK\x01\x02") > 2 * limits.entries:
        raise LayerError(f"more than {limits.entries:,} entries")
    entries: list[LayerEntry] = []
    left = limits.bytes
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            members = archive.infolist()
            if len(members) > limits.entries:
                raise LayerError(f"more than {limits.entries:,} entries")
            for member in members:
                left -= member.file_size
                if left < 0:
                    raise LayerError(f"more than {limits.bytes:,} bytes")
                if member.compress_type not in _BOUNDED:
                    raise LayerError(f"compression {member.compress_type} is not read")
                path = clean_path(member.filename, limits)
                if member.is_dir() or not path:
                    continue
                with archive.open(member) as data:
                    entries.append(_entry(path, member, data, object_format, limits.own))
    except LayerError:
        raise
    except Exception as error:  # zipfile answers hostile bytes with almost anything
        raise LayerError(f"unreadable package: {type(error).__name__}: {error}") from error
    return LayerEntries(f"zip:{sha256.hex()}", tuple(entries))


def _entry(
    path: str,
    member: zipfile.ZipInfo,
    data: IO[bytes],
    object_format: str,
    own: frozenset[str],
) -> LayerEntry:
    if stat.S_ISLNK(member.external_attr >> 16) and member.file_size <= 4096:
        target = data.read(4097)
        return LayerEntry(
            EntryKind.LINK, path, FileIds(len(target), blob_id(target, object_format))
        )

    def read(size: int) -> bytes:
        piece = data.read(size)
        if len(piece) != size:
            raise LayerError("broken package: a file ends early")
        return piece

    return LayerEntry(
        EntryKind.FILE, path, file_ids(read, member.file_size, object_format, path, own)
    )
