"""The ids git gives to the bytes of files, and the pointer that LFS keeps in their place.

Git names a blob ``hash("blob <size>\\0" + bytes)`` (gitformat-pack, Pro Git 10.2).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash


def blob_id(data: bytes, object_format: str = "sha1") -> bytes:
    """The raw id of a blob with these bytes; ``object_format`` is ``sha1`` or ``sha256``."""
    digest = start_blob(len(data), object_format)
    digest.update(data)
    return digest.digest()


def start_blob(size: int, object_format: str) -> _Hash:
    """A hash that becomes a blob's id when its ``size`` bytes are added."""
    digest = hashlib.new(object_format, usedforsecurity=False)
    digest.update(b"blob %d\0" % size)
    return digest


def lfs_pointer(sha256: str, size: int) -> bytes:
    """What git holds of a file that LFS stores: keys in this order, a line feed after each
    (git-lfs, docs/spec.md)."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    return text.encode()
