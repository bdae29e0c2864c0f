"""Paths of a run's copies, beside its journal."""

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
    """Return the folder for the copies of a run."""
    return folder / "backup"


def document_path(folder: Path, resource: ResourceId) -> Path:
    """Return the path of a resource's description."""
    return backup_folder(folder) / f"{_file_name(resource)}.json"


def marker_path(folder: Path, resource: ResourceId) -> Path:
    """Return the path of the list that completes a resource's copy; it is written last."""
    return backup_folder(folder) / "whole" / f"{_file_name(resource)}.json"


def _file_name(resource: ResourceId) -> str:
    return f"{kind_of(resource)}-{hashlib.sha256(resource.encode()).hexdigest()[:24]}"


def layout_path(folder: Path, resource: ResourceId) -> Path:
    """Return the path of the OCI layout of a repository, or of the repository of an image."""
    account, region = place_of(resource)
    name = repository_name_of(resource).replace("/", "__")
    return backup_folder(folder) / "oci" / account / region / name


def blob_path(layout: Path, digest: str) -> Path:
    """Return ``blobs/sha256/<hex>`` in a layout."""
    algorithm, _, hexes = digest.partition(":")
    return layout / "blobs" / algorithm / hexes


def saved_path(folder: Path, resource: ResourceId) -> Path:
    """Return the path of a local image's ``docker save`` archive."""
    return backup_folder(folder) / f"{key_of(resource).replace(':', '-')}.tar"


def package_path(folder: Path, code_sha256: str) -> Path:
    """Return the path of the zip package with this CodeSha256 (base64, as in Lambda's API)."""
    return backup_folder(folder) / "packages" / f"{b64decode(code_sha256).hex()}.zip"
