"""Copies of archived images that are taken over from another run.

An archived image cannot be pulled (ECR user guide, "Archiving an image"), so the run that deletes
it has no other way to get a copy.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jotgraph.apply.backup.copies import Copies, writing
from jotgraph.apply.backup.images import blobs_of, finish
from jotgraph.apply.backup.paths import blob_path, layout_path
from jotgraph.records import EcrImage
from jotgraph.store.durable import link_whole


def borrow(copies: Copies, images: Sequence[EcrImage]) -> list[EcrImage]:
    """Take over the copies of archived images from other runs by hard links; return the images
    still to be read. Raises ApplyError when a file cannot be linked."""
    runs = copies.folder.parent
    folders = sorted(runs.iterdir()) if runs.is_dir() else ()
    others = [Copies(folder) for folder in folders if folder != copies.folder]
    return [
        image
        for image in images
        if image.status == "ACTIVE" or not any(_lent(other, copies, image) for other in others)
    ]


def _lent(other: Copies, copies: Copies, image: EcrImage) -> bool:
    """Whether another run had a complete copy of an image, which this run now has too."""
    other_path, own = layout_path(other.folder, image.id), layout_path(copies.folder, image.id)
    manifest = blob_path(other_path, image.digest)
    if not other.holds(manifest, image.digest.removeprefix("sha256:")):
        return False
    content = manifest.read_bytes()
    digests = [digest for digest, _ in blobs_of(msgspec.json.decode(content))]
    for digest in digests:
        if not other.holds(blob_path(other_path, digest), digest.removeprefix("sha256:")):
            return False
    with writing(own):
        for digest in digests:
            link_whole(blob_path(other_path, digest), blob_path(own, digest))
    finish(copies, image, content)
    return True
