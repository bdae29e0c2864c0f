"""Finds the bytes of an inventory's images and packages: in the engine, ECR and Lambda.

Only small documents are downloaded here; an origin is downloaded when its layers are not cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from jotgraph.content.engine import Archive, Blobs, Package, Source
from jotgraph.content.image.bounded_stream import LayerError
from jotgraph.records import (
    EcrImage,
    Function,
    ImageType,
    Inventory,
    LocalImage,
    Record,
    ResourceId,
    Version,
)
from jotgraph.sources.cache import sha256_of
from jotgraph.sources.documents.json_input import json_object
from jotgraph.sources.downloads import DOCUMENT_SECONDS, STREAM_SECONDS, download

CONFIG_BYTES = 8 << 20
PACKAGE_BYTES = 256 << 20
"""The largest package of Lambda, unzipped (Lambda quotas)."""
TIMEOUT = (5.0, 60.0)
"""Seconds to connect, and between two pieces."""

Api = Any
"""docker-py's low-level client."""
ClientOf = Callable[[str, str, str], Any]
"""(service, account, region) to a boto3 client. Raises LookupError for a place out of reach."""


def of_engine(api: Api, image: str, learned: Callable[[str], object] | None = None) -> Archive:
    """Return one image of a Docker engine. Its history (``GET /images/{id}/history``) and diff_ids
    are read first, so that an image with cached layers is not saved again."""
    rootfs = api.inspect_image(image).get("RootFS") or {}
    diff_ids = list(rootfs.get("Layers") or ())

    def save() -> Iterator[bytes]:
        # Not api.get_image(): its connection stays open when the rest is not wanted.
        url = f"{api.base_url}/v{api.api_version}/images/{image}/get"
        with api.get(url, stream=True, timeout=TIMEOUT) as answer:
            answer.raise_for_status()
            yield from answer.iter_content(1 << 20)

    if not diff_ids:
        return Archive(save, None, learned)
    lines = [(str(step.get("CreatedBy", "")), step.get("Size")) for step in api.history(image)]
    config = {"rootfs": {"diff_ids": diff_ids}, "history": history(lines[::-1], len(diff_ids))}
    return Archive(save, config, learned)


def history(lines: Sequence[tuple[str, int | None]], count: int) -> list[dict[str, Any]]:
    """(CreatedBy, Size) lines, oldest first, as an image configuration's history.

    The engine does not say which steps made layers. Those that set metadata did not; WORKDIR did
    where it made the directory: it is tried both ways, against the ``count`` of layers.
    """
    for metadata in (_METADATA, _METADATA | {"WORKDIR"}):
        steps = [
            {"created_by": text, "empty_layer": not size and _word(text) in metadata}
            for text, size in lines
        ]
        if sum(not line["empty_layer"] for line in steps) == count:
            return steps
    return []


def _word(created_by: str) -> str:
    text = created_by.partition("#(nop)")[2].strip() or created_by.strip()
    return text.partition(" ")[0].upper()


_METADATA = frozenset(
    {"ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "SHELL", "STOPSIGNAL", "USER", "VOLUME"}
)


def of_ecr(ecr: Any, image: EcrImage) -> Blobs:
    """One image of ECR. Raises LayerError when its manifest is not in the record or its
    configuration is not what its digest says; CallFailedError; and what boto3 raises."""
    if not image.config_digest or not image.layers:
        raise LayerError("its manifest was not read")

    def fetch(digest: str, seconds: float = STREAM_SECONDS) -> Iterator[bytes]:
        url = ecr.get_download_url_for_layer(
            registryId=image.account, repositoryName=image.repository, layerDigest=digest
        )["downloadUrl"]
        return download(url, plain=_plain(ecr), seconds=seconds)

    data = _together(fetch(image.config_digest, DOCUMENT_SECONDS), CONFIG_BYTES)
    digest_received = sha256_of(data)
    if digest_received != image.config_digest:
        raise LayerError(f"wrong digest: {image.config_digest} was asked, {digest_received} came")
    try:
        config = json_object(data, CONFIG_BYTES)
    except ValueError as error:
        raise LayerError(f"the config is not a JSON object: {error}") from error
    return Blobs(config, tuple(layer.digest for layer in image.layers), fetch)


def of_package(client: Any, function: Function | Version) -> Package:
    """A zip function's package, by the location that GetFunction gives (valid ten minutes)."""

    def fetch() -> bytes:
        qualifier = {"Qualifier": function.number} if isinstance(function, Version) else {}
        answer = client.get_function(FunctionName=function.name, **qualifier)
        return _together(download(answer["Code"]["Location"], plain=_plain(client)), PACKAGE_BYTES)

    return Package(fetch, function.code_sha256 or None)


def _plain(client: Any) -> bool:
    """Whether an endpoint, of an emulator, uses http, so that its downloads do too."""
    return str(client.meta.endpoint_url).startswith("http:")


def origins(
    inventory: Inventory,
    api: Api | None,
    client_of: ClientOf | None,
    wanted: Iterable[ResourceId] | None = None,
    learned: Callable[[str, str], object] | None = None,
) -> Iterator[tuple[ResourceId, Callable[[], Source]]]:
    """Every image and zip package of an inventory whose bytes can be reached, or those ``wanted``.

    An ECR image is read from the engine when a local image has the same configuration. One whose
    manifest was not read is left out. ``learned`` is told the engine's id of an image and its
    configuration's digest, for each that is saved and whose record lacks it.
    """
    chosen = None if wanted is None else set(wanted)
    local = {i.config_digest or i.image_id: i for i in inventory.local_images}
    records: list[Record] = [*inventory.local_images, *inventory.ecr_images]
    records += [f for f in inventory.functions if f.package_type == "Zip"]
    records += [f for f in inventory.versions if f.package_type == "Zip"]
    for record in records:
        if chosen is not None and record.id not in chosen:
            continue
        origin = _origin(record, local, api, client_of, learned)
        if origin is not None:
            yield record.id, origin


def _origin(
    record: Record,
    local: Mapping[str, LocalImage],
    api: Api | None,
    client_of: ClientOf | None,
    learned: Callable[[str, str], object] | None,
) -> Callable[[], Source] | None:
    match record:
        case LocalImage() if api is not None:
            tell = (
                partial(learned, record.image_id) if learned and not record.config_digest else None
            )
            return lambda: of_engine(api, record.image_id, tell)
        case EcrImage() if record.type in (ImageType.IMAGE, ImageType.UNKNOWN):
            copy = local.get(record.config_digest or "")
            if api is not None and copy is not None:
                return lambda: of_engine(api, copy.image_id)
            if client_of is not None and record.status == "ACTIVE" and record.manifest_read:
                return lambda: of_ecr(client_of("ecr", record.account, record.region), record)
        case Function() | Version() if client_of is not None:
            return lambda: of_package(client_of("lambda", record.account, record.region), record)
    return None


def _together(pieces: Iterable[bytes], most: int) -> bytes:
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > most:
            raise LayerError(f"a document of more than {most:,} bytes")
    return bytes(content)
