"""What of a backup may hold secrets and is in clear, by name."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

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


class InClear(NamedTuple):
    """What may hold secrets and is in clear."""

    environments: tuple[str, ...]
    """Whose environments, which a key encrypts."""
    files: tuple[str, ...]
    """What no key encrypts."""

    @property
    def words(self) -> str:
        """All of it by name; empty for nothing."""
        environments = f"environments of {' and '.join(self.environments)}"
        return ", ".join((*([environments] if self.environments else ()), *self.files))


def in_clear(folder: Path, kinds: Collection[Kind], *, key: bool) -> InClear:
    """What of a run's backup is not encrypted though it may hold secrets. ``kinds`` are those of
    which it has copies; with a ``key`` its documents are encrypted."""
    backup = backup_folder(folder)
    whose = () if key else {_ENVIRONMENTS[kind] for kind in kinds if kind in _ENVIRONMENTS}
    files = tuple(words for pattern, words in _FILES if any(backup.glob(pattern)))
    return InClear(tuple(sorted(whose)), files)
