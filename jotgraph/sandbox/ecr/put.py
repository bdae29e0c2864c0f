"""ECR's PutImage.

Corrections to moto 5.2: the digest is the SHA-256 of the manifest's bytes and a wrong one is
refused; a moved tag leaves the old image, untagged; an immutable tag is refused with its own
error; an index needs its children; layers may be insisted on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from jotgraph.sandbox.ecr.common import image_answer, registry_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Image, Images, World, images_of, repository_of
from jotgraph.sources.cache import sha256_of

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,299}")


def put_image(world: World, request: Request) -> Reply:
    """Store a manifest under a tag, or under its digest alone (API_PutImage)."""
    name, manifest = request.text("repositoryName"), request.text("imageManifest")
    repository = repository_of(world, registry_of(request), request.region, name)
    images, tag = images_of(repository), request.params.get("imageTag")
    parsed = _parsed(manifest)
    digest = sha256_of(manifest.encode())
    given = request.params.get("imageDigest")
    if given and given != digest:
        raise AwsError(
            "ImageDigestDoesNotMatchException",
            f"Supplied digest '{given}' does not match the calculated digest '{digest}'",
        )
    if tag is not None and not _TAG.fullmatch(tag):
        raise AwsError(
            "InvalidParameterException",
            "Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy regular "
            "expression '[a-zA-Z0-9-_.]+''",
        )
    image = read_image(
        manifest, parsed, request.params.get("imageManifestMediaType"), world.now(), images
    )
    _check_new(images, image, tag, repository)
    _check_references(world, images, image)
    stored = store(images, image, tag)
    return json_reply({"image": image_answer(request, stored, tag)})


def _parsed(manifest: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(manifest)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise AwsError(
            "InvalidParameterException",
            "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON "
            "syntax'",
        )
    return parsed


def read_image(
    manifest: str,
    parsed: Mapping[str, Any],
    media_type: str | None,
    pushed_at: float,
    images: Images,
) -> Image:
    """Take from a manifest what DescribeImages shows of it. The size is that of the compressed
    layers; "If the image is a manifest list, this will be the max size of all manifests in the
    list" (API_ImageDetail)."""
    config = parsed.get("config") or {}
    layers = parsed.get("layers") or []
    children = tuple(child["digest"] for child in parsed.get("manifests") or [])
    if children:
        size = max((images.by_digest[c].size for c in children if c in images.by_digest), default=0)
    else:
        size = sum(int(layer.get("size", 0)) for layer in layers)
    kind = media_type or parsed.get("mediaType")
    if not kind:
        raise AwsError(
            "InvalidParameterException",
            "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'image manifest "
            "mediatype not provided in manifest or parameter'",
        )
    artifact_type = parsed.get("artifactType")
    return Image(
        digest=sha256_of(manifest.encode()),
        manifest=manifest,
        media_type=kind,
        size=size,
        pushed_at=pushed_at,
        artifact_media_type=config.get("mediaType") or artifact_type,
        artifact_type=artifact_type,
        subject=(parsed.get("subject") or {}).get("digest"),
        blobs=tuple(blob["digest"] for blob in [config, *layers] if blob.get("digest")),
        children=children,
        annotations=parsed.get("annotations") or {},
    )


def _check_new(images: Images, image: Image, tag: str | None, repository: Any) -> None:
    """ "The specified image has already been pushed, and there were no changes to the manifest or
    image tag after the last push" (ImageAlreadyExistsException); an archived image pushed again
    is restored; "The specified image is tagged with a tag that already exists. The repository is
    configured for tag immutability" (ImageTagAlreadyExistsException)."""
    present = images.by_digest.get(image.digest)
    if present is not None and not present.archived and (tag is None or tag in present.tags):
        raise AwsError(
            "ImageAlreadyExistsException",
            f"Image with digest '{image.digest}' and tag '{tag or 'null'}' already exists in the "
            f"repository with name '{repository.name}' in registry with id "
            f"'{repository.registry_id}'",
        )
    tagged = images.tags.get(tag or "")
    if tagged is not None and tagged != image.digest and _immutable(repository, tag or ""):
        raise AwsError(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and "
            "cannot be overwritten because the repository is immutable.",
        )


def _immutable(repository: Any, tag: str) -> bool:
    """Whether a tag may not move. Exclusion filters (wildcards) invert the repository's setting for
    the tags that they match (API_ImageTagMutabilityExclusionFilter)."""
    setting = str(
        getattr(repository.image_tag_mutability, "value", repository.image_tag_mutability)
    )
    filters = repository.image_tag_mutability_exclusion_filters or []
    excluded = any(fnmatchcase(tag, f["filter"]) for f in filters)
    return setting.startswith("IMMUTABLE") != excluded


def _check_references(world: World, images: Images, image: Image) -> None:
    """ "The manifest list is referencing an image that does not exist"
    (ReferencedImagesNotFoundException); "The specified layers could not be found"
    (LayersNotFoundException), unless the sandbox is told not to require layers."""
    absent = [child for child in image.children if child not in images.by_digest]
    if absent:
        raise AwsError(
            "ReferencedImagesNotFoundException",
            f"The manifest list references images that do not exist: {', '.join(absent)}",
        )
    missing = [blob for blob in image.blobs if blob not in images.blobs]
    if world.require_layers and missing:
        raise AwsError(
            "LayersNotFoundException",
            f"Layers with digests '{missing}' required for pushing image into repository do not "
            "exist",
        )


def store(images: Images, image: Image, tag: str | None) -> Image:
    """Put an image and move the tag to it; the image that had the tag stays, untagged: "the tag
    is moved to the new image" (ECR user guide, "Image tag mutability")."""
    if image.digest not in images.by_digest:
        images.users.update(image.blobs)
    kept = images.by_digest.setdefault(image.digest, image)
    kept.archived = False
    for child in image.children:
        images.parents.setdefault(child, set()).add(image.digest)
    if tag is not None:
        before = images.tags.get(tag)
        if before is not None and before != image.digest:
            images.by_digest[before].tags.remove(tag)
        if tag not in kept.tags:
            kept.tags.append(tag)
        images.tags[tag] = image.digest
    return kept
