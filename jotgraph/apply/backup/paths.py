"""Where a run keeps its copies, beside its journal."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from pathlib import Path

from jotgraph.records import (
    ResourceId,
    key_of,
    kind_of,
    place_of,
    repository_name_of,
)


def backup_folder(folder: Path) -> Path:
    """Where the copies of a run are."""
    return folder / "backup"


def document_path(folder: Path, resource: ResourceId) -> Path:
    """Where the answers about a resource are kept."""
    return backup_folder(folder) / f"{_file_name(resource)}.json"


def marker_path(folder: Path, resource: ResourceId) -> Path:
    """What says that the copy of a resource is whole: written last."""
    return backup_folder(folder) / "whole" / f"{_file_name(resource)}.json"


def _file_name(resource: ResourceId) -> str:
    return f"{kind_of(resource)}-{hashlib.sha256(resource.encode()).hexdigest()[:24]}"


def layout_path(folder: Path, resource: ResourceId) -> Path:
    """Where the OCI layout of a repository is, or of that of an image."""
    account, region = place_of(resource)
    name = repository_name_of(resource).replace("/", "__")
    return backup_folder(folder) / "oci" / account / region / name


def blob_path(layout: Path, digest: str) -> Path:
    """``blobs/sha256/<hex>`` of a layout."""
    algorithm, _, hexes = digest.partition(":")
    return layout / "blobs" / algorithm / hexes


def saved_path(folder: Path, resource: ResourceId) -> Path:
    """Where ``docker save`` of a local image is."""
    return backup_folder(folder) / f"{key_of(resource).replace(':', '-')}.tar"


def package_path(folder: Path, code_sha256: str) -> Path:
    """Where the zip package is that has this CodeSha256 (base64, as Lambda gives it)."""
    return backup_folder(folder) / "packages" / f"{b64decode(code_sha256).hex()}.zip"
