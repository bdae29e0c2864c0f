"""The unencrypted parts of a backup that may contain secrets, by name."""

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
"""Kinds whose descriptions contain environment variables with values."""
_FILES = (
    ("oci/*", "layers and configurations of images"),
    ("packages/*.zip", "zip packages"),
    ("*.tar", "docker save archives"),
)
"""Never encrypted: gigabytes, which Fernet would hold in memory at once, in formats that other
tools read. Whoever may pull an image or package can see its secrets anyway."""


class InClear(NamedTuple):
    """The resources whose copies may contain unencrypted secrets."""

    environments: tuple[str, ...]
    """Those whose environment a key would encrypt."""
    files: tuple[str, ...]
    """Those that no key encrypts."""

    @property
    def words(self) -> str:
        """All of them by name; empty when there are none."""
        environments = f"environments of {' and '.join(self.environments)}"
        return ", ".join((*([environments] if self.environments else ()), *self.files))


def in_clear(folder: Path, kinds: Collection[Kind], *, key: bool) -> InClear:
    """Return what in a run's backup may contain secrets and is not encrypted. ``kinds`` are those
    it has copies of; with a ``key`` its descriptions are encrypted."""
    backup = backup_folder(folder)
    whose = () if key else {_ENVIRONMENTS[kind] for kind in kinds if kind in _ENVIRONMENTS}
    files = tuple(words for pattern, words in _FILES if any(backup.glob(pattern)))
    return InClear(tuple(sorted(whose)), files)
