"""Rules on base images: whose layers an image begins with, and which base its labels name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jotgraph.links.index import InventoryIndex, group
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.links.revisions import inherited
from jotgraph.records import EcrImage, LocalImage, ResourceId
from jotgraph.records.references import reference

_BASE = "org.opencontainers.image.base.digest"
_MOST = 8


@rule(Relation.BASED_ON, Grade.STRONG)
def rootfs_prefix(index: InventoryIndex) -> Iterator[Match]:
    """The image's layers begin with all layers of another image: it was built on that image, or on
    one with the same files. The longest such image counts; of several with equal layers (copies,
    other labels) those in the same place first, eight at most."""
    for image in index.filesystems():
        for bases in index.bases(image):
            for base in _nearest(image, bases):
                yield Match(
                    image.id,
                    base.id,
                    f"its {len(image.diff_ids)} layers begin with all {len(base.diff_ids)} of it",
                    "rootfs.diff_ids of both configs",
                )
            break


def _nearest(
    image: LocalImage | EcrImage, bases: tuple[LocalImage | EcrImage, ...]
) -> Sequence[LocalImage | EcrImage]:
    if len(bases) == 1:
        return bases
    place = _place(image)
    return sorted(bases, key=lambda base: (_place(base) != place, base.id))[:_MOST]


def _place(image: LocalImage | EcrImage) -> tuple[str, str]:
    return (image.account, image.region) if isinstance(image, EcrImage) else ("", "")


@rule(Relation.BASED_ON, Grade.SUPPORT)
def base_label(index: InventoryIndex) -> Iterator[Match]:
    """A label or annotation names the digest of the base (OCI image spec, annotations), and an
    image that was read has that digest. A label inherited from a known base is left out."""
    for image in index.images():
        annotations = image.annotations if isinstance(image, EcrImage) else ()
        if not image.labels and not annotations:
            continue
        for origin, values in (("label", image.labels), ("annotation", annotations)):
            for name, digest in values:
                if name != _BASE or inherited(index, image, origin, name):
                    continue
                for base in sorted(set(index.once(_by_digest).get(digest, ())) - {image.id}):
                    yield Match(
                        image.id, base, f"its {origin} {_BASE} says {digest}", f"{origin} {_BASE}"
                    )


def _by_digest(index: InventoryIndex) -> Mapping[str, tuple[ResourceId, ...]]:
    inventory = index.inventory
    return group(
        [(image.digest, image.id) for image in inventory.ecr_images]
        + [(image.image_id, image.id) for image in inventory.local_images]
        + [
            (reference(digest).digest, image.id)
            for image in inventory.local_images
            for digest in image.repo_digests
        ]
    )
