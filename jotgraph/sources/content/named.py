"""What a person typed to where the bytes are: a file, an image of the engine, or one of ECR."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.errors import SourceError, UnknownNameError
from jotgraph.records import EcrImage, Layer, ResourceId, ecr_image_id, local_image_id
from jotgraph.sources.content.engine import Archive, Package, Source
from jotgraph.sources.content.origins import of_ecr, of_engine

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
Named = tuple[ResourceId, Source | Callable[[], Source]]


def source_of(
    name: str, api: Callable[[], Any], ecr: Callable[[str], Any]
) -> tuple[ResourceId, Source | Callable[[], Source]]:
    """The id and the origin of ``name``: a ``docker save`` archive, a ``.zip`` package, an ECR
    address, or a name or id that the engine knows.

    ``api`` gives docker-py's low-level client, ``ecr`` a boto3 client by region; each is called
    only when it is needed. Raises SourceError for a file that is not there, UnknownNameError, and
    what the two raise.
    """
    file = Path(name)
    if file.is_file():
        if file.suffix == ".zip":
            return ResourceId(f"package:{name}"), Package(file.read_bytes)
        return local_image_id(name), Archive(lambda: _pieces(file))
    if file.is_absolute() or name.startswith(".") or file.suffix in (".tar", ".zip"):
        raise SourceError(f"{name}: there is no such file; name an archive, a package or an image")
    found = _ECR.fullmatch(name)
    if found:
        return _in_ecr(found, ecr(found["region"]))
    from docker.errors import ImageNotFound  # noqa: PLC0415 -- docker is slow to import

    engine = api()
    try:
        image = str(engine.inspect_image(name)["Id"])
    except ImageNotFound as error:
        raise UnknownNameError(name) from error
    return local_image_id(image), lambda: of_engine(engine, image)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as data:
        while piece := data.read(1 << 20):
            yield piece


def _in_ecr(found: re.Match[str], ecr: Any) -> Named:
    where = found["account"], found["region"], found["repository"]
    image = (
        {"imageDigest": found["digest"]}
        if found["digest"]
        else {"imageTag": found["tag"] or "latest"}
    )
    answer = ecr.batch_get_image(
        registryId=where[0],
        repositoryName=where[2],
        imageIds=[image],
        acceptedMediaTypes=_MANIFESTS,
    )
    if not answer["images"]:
        raise UnknownNameError(found.group())
    digest = answer["images"][0]["imageId"]["imageDigest"]
    manifest = msgspec.json.decode(answer["images"][0]["imageManifest"], type=dict[str, Any])
    for child in manifest.get("manifests", ()):
        if child.get("platform", {}).get("os", "unknown") != "unknown":
            address = found.group().partition("@")[0].removesuffix(f":{found['tag']}")
            inside = _ECR.fullmatch(f"{address}@{child['digest']}")
            if inside:
                return _in_ecr(inside, ecr)
    layers = tuple(
        Layer(each["digest"], int(each.get("size", 0)), each.get("mediaType", ""))
        for each in manifest.get("layers", ())
    )
    record = EcrImage(
        account=where[0],
        region=where[1],
        repository=where[2],
        digest=digest,
        config_digest=manifest.get("config", {}).get("digest"),
        layers=layers,
    )
    return ecr_image_id(*where, digest), lambda: of_ecr(ecr, record)
