"""Recognises a ``package.json`` that npm or a publishing tool rewrote with keys of its own.

npm up to 6 did so with what it installed (``_resolved``), and publishing tools add ``gitHead``.
Pure; nothing raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from jotgraph.records.json_text import NOT_JSON

_LARGEST = 1 << 20
_ADDED = ("bundleDependencies", "deprecated")


def package_object(document: bytes) -> Mapping[str, Any]:
    """Return the object in a ``package.json``; empty for anything else."""
    try:
        decoded = msgspec.json.decode(document) if len(document) <= _LARGEST else None
    except (*NOT_JSON, UnicodeError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def without_additions(document: bytes) -> bytes:
    """Return a hash of a ``package.json`` without npm's additions and independent of its
    formatting; empty for anything else."""
    own = {
        key: value
        for key, value in package_object(document).items()
        if not _of_npm(key) and not (key in _ADDED and value is False)
    }
    return hashlib.sha256(msgspec.json.encode(own, order="sorted")).digest() if own else b""


def published(path: str, document: bytes) -> bytes:
    """Return the hash of a ``package.json`` that npm added to; empty for any other file."""
    if not f"/{path}".endswith("/package.json"):
        return b""
    added = any(map(_of_npm, package_object(document)))
    return without_additions(document) if added else b""


def _of_npm(key: str) -> bool:
    return key == "gitHead" or key.startswith("_")
