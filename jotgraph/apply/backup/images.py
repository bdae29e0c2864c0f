"""Copies of registry images, as an OCI image layout for each repository.

They are the exact bytes of manifest, configuration and layers, each verified by its digest
(opencontainers/image-spec, image-layout.md). Shared layers are stored once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.apply.backup.copies import Copies, read_json, writing
from jotgraph.apply.backup.paths import blob_path, layout_path
from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import EcrImage
from jotgraph.records.ids import shortened
from jotgraph.records.json_text import NOT_JSON
from jotgraph.records.media_types import INDEX_TYPES, OCI_INDEX, OCI_MANIFEST
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.ecr.blobs import fetch_manifests, stream_blob
from jotgraph.store.durable import whole_file, write_whole

NAME = "org.opencontainers.image.ref.name"
"""Annotation for a tag in an OCI layout (image-spec, annotations.md)."""


def keep_images(
    client: RegionClient, copies: Copies, repository: str, images: Sequence[EcrImage]
) -> dict[str, str]:
    """Copy images of one repository; return the reasons by digest for those that could not be
    copied. Raises CallFailedError when no manifest was read, ApplyError when the disk refuses."""
    manifests = fetch_manifests(client, repository, [image.digest for image in images])
    failed: dict[str, str] = {}
    for image in images:
        content = manifests[image.digest]
        try:
            if isinstance(content, Failure):
                raise CallFailedError(content)
            _keep_blobs(client, copies, image, content)
        except CallFailedError as error:
            why = error.failure.detail if image.status == "ACTIVE" else _archived(image)
            failed[image.digest] = f"no backup: {why}"
            continue
        finish(copies, image, content)
    return failed


def finish(copies: Copies, image: EcrImage, content: bytes) -> None:
    """Write the manifest and tags of an image whose blobs are stored, and the list that completes
    its copy. Raises ApplyError."""
    layout = layout_path(copies.folder, image.id)
    manifest = msgspec.json.decode(content)
    path = blob_path(layout, image.digest)
    with writing(path):
        write_whole(path, content)
    described = {"mediaType": media_type(manifest, image.media_type), "tags": list(image.tags)}
    answers = copies.write_answers(image.id, described)
    _list(layout, image, manifest, len(content))
    blobs = [blob_path(layout, digest) for digest, _ in blobs_of(manifest)]
    copies.mark(image.id, [*blobs, path, answers])


def blobs_of(manifest: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return (digest, size) of an image's configuration and of the layers that a registry holds."""
    listed = [manifest.get("config") or {}, *(manifest.get("layers") or ())]
    return [
        (str(blob["digest"]), int(blob.get("size") or 0))
        for blob in listed
        if blob.get("digest") and not blob.get("urls")
    ]


def referred_to(content: bytes) -> list[str]:
    """Return the digests that an index lists or that a signature is about."""
    try:
        manifest = msgspec.json.decode(content)
    except NOT_JSON:
        return []
    listed = [*(manifest.get("manifests") or ()), manifest.get("subject") or {}]
    return [str(described["digest"]) for described in listed if described.get("digest")]


def media_type(manifest: Mapping[str, Any], known: str = "") -> str:
    """The media type that a manifest is pushed with, which need not be in it (image-spec,
    manifest.md): what ECR has ``known`` it by, else what it looks like. Earlier copies know an
    index that does not say it by the type of an image."""
    if own := manifest.get("mediaType"):
        return str(own)
    if "manifests" in manifest:
        return known if known in INDEX_TYPES else OCI_INDEX
    return known or OCI_MANIFEST


def _keep_blobs(client: RegionClient, copies: Copies, image: EcrImage, content: bytes) -> None:
    """Download the blobs that are missing or incomplete."""
    layout = layout_path(copies.folder, image.id)
    missing = [
        (digest, size)
        for digest, size in blobs_of(msgspec.json.decode(content))
        if not copies.holds(blob_path(layout, digest), digest.removeprefix("sha256:"))
    ]
    copies.require_room(sum(size for _, size in missing), f"a copy of {shortened(image.digest)}")
    for digest, _ in missing:
        path = blob_path(layout, digest)
        with writing(path), whole_file(path) as file:
            for chunk in stream_blob(client, image.repository, digest):
                file.write(chunk)


def _list(layout: Path, image: EcrImage, manifest: Mapping[str, Any], size: int) -> None:
    """Add a manifest to the layout's index, once for each tag, for other tools that read layouts.
    An undo reads the tags from the image's own document."""
    path = layout / "index.json"
    index: dict[str, Any] = (
        read_json(path) if path.exists() else {"schemaVersion": 2, "manifests": []}
    )
    others = [listed for listed in index["manifests"] if listed["digest"] != image.digest]
    mine: list[dict[str, Any]] = [
        {"mediaType": media_type(manifest, image.media_type), "digest": image.digest, "size": size}
    ]
    if image.tags:
        mine = [{**mine[0], "annotations": {NAME: tag}} for tag in image.tags]
    with writing(path):
        write_whole(layout / "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        write_whole(path, msgspec.json.encode({**index, "manifests": [*others, *mine]}))


def _archived(image: EcrImage) -> str:
    """Why an archived image has no copy, and what to do. ECR returns only its existence until it is
    restored (ECR user guide, "Archiving an image", "Restoring an image")."""
    call = f"aws ecr update-image-storage-class --region {image.region}"
    which = f"--repository-name {image.repository} --image-id imageDigest={image.digest}"
    return (
        f"it is archived and cannot be pulled; restore it ({call} {which} "
        "--target-storage-class STANDARD), plan again when it is active, which takes up to 20 "
        "minutes, or delete it without a copy: --no-backup"
    )
