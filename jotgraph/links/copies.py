"""Rules on copies: an image in ECR and a local one with the same config, manifest or layers."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.records import EcrImage, LocalImage, ecr_image_id
from jotgraph.records.media_types import EMPTY_CONFIG
from jotgraph.records.references import ecr_reference, reference

_NEAREST = 8


@rule(Relation.COPY_OF, Grade.PROOF)
def config_digest(index: InventoryIndex) -> Iterator[Match]:
    """The manifest in ECR names the config of a local image: same layers, same settings, same
    build. This holds even if the digests of the manifests differ, because a push may compress
    layers again."""
    for local in index.inventory.local_images:
        for digest in sorted({local.image_id, local.config_digest or ""} - {"", EMPTY_CONFIG}):
            for image in index.ecr_by_config.get(digest, ()):
                yield Match(
                    image.id,
                    local.id,
                    f"its manifest names the config {digest} of the local image",
                    "ecr BatchGetImage config.digest",
                )


def _platform_child(parent: EcrImage, local: LocalImage) -> str | None:
    """The digest of the only child of an index that matches the local image's platform."""
    platforms = [child for child in parent.children if child.runs]
    mine = f"{local.os}/{local.architecture}"
    same = (
        [child for child in platforms if child.platform.startswith(mine)] if local.os else platforms
    )
    return same[0].digest if len(same) == 1 else None


@rule(Relation.COPY_OF, Grade.PROOF)
def repo_digest(index: InventoryIndex) -> Iterator[Match]:
    """The engine lists the digest among the image's RepoDigests: it pushed or pulled that manifest,
    or the index that lists it. Podman also lists digests of its own before any push; they match no
    digest in ECR."""
    for local in index.inventory.local_images:
        for digest in sorted({reference(text).digest for text in local.repo_digests} - {""}):
            for image in index.ecr_by_digest.get(digest, ()):
                yield Match(
                    image.id,
                    local.id,
                    f"the engine lists {digest} among the image's RepoDigests",
                    "docker RepoDigests",
                )


@rule(Relation.COPY_OF, Grade.STRONG)
def lost_digest(index: InventoryIndex) -> Iterator[Match]:
    """A function runs a digest that ECR does not list (any more), and the engine has it: among an
    image's RepoDigests, or as its id in the containerd image store. The local image may be the last
    copy."""
    by_digest: dict[str, list[LocalImage]] = {}
    for local in index.inventory.local_images:
        for digest in {
            local.image_id,
            *(reference(text).digest for text in local.repo_digests),
        }:
            by_digest.setdefault(digest, []).append(local)
    seen: set[tuple[str, str]] = set()
    for configuration in index.configurations():
        runs = ecr_reference(configuration.resolved_image_uri)
        if runs is None or not runs.digest:
            continue
        image = runs.image_id
        for local in by_digest.get(runs.digest, ()):
            if image not in index.by_id and (image, local.id) not in seen:
                seen.add((image, local.id))
                yield Match(
                    image,
                    local.id,
                    f"a function runs {runs.digest}, which ECR does not list and the engine has",
                    "docker Id and RepoDigests, lambda GetFunction ResolvedImageUri",
                )


@rule(Relation.COPY_OF, Grade.PROOF)
def containerd_digest(index: InventoryIndex) -> Iterator[Match]:
    """In the containerd image store the id of a local image *is* its manifest's or index's digest
    (docs.docker.com/engine/storage/containerd). When it is an index that ECR holds too, so is the
    one child of the local image's platform."""
    for local in index.inventory.local_images:
        for image in index.ecr_by_digest.get(local.image_id, ()):
            yield Match(
                image.id,
                local.id,
                f"the engine's id of the image is the digest {image.digest}",
                "docker Id (containerd image store)",
            )
            child = _platform_child(image, local)
            if child:
                yield Match(
                    ecr_image_id(image.account, image.region, image.repository, child),
                    local.id,
                    f"it is the {local.os}/{local.architecture} image of the index "
                    f"{image.digest}, which is the engine's id of the local image",
                    "docker Id (containerd image store)",
                )


@rule(Relation.COPY_OF, Grade.SUPPORT)
def same_layers(index: InventoryIndex) -> Iterator[Match]:
    """The uncompressed layers are equal, in order, and the configs differ: the same files, not
    necessarily the same build (a label or a setting may differ, or a tool rewrote the config).
    Of many such local images the eight nearest in time of creation are linked."""
    for images in index.images_by_layers.values():
        locals_ = [image for image in images if isinstance(image, LocalImage)]
        if not locals_:
            continue
        for image in images:
            if isinstance(image, LocalImage):
                continue
            others = [
                local
                for local in locals_
                if not {image.config_digest, image.digest}
                & {local.image_id, local.config_digest or ""}
            ]
            for local in sorted(others, key=lambda other: (_apart(image, other), other.id))[
                :_NEAREST
            ]:
                yield Match(
                    image.id,
                    local.id,
                    f"its {len(image.diff_ids)} layers are those of the local image, under "
                    "another config",
                    "rootfs.diff_ids of both configs",
                )


def _apart(image: EcrImage, local: LocalImage) -> float:
    if image.created_at is None or local.created_at is None:
        return float("inf")
    return abs((image.created_at - local.created_at).total_seconds())
