"""What of a backup may hold secrets and is in clear, by name."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from jotgraph.apply.backup.paths import backup_folder
from jotgraph.records import Kind

_ENVIRONMENTS = {
    Kind.FUNCTION: "functions",
    Kind.VERSION: "functions",
    Kind.CONTAINER: "containers",
    Kind.LOCAL_IMAGE: "local images",
}
"""Kinds whose documents hold environment variables with their values."""
_FILES = (
    ("oci/*", "layers and configurations of images"),
    ("packages/*.zip", "zip packages"),
    ("*.tar", "docker save archives"),
)
"""What is never encrypted: gigabytes, which Fernet would hold in memory whole, in forms that other
tools read. A secret that is in an image or a package is with everybody who may pull it."""


def in_clear(folder: Path, kinds: Collection[Kind], *, key: bool) -> tuple[str, ...]:
    """What of a run's backup is not encrypted though it may hold secrets. ``kinds`` are those of
    which it has copies; with a ``key`` its documents are encrypted."""
    backup = backup_folder(folder)
    whose = sorted({_ENVIRONMENTS[kind] for kind in kinds if kind in _ENVIRONMENTS})
    documents = [] if key or not whose else [f"environments of {' and '.join(whose)}"]
    return (*documents, *(words for pattern, words in _FILES if any(backup.glob(pattern))))
