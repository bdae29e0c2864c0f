"""Manifests, configs and layers out of ECR, each verified by its digest.

Manifests come 100 at a time (BatchGetImage); a blob takes GetDownloadUrlForLayer and a plain HTTPS
GET of the URL it gives. BatchGetImage moves an image's ``lastRecordedPullTime``: see ``ecr.py``
for what must come before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from jotgraph.failures import CallFailedError, Failure
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.cache import digest_of
from jotgraph.sources.documents.manifests import MAX_BLOB

if TYPE_CHECKING:
    from urllib3 import PoolManager

BATCH = 100
"""imageIds of one BatchGetImage (ECR API)."""
CHUNK = 1 << 20


def fetch_manifests(
    place: RegionClient, repository: str, digests: Sequence[str]
) -> dict[str, bytes | Failure]:
    """Fetch up to BATCH manifests: the exact bytes of each, or why not. Raises CallFailedError
    when the whole call is given up."""
    answer = place.ask(
        "ecr",
        "BatchGetImage",
        "images",
        "failures",
        repositoryName=repository,
        imageIds=[{"imageDigest": digest} for digest in digests],
        acceptedMediaTypes=list(MANIFEST_TYPES),
    )
    found: dict[str, bytes | Failure] = {}
    for failed in answer.get("failures") or ():
        digest = (failed.get("imageId") or {}).get("imageDigest", "")
        code, reason = failed.get("failureCode", ""), failed.get("failureReason", "")
        found[digest] = Failure("error", f"{code}: {reason}", code)
    for image in answer.get("images") or ():
        digest = image["imageId"]["imageDigest"]
        content = str(image.get("imageManifest", "")).encode()
        same = digest_of(content) == digest
        found[digest] = content if same else _altered(digest)
    missing = Failure("error", "BatchGetImage answered nothing about this digest")
    return {digest: found.get(digest, missing) for digest in digests}


def _altered(digest: str) -> Failure:
    return Failure("error", f"the bytes received are not those of {digest}")


def fetch_blob(place: RegionClient, repository: str, digest: str, limit: int = MAX_BLOB) -> bytes:
    """Fetch a whole blob of at most ``limit`` bytes. Raises CallFailedError."""
    parts: list[bytes] = []
    size = 0
    for chunk in stream_blob(place, repository, digest):
        size += len(chunk)
        if size > limit:
            raise CallFailedError(Failure("unsupported", f"{digest} is above {limit:,} bytes"))
        parts.append(chunk)
    return b"".join(parts)


def stream_blob(place: RegionClient, repository: str, digest: str) -> Iterator[bytes]:
    """Stream a blob as it is stored. Raises CallFailedError, at the end when the bytes that came
    are not those of the digest: use nothing of them before the end."""
    answer = place.ask(
        "ecr",
        "GetDownloadUrlForLayer",
        "downloadUrl",
        repositoryName=repository,
        layerDigest=digest,
    )
    running = hashlib.sha256()
    for chunk in download(place, str(answer["downloadUrl"])):
        running.update(chunk)
        yield chunk
    if f"sha256:{running.hexdigest()}" != digest:
        raise CallFailedError(_altered(digest))


def download(place: RegionClient, url: str) -> Iterator[bytes]:
    """Stream what a presigned URL gives, of https unless the endpoint itself is plain. Raises
    CallFailedError."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 -- comes with botocore

    plain = str(place.aws.client("ecr", place.region).meta.endpoint_url).startswith("http:")
    if not url.startswith("https:") and not plain:
        raise CallFailedError(Failure("error", "AWS gave a download URL that is not https"))
    try:
        pool = _http(getproxies().get(urlsplit(url).scheme, ""), os.environ.get("AWS_CA_BUNDLE"))
        reply = pool.request("GET", url, preload_content=False)
        try:
            if reply.status != 200:
                raise CallFailedError(_status(reply.status))
            yield from reply.stream(CHUNK, decode_content=False)
        finally:
            reply.release_conn()
    except (HTTPError, OSError) as error:
        message = f"the download broke off ({type(error).__name__})"
        raise CallFailedError(Failure("unreachable", message)) from error


def _status(status: int) -> Failure:
    if status == 403:
        return Failure("denied", "the download URL was refused (HTTP 403)", "403")
    if status in (429, 503):
        return Failure("throttled", f"the download was refused (HTTP {status})", str(status))
    return Failure("error", f"the download answered HTTP {status}", str(status))


@cache
def _http(proxy: str, ca_bundle: str | None) -> PoolManager:
    """One pool of connections for all downloads, through the proxy of the environment if any."""
    from urllib3 import PoolManager, ProxyManager, Retry, Timeout  # noqa: PLC0415 -- as above

    retries = Retry(
        total=4, backoff_factor=0.2, status_forcelist=(429, 500, 502, 503, 504),
        raise_on_status=False, redirect=3,
    )  # fmt: skip
    timeout = Timeout(connect=5, read=60)
    if proxy:
        return ProxyManager(proxy, maxsize=64, retries=retries, timeout=timeout, ca_certs=ca_bundle)
    return PoolManager(maxsize=64, retries=retries, timeout=timeout, ca_certs=ca_bundle)
