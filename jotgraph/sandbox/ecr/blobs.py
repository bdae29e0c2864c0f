"""ECR's layers: uploads in parts, and downloads from the sandbox's own port.

Corrections to moto 5.2: bytes are kept, GetDownloadUrlForLayer works and its URL leads back to
loopback. Configs and layers are the same kind of thing here, as in the registry API.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from jotgraph.sandbox.ecr.common import images_in, registry_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World, ecr_backend, images_of, repository_of
from jotgraph.sources.cache import sha256_of

PATH = "/_layers/"
EXPIRES = 3600.0
"""Seconds that a download URL is good for."""


def keep_uploaded(world: World, request: Request) -> None:
    """Keep the bytes of a completed upload; moto answers. "The layer digest calculation performed
    by Amazon ECR upon receipt of the image layer does not match the digest specified"
    (InvalidLayerException); "The image layer already exists in the associated repository"
    (LayerAlreadyExistsException, API_CompleteLayerUpload)."""
    name = request.text("repositoryName")
    repository = repository_of(world, registry_of(request), request.region, name)
    upload = repository.uploads.get(request.text("uploadId"))
    if upload is None:
        return
    content = bytes(upload.layer_parts)
    digest, blobs = sha256_of(content), images_of(repository).blobs
    if digest not in (request.params.get("layerDigests") or []):
        raise AwsError("InvalidLayerException", f"Layer has digest '{digest}'")
    if digest in blobs:
        raise AwsError(
            "LayerAlreadyExistsException",
            f"Layer with digest '{digest}' already exists in the repository with name '{name}'",
        )
    blobs[digest] = content


def batch_check_layer_availability(world: World, request: Request) -> Reply:
    """AVAILABLE or UNAVAILABLE for each digest (API_BatchCheckLayerAvailability)."""
    blobs = images_in(world, request).blobs
    layers = []
    for digest in request.params.get("layerDigests") or []:
        layer: dict[str, Any] = {"layerDigest": digest, "layerAvailability": "UNAVAILABLE"}
        if digest in blobs:
            layer.update(layerAvailability="AVAILABLE", layerSize=len(blobs[digest]))
        layers.append(layer)
    return json_reply({"layers": layers, "failures": []})


def get_download_url_for_layer(world: World, request: Request) -> Reply:
    """Give a URL for a layer or a config; it needs no signature and expires. "The specified layer
    is not available because it is not associated with an image"
    (LayerInaccessibleException, API_GetDownloadUrlForLayer)."""
    images = images_in(world, request)
    digest, name = request.text("layerDigest"), request.text("repositoryName")
    if digest not in images.blobs:
        raise AwsError(
            "LayersNotFoundException",
            f"The layer with digest '{digest}' does not exist within the repository with name "
            f"'{name}' in the registry with id '{registry_of(request)}'",
        )
    if not any(digest in image.blobs for image in images.by_digest.values()):
        raise AwsError(
            "LayerInaccessibleException",
            f"The layer with digest '{digest}' is not associated with an image",
        )
    path = f"{PATH}{registry_of(request)}/{request.region}/{quote(name, safe='')}/{digest}"
    until = int(world.now() + EXPIRES)
    url = f"{world.endpoint}{path}?expires={until}&signature={_sign(path, until)}"
    return json_reply({"downloadUrl": url, "layerDigest": digest})


def _sign(path: str, until: int) -> str:
    return hmac.digest(b"jotgraph sandbox", f"{path} {until}".encode(), "sha256").hex()[:32]


def download_request(environ: Mapping[str, Any]) -> Request:
    """Read the GET of a download URL."""
    raw = environ.get("REQUEST_URI") or environ["PATH_INFO"]
    path = raw.partition("?")[0]
    registry, region, name, digest = [*path.removeprefix(PATH).split("/"), "", "", ""][:4]
    query = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
    params = {"repositoryName": unquote(name), "layerDigest": digest, "path": path, **query}
    return Request("ecr-layer", "GET", region, registry, "", params)


def download(world: World, request: Request) -> Reply:
    """Send the bytes; answer 403 for a URL that was altered or has expired, as S3 does."""
    path, until = request.text("path"), int(request.text("expires", "0") or 0)
    if request.text("signature") != _sign(path, until) or world.now() > until:
        return Reply(403, b"Request has expired", code="AccessDenied")
    repository = ecr_backend(request.account, request.region).repositories.get(
        request.text("repositoryName")
    )
    blob = images_of(repository).blobs.get(request.text("layerDigest")) if repository else None
    if blob is None:
        return Reply(404, b"NoSuchKey", code="NoSuchKey")
    return Reply(200, blob, (("Content-Type", "application/octet-stream"),))


HANDLERS: Mapping[str, Handler] = {
    "BatchCheckLayerAvailability": batch_check_layer_availability,
    "CompleteLayerUpload": keep_uploaded,
    "GetDownloadUrlForLayer": get_download_url_for_layer,
}
