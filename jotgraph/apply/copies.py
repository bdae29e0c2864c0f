"""Archived images -> copies that the run which archived them kept, taken over by another run.

An archived image cannot be read (ECR user guide, "Archiving an image"), so what deletes it later
has no other copy to keep.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from jotgraph.apply.backup import blob_path, blobs_of, layout_path, note
from jotgraph.errors import ApplyError
from jotgraph.records import EcrImage
from jotgraph.sources.aws.calls import RegionClient


def borrowed(
    folder: Path, place: RegionClient, repository: str, images: Sequence[EcrImage]
) -> list[EcrImage]:
    """Take over the copies of archived images that other runs hold, by links to the same files;
    returns the images that must be read. Raises ApplyError when the disk refuses."""
    root = layout_path(folder, place.account, place.region, repository)
    others = [
        layout_path(each, place.account, place.region, repository)
        for each in (sorted(folder.parent.iterdir()) if folder.parent.is_dir() else ())
        if each != folder
    ]
    return [
        each
        for each in images
        if each.status == "ACTIVE" or not any(_lent(other, root, each) for other in others)
    ]


def _lent(other: Path, root: Path, image: EcrImage) -> bool:
    """Whether another layout holds an image whole; then it is in this one too."""
    manifest = blob_path(other, image.digest)
    try:
        content = manifest.read_bytes()
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != image.digest:
            return False
        described = msgspec.json.decode(content)
        digests = [*blobs_of(described), image.digest]
        if not all(blob_path(other, each).exists() for each in digests):
            return False
        for each in digests:
            _link(blob_path(other, each), blob_path(root, each))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ApplyError(f"no backup: {error}") from error
    note(root, image.digest, described, len(content), image.tags)
    return True


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not target.exists():
        os.link(source, target)
