"""The type of an ECR image, from its media types and tags.

DescribeImages cannot tell BuildKit's attestations from images (both have an image config); the
index that lists them can, see ``manifests.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.records import ImageType
from jotgraph.records.media_types import DOCKER_MANIFEST, INDEX_TYPES
from jotgraph.records.references import referrer_tag

_IMAGE_CONFIGS = frozenset(
    {
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.oci.image.config.v1+json",
    }
)
_BY_ARTIFACT = (
    ("application/vnd.amazon.soci.index.", ImageType.SOCI),
    ("application/vnd.cncf.notary.", ImageType.SIGNATURE),
    ("application/vnd.dev.cosign.simplesigning.", ImageType.SIGNATURE),
    ("application/vnd.dev.cosign.artifact.sig.", ImageType.SIGNATURE),
    ("application/vnd.dev.sigstore.bundle", ImageType.ATTESTATION),
    ("application/vnd.in-toto", ImageType.ATTESTATION),
    ("application/vnd.dsse.envelope", ImageType.ATTESTATION),
)
_BY_SUFFIX = {
    "sig": ImageType.SIGNATURE,
    "att": ImageType.ATTESTATION,
    "sbom": ImageType.ARTIFACT,
}


def image_type(media_type: str, artifact: str, tags: Iterable[str]) -> ImageType:
    """Return the type from the manifest's media type, the config or artifact media type, and
    cosign's tags (``sha256-<hex>.sig``, sigstore/cosign specs/SIGNATURE_SPEC.md)."""
    for prefix, kind in _BY_ARTIFACT:
        if artifact.startswith(prefix):
            return kind
    for about in map(referrer_tag, tags):
        if about and about.suffix in _BY_SUFFIX:
            return _BY_SUFFIX[about.suffix]
    if media_type in INDEX_TYPES:
        return ImageType.INDEX
    if artifact in _IMAGE_CONFIGS or (not artifact and media_type == DOCKER_MANIFEST):
        return ImageType.IMAGE
    return ImageType.ARTIFACT if artifact else ImageType.UNKNOWN


def subject_by_tag(tags: Iterable[str]) -> str | None:
    """Return the digest in cosign's tag, for a signature without a subject field."""
    for about in map(referrer_tag, sorted(tags)):
        if about and about.suffix in _BY_SUFFIX:
            return about.digest
    return None
