"""The blobs that are kept between scans, by digest.

A digest never changes its meaning, so nothing here grows old; reading a manifest again would move
the pull time of its image.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from jotgraph.records.json_text import NOT_JSON, decoder
from jotgraph.store.folders import cache_folder

T = TypeVar("T")
_HEX = re.compile(r"sha256:[0-9a-f]{64}")


def sha256_of(content: bytes) -> str:
    """``sha256:<hex>`` of bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Cache:
    """Files under ``<directory>/<kind>/<ab>/<hex>``, readable by this user alone, each written
    whole or not at all. Where the directory cannot be written nothing is kept."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or cache_folder()

    def get(self, kind: str, digest: str) -> bytes | None:
        """Return what was kept, None when nothing was."""
        place = self._place(kind, digest)
        if place is None:
            return None
        try:
            with open(place, "rb") as file:
                return file.read()
        except OSError:
            return None

    def decoded(self, kind: str, digest: str, of: type[T]) -> T | None:
        """Return what was kept as JSON of a type, None when nothing was, or what is left of it is
        none."""
        content = self.get(kind, digest)
        try:
            return None if content is None else decoder(of).decode(content)
        except NOT_JSON:
            return None

    def text(self, kind: str, digest: str) -> str:
        """Return what was kept as text, empty when nothing was."""
        return (self.get(kind, digest) or b"").decode(errors="replace")

    def digests(self, kind: str) -> frozenset[str]:
        """All digests of which something is kept: who asks about many of which few are kept asks
        this first."""
        folder = f"{self._directory}/{kind}"
        names = (name for inner in _listed(folder) for name in _listed(f"{folder}/{inner}"))
        return frozenset(f"sha256:{name}" for name in names)

    def put(self, kind: str, digest: str, content: bytes) -> None:
        """Keep bytes; the caller has made sure that they belong to the digest."""
        place = self._place(kind, digest)
        if place is None:
            return
        folder, _, name = place.rpartition("/")
        temporary = f"{folder}/.{name}.{secrets.token_hex(6)}"
        try:
            with os.fdopen(_new(temporary), "wb") as file:
                file.write(content)
            os.replace(temporary, place)
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)

    def _place(self, kind: str, digest: str) -> str | None:
        """A path only for a well-formed digest: it comes from outside. A plain text, for a scan
        asks about every image."""
        if not _HEX.fullmatch(digest):
            return None
        name = digest.removeprefix("sha256:")
        return f"{self._directory}/{kind}/{name[:2]}/{name}"


def _listed(folder: str) -> list[str]:
    """The names in a folder; none where there is no folder, or it cannot be read."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _new(path: str) -> int:
    """Open a file that is not there, in a folder that may not be there either."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        return os.open(path, flags, 0o600)
