"""Reads manifests and configs of listed ECR images.

Read are every index and its children, and images that may equal a local image without a matching
digest. With a git repository to link to, also the configs of images that run (or that the tag of a
function or workload names now; for an index those of its images) and match no local image, and the
statements attached to images by BuildKit, cosign or GitHub. All other images are read on demand
(``all_labels``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from jotgraph.records import EcrImage, Gap, ImageType
from jotgraph.sources.documents.manifests import Manifest
from jotgraph.sources.ecr.attestations import read_statements, referrers
from jotgraph.sources.ecr.by_digest import cached_manifest, read_configs, read_manifests
from jotgraph.sources.ecr.image_types import image_type
from jotgraph.sources.ecr.own_pulls import with_own_pulls
from jotgraph.sources.ecr.reading import KnownByDigest, homes_of
from jotgraph.sources.ecr.wanted import (
    Interest,
    labelled_digests,
    running_digests,
    unmatched_candidates,
)


def read_images(
    question: Interest, reading: KnownByDigest
) -> tuple[tuple[EcrImage, ...], list[Gap]]:
    """Read the wanted documents; return every image, in the given order, and the gaps."""
    homes = homes_of(question.images)
    running = running_digests(question, homes)
    unmatched = unmatched_candidates(question, running)
    labelled = labelled_digests(question, running)
    indexes = {image.digest for image in question.images if image.type is ImageType.INDEX}
    asked = indexes | unmatched | (frozenset() if question.quick else labelled)
    read_manifests(reading, homes, asked, indexes)
    children = {
        child.digest
        for digest in indexes & reading.manifests.keys()
        for child in reading.manifests[digest].children
    }
    read_manifests(reading, homes, children - asked, frozenset())
    if question.git:
        _read_referrers(question, reading, homes, running)
        read_statements(reading, homes, quick=question.quick)
    if question.git or question.all_labels:
        wanted = labelled | (unmatched & running) | _listed(reading, labelled & running)
        local = {image.config_digest or image.image_id for image in question.local}
        read_configs(reading, homes, wanted, known=local, quick=question.quick)
    attestations = _attestations(reading.manifests.values())
    images = (with_documents(image, reading, attestations) for image in question.images)
    return with_own_pulls(reading.cache, images), reading.gaps


def _listed(reading: KnownByDigest, indexes: frozenset[str]) -> frozenset[str]:
    """The images in some indexes, one of which is what really runs."""
    manifests = (reading.manifests[digest] for digest in indexes & reading.manifests.keys())
    return frozenset(
        child.digest for manifest in manifests for child in manifest.children if child.runs
    )


def _read_referrers(
    question: Interest,
    reading: KnownByDigest,
    homes: Mapping[str, EcrImage],
    running: frozenset[str],
) -> None:
    """Read the manifests of what is attached to images; from the cache alone when quick."""
    subjects = running | {
        digest
        for digest, manifest in reading.manifests.items()
        if any(child.digest in running for child in manifest.children)
    }
    attached = referrers(question.images, subjects)
    if question.quick:
        for digest in sorted(attached - reading.manifests.keys()):
            cached_manifest(reading, digest)
    else:
        read_manifests(reading, homes, attached, frozenset())


def _attestations(manifests: Iterable[Manifest]) -> frozenset[str]:
    return frozenset(
        child.digest for manifest in manifests for child in manifest.children if child.describes
    )


def with_documents(
    image: EcrImage, reading: KnownByDigest, attestations: frozenset[str]
) -> EcrImage:
    """Return an image with everything known about its digest."""
    manifest = reading.manifests.get(image.digest)
    kind = ImageType.ATTESTATION if image.digest in attestations else image.type
    if manifest is None:
        return image if kind is image.type else msgspec.structs.replace(image, type=kind)
    if kind is ImageType.ARTIFACT and manifest.subject:  # ECR may list the type of its config
        kind = image_type(manifest.media_type, manifest.artifact_type, image.tags)
    config = reading.configs.get(manifest.config_digest or "")
    known = msgspec.structs.replace(
        image,
        type=kind,
        subject=image.subject or manifest.subject,
        manifest_read=True,
        config_digest=manifest.config_digest,
        layers=manifest.layers,
        children=manifest.children,
        annotations=manifest.annotations,
        statements=reading.statements.get(image.digest, ()),
    )
    if config is None:
        return known
    return msgspec.structs.replace(
        known,
        config_read=True,
        created_at=config.created_at,
        labels=config.labels,
        env=config.env,
        diff_ids=config.diff_ids,
        architecture=config.architecture,
        entry_point=config.entry_point,
        command=config.command,
    )
