"""Copies of archived images that one run kept, taken over by another run.

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
    folder: Path, client: RegionClient, repository: str, images: Sequence[EcrImage]
) -> list[EcrImage]:
    """Take over the copies of archived images that other runs hold, by links to the same files;
    returns the images that must be read. Raises ApplyError when the disk refuses."""
    root = layout_path(folder, client.account, client.region, repository)
    runs = sorted(folder.parent.iterdir()) if folder.parent.is_dir() else ()
    others = [
        layout_path(run, client.account, client.region, repository) for run in runs if run != folder
    ]
    return [
        image
        for image in images
        if image.status == "ACTIVE" or not any(_lent(other, root, image) for other in others)
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
        if not all(blob_path(other, blob).exists() for blob in digests):
            return False
        for blob in digests:
            _link(blob_path(other, blob), blob_path(root, blob))
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
