"""What a person typed to where the bytes are: a file, an image of the engine, one of ECR, or one of
any other registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jotgraph.content.engine import Archive, Blobs, Package, Source
from jotgraph.content.origins import of_ecr, of_engine
from jotgraph.content.registry import Address, Registry, address_of
from jotgraph.errors import SourceError, UnknownNameError
from jotgraph.records import Child, EcrImage, ResourceId, ecr_image_id, local_image_id
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.records.references import EcrReference, ecr_reference
from jotgraph.sources.aws.classify import classify
from jotgraph.sources.documents.json_input import json_object
from jotgraph.sources.documents.manifests import MAX_BLOB, Manifest, parse_manifest

DEFAULT_PLATFORM = "linux/amd64"
_DEEPEST = 2
"""Indexes within an index."""
Named = tuple[ResourceId, Source | Callable[[], Source]]


def source_of(
    name: str,
    api: Callable[[], Any],
    ecr: Callable[[str], Any],
    platform: str = "",
) -> Named:
    """The id and the origin of ``name``: a ``docker save`` archive, a ``.zip`` package, an ECR
    address, a name or id that the engine knows, or else an address in another registry.

    ``api`` gives docker-py's low-level client, ``ecr`` a boto3 client by region; each is called
    only when it is needed. ``platform`` chooses among the images of an index, ``linux/amd64`` (or
    the first) by default. Raises SourceError for a file that is not there or a registry that does
    not answer, UnknownNameError, and what the two raise.
    """
    file = Path(name)
    if file.is_file():
        if file.suffix == ".zip":
            return ResourceId(f"package:{name}"), Package(file.read_bytes)
        return local_image_id(name), Archive(lambda: _pieces(file))
    if file.is_absolute() or name.startswith(".") or file.suffix in (".tar", ".zip"):
        raise SourceError(f"{name}: there is no such file; name an archive, a package or an image")
    in_ecr = ecr_reference(name)
    if in_ecr:
        return _in_ecr(name, in_ecr, ecr(in_ecr.region), platform)
    address = address_of(name)
    try:
        return _in_engine(name, api())
    except (UnknownNameError, SourceError):
        if address is None:
            raise
    return _in_registry(name, address, platform)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as data:
        while piece := data.read(1 << 20):
            yield piece


def _in_engine(name: str, engine: Any) -> Named:
    from docker.errors import ImageNotFound  # noqa: PLC0415 -- docker is slow to import

    try:
        image = str(engine.inspect_image(name)["Id"])
    except ImageNotFound as error:
        advice = "name it with its registry to read it there"
        raise UnknownNameError(name, advice=advice) from error
    return local_image_id(image), lambda: of_engine(engine, image)


def _in_registry(name: str, address: Address, platform: str) -> Named:
    registry = Registry(address.host, address.repository)
    manifest, digest = _image(name, registry.manifest, address.reference, platform)

    def blobs() -> Source:
        config = json_object(registry.document(manifest.config_digest or ""), MAX_BLOB)
        return Blobs(config, tuple(layer.digest for layer in manifest.layers), registry.blob)

    return ResourceId(f"image:{address.host}/{address.repository}@{digest}"), blobs


def _in_ecr(name: str, found: EcrReference, ecr: Any, platform: str) -> Named:
    from botocore.exceptions import (  # noqa: PLC0415 -- boto3 is slow to import
        BotoCoreError,
        ClientError,
    )

    def fetch(wanted: str) -> tuple[bytes, str]:
        image = {"imageDigest" if wanted.startswith("sha256:") else "imageTag": wanted}
        try:
            answer = ecr.batch_get_image(
                registryId=found.account,
                repositoryName=found.repository,
                imageIds=[image],
                acceptedMediaTypes=list(MANIFEST_TYPES),
            )
        except (BotoCoreError, ClientError) as error:
            failure = classify(error)
            if failure.code == "RepositoryNotFoundException":
                where = f"{found.account}/{found.region}"
                advice = f"there is no repository {found.repository} in {where}"
                raise UnknownNameError(name, advice=advice) from error
            raise SourceError(f"{name}: {failure.detail}") from error
        if not answer["images"]:
            raise UnknownNameError(name)
        held = answer["images"][0]
        return held["imageManifest"].encode(), held["imageId"]["imageDigest"]

    wanted = found.digest or found.tag or "latest"
    manifest, digest = _image(name, fetch, wanted, platform)
    record = EcrImage(
        account=found.account,
        region=found.region,
        repository=found.repository,
        digest=digest,
        config_digest=manifest.config_digest,
        layers=manifest.layers,
    )
    where = found.account, found.region, found.repository
    return ecr_image_id(*where, digest), lambda: of_ecr(ecr, record)


def _image(
    name: str, fetch: Callable[[str], tuple[bytes, str]], wanted: str, platform: str
) -> tuple[Manifest, str]:
    """The manifest of one image and its digest, through the indexes above it."""
    for _ in range(_DEEPEST + 1):
        content, digest = fetch(wanted)
        try:
            manifest = parse_manifest(content)
        except ValueError as error:
            raise SourceError(f"{name}: {digest} is no manifest ({error})") from error
        if manifest.config_digest:
            return manifest, digest
        wanted = _chosen(name, manifest.children, platform)
    raise SourceError(f"{name}: an index of indexes, too deep to be an image")


def _chosen(name: str, children: Sequence[Child], platform: str) -> str:
    """The digest of the child for a platform. One that names no platform is an image too."""
    images = [
        each for each in children if not each.describes and not each.platform.startswith("unknown/")
    ]
    asked = platform or DEFAULT_PLATFORM
    fitting = [e for e in images if f"{e.platform}/".startswith(f"{asked}/")]
    if not fitting and platform:
        there = ", ".join(sorted(each.platform for each in images)) or "no image"
        raise UnknownNameError(f"{name} for {platform}", advice=f"it holds {there}")
    if not images:
        raise SourceError(f"{name}: an index without an image")
    return (fitting or images)[0].digest
