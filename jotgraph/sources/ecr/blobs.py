"""Downloads manifests, configs and layers from ECR, and verifies their digests.

Manifests come 100 at a time (BatchGetImage); a blob takes GetDownloadUrlForLayer and an HTTPS GET
of the URL. BatchGetImage changes an image's ``lastRecordedPullTime``: see ``ecr.py`` for what must
come before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.sources import downloads
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.cache import sha256_of
from jotgraph.sources.documents.manifests import MAX_BLOB
from jotgraph.sources.downloads import DOCUMENT_SECONDS, STREAM_SECONDS

BATCH = 100
"""The most imageIds of one BatchGetImage (ECR API)."""


def fetch_manifests(
    place: RegionClient, repository: str, digests: Sequence[str]
) -> dict[str, bytes | Failure]:
    """Download up to BATCH manifests: the exact bytes of each, or the failure. Raises
    CallFailedError when the whole call fails."""
    answer = place.ask(
        "ecr",
        "BatchGetImage",
        "images",
        "failures",
        repositoryName=repository,
        imageIds=[{"imageDigest": digest} for digest in digests],
        acceptedMediaTypes=list(MANIFEST_TYPES),
    )
    contents: dict[str, bytes | Failure] = {}
    for failed in answer.get("failures") or ():
        digest = (failed.get("imageId") or {}).get("imageDigest", "")
        code, reason = failed.get("failureCode", ""), failed.get("failureReason", "")
        contents[digest] = Failure("error", f"{code}: {reason}", code)
    for image in answer.get("images") or ():
        digest = image["imageId"]["imageDigest"]
        content = str(image.get("imageManifest", "")).encode()
        same = sha256_of(content) == digest
        contents[digest] = content if same else _altered(digest)
    missing = Failure("error", "BatchGetImage answered nothing about this digest")
    return {digest: contents.get(digest, missing) for digest in digests}


def _altered(digest: str) -> Failure:
    return Failure("error", f"the bytes received are not those of {digest}")


def fetch_blob(place: RegionClient, repository: str, digest: str, limit: int = MAX_BLOB) -> bytes:
    """Download a blob of at most ``limit`` bytes. Raises CallFailedError."""
    parts: list[bytes] = []
    size = 0
    for chunk in stream_blob(place, repository, digest, DOCUMENT_SECONDS):
        size += len(chunk)
        if size > limit:
            raise CallFailedError(Failure("unsupported", f"{digest} is above {limit:,} bytes"))
        parts.append(chunk)
    return b"".join(parts)


def stream_blob(
    place: RegionClient, repository: str, digest: str, seconds: float = STREAM_SECONDS
) -> Iterator[bytes]:
    """Stream a blob without decompression. Raises CallFailedError, also at the end if the bytes do
    not have the digest: use none of them before the end."""
    answer = place.ask(
        "ecr",
        "GetDownloadUrlForLayer",
        "downloadUrl",
        repositoryName=repository,
        layerDigest=digest,
    )
    running = hashlib.sha256()
    for chunk in download(place, str(answer["downloadUrl"]), seconds):
        running.update(chunk)
        yield chunk
    if f"sha256:{running.hexdigest()}" != digest:
        raise CallFailedError(_altered(digest))


def download(place: RegionClient, url: str, seconds: float = STREAM_SECONDS) -> Iterator[bytes]:
    """Stream the bytes behind a presigned URL; plain http only if the endpoint uses it. Raises
    CallFailedError."""
    endpoint = str(place.aws.client("ecr", place.region).meta.endpoint_url)
    plain = endpoint.startswith("http:")
    return downloads.download(url, plain=plain, seconds=seconds, pool=place.aws.pool)
