"""Blobs that are stored between scans, by digest.

A digest always means the same bytes, so entries never expire; reading a manifest again would change
its image's pull time.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from jotgraph.records.json_text import NOT_JSON, decoder
from jotgraph.records.references import DIGEST
from jotgraph.store.folders import cache_folder

T = TypeVar("T")


def sha256_of(content: bytes) -> str:
    """``sha256:<hex>`` of bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Cache:
    """Files under ``<directory>/<kind>/<ab>/<hex>``, readable by this user alone, each written
    completely or not at all. If the directory cannot be written, nothing is stored."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or cache_folder()

    def get(self, kind: str, digest: str) -> bytes | None:
        """Return stored bytes, None when there are none."""
        place = self._place(kind, digest)
        if place is None:
            return None
        try:
            with open(place, "rb") as file:
                return file.read()
        except OSError:
            return None

    def decoded(self, kind: str, digest: str, of: type[T]) -> T | None:
        """Return stored JSON as a type, None when there is none or it is damaged."""
        content = self.get(kind, digest)
        try:
            return None if content is None else decoder(of).decode(content)
        except NOT_JSON:
            return None

    def text(self, kind: str, digest: str) -> str:
        """Return stored text, empty when there is none."""
        return (self.get(kind, digest) or b"").decode(errors="replace")

    def digests(self, kind: str) -> frozenset[str]:
        """Return all stored digests, for callers that ask about many of which few are stored."""
        folder = f"{self._directory}/{kind}"
        names = (name for inner in _listed(folder) for name in _listed(f"{folder}/{inner}"))
        return frozenset(f"sha256:{name}" for name in names)

    def put(self, kind: str, digest: str, content: bytes) -> None:
        """Store bytes, which the caller has verified against the digest."""
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
        """The path of a digest, which must be well-formed since it comes from outside. It is plain
        text, because a scan asks about every image."""
        if not DIGEST.fullmatch(digest):
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
