"""One image in ECR as deployments need it: type, processor, labels."""

from __future__ import annotations

import msgspec

from jotgraph import records
from jotgraph.errors import CallFailedError, Failure, NotThereError, RefusedError
from jotgraph.records import (
    EcrImage,
    Pairs,
    ResourceId,
    ecr_image_id,
    name_of,
    place_of,
    repository_name_of,
)
from jotgraph.records.ids import shortened
from jotgraph.records.media_types import INDEX_TYPES
from jotgraph.records.references import ecr_reference, reference, registry_host
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.cache import Cache, sha256_of
from jotgraph.sources.connections import Connections, is_gone
from jotgraph.sources.documents.manifests import Config, Manifest, parse_config, parse_manifest
from jotgraph.sources.ecr.blobs import fetch_blob, fetch_manifests
from jotgraph.sources.ecr.listing import image_of
from jotgraph.sources.ecr.own_pulls import keep_pull_time
from jotgraph.sources.ecr.requests import get_images

INDEX_ADVICE = (
    "build one platform without attestations: docker buildx build --platform linux/amd64 "
    "--provenance=false --sbom=false"
)


class RegistryImage(msgspec.Struct, frozen=True, kw_only=True):
    """One image in ECR."""

    record: EcrImage
    manifest: Manifest
    config: Config

    @property
    def id(self) -> ResourceId:
        return self.record.id

    @property
    def digest(self) -> str:
        return self.record.digest

    @property
    def uri(self) -> str:
        """Return ``host/repository@sha256:…``, for a function or container."""
        host = registry_host(self.record.account, self.record.region)
        return f"{host}/{self.record.repository}@{self.record.digest}"

    @property
    def labels(self) -> Pairs:
        return self.config.labels

    @property
    def lambda_architecture(self) -> str:
        """Return its processor in Lambda's words (``x86_64``, ``arm64``); empty when unknown."""
        return {"amd64": "x86_64"}.get(self.config.architecture, self.config.architecture)

    @property
    def is_index(self) -> bool:
        return bool(self.manifest.children) or self.record.media_type in INDEX_TYPES


def tagged_digest(place: RegionClient, repository: str, tag: str) -> str:
    """Return the digest that a tag names; empty for none. Raises CallFailedError."""
    try:
        details = get_images(place, repository, tag=tag)
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise
    return str(details[0]["imageDigest"]) if details else ""


def read_image(connections: Connections, image: ResourceId) -> RegistryImage:
    """Read an image by its digest, from the cache as far as possible. An index has no
    configuration. Raises RefusedError when it does not exist, CallFailedError."""
    place, name = connections.client(image), repository_name_of(image)
    record = _record(place, name, records.digest_of(image))
    cache = Cache()
    content = cache.get("manifests", record.digest)
    if content is None or sha256_of(content) != record.digest:
        keep_pull_time(cache, record, place.clock.now())
        fetched = fetch_manifests(place, name, [record.digest])[record.digest]
        if isinstance(fetched, Failure):
            raise CallFailedError(fetched)
        content = fetched
        cache.put("manifests", record.digest, content)
    try:
        manifest = parse_manifest(content, record.media_type)
    except ValueError as error:
        raise RefusedError(f"{name}@{shortened(record.digest)} is not an image: {error}") from error
    config = _config(place, name, manifest, cache) if manifest.config_digest else Config()
    return RegistryImage(record=record, manifest=manifest, config=config)


def _record(place: RegionClient, repository: str, digest: str) -> EcrImage:
    try:
        details = get_images(place, repository, digest=digest)
    except CallFailedError as error:
        if not is_gone(error):
            raise
        details = []
    if not details:
        raise NotThereError(
            f"there is no image {shortened(digest)} in {repository} ({place.region}): aws ecr "
            f"list-images --repository-name {repository} lists its images"
        )
    return image_of(place, details[0])


def _config(place: RegionClient, repository: str, manifest: Manifest, cache: Cache) -> Config:
    digest = manifest.config_digest or ""
    if cached := cache.decoded("configs", digest, Config):
        return cached
    try:
        config = parse_config(fetch_blob(place, repository, digest))
    except ValueError as error:
        raise CallFailedError(Failure("unsupported", f"{digest}: {error}")) from error
    cache.put("configs", digest, msgspec.json.encode(config))
    return config


def find_image(connections: Connections, home: tuple[str, str], name: str) -> RegistryImage:
    """Read the image in a typed name: an ECR URI, or ``repository[:tag][@digest]`` in the account
    and region ``home``. Without tag and digest the tag is ``latest``. Raises RefusedError when it
    does not exist, CallFailedError."""
    named = ecr_reference(name)
    if named:
        account, region, repository = named.account, named.region, named.repository
        tag, digest = named.tag, named.digest
    else:
        account, region = home
        repository, tag, digest = reference(name)
    tag = tag or "latest"
    place = connections.region(account, region)
    digest = digest or tagged_digest(place, repository, tag)
    if not digest:
        raise NotThereError(
            f"there is no image {repository}:{tag} in ECR ({account}/{region}): jotgraph push "
            f"IMAGE --repository {repository} --tag {tag} puts one there"
        )
    return read_image(connections, ecr_image_id(account, region, repository, digest))


def repository_uri(repository: ResourceId) -> str:
    """Return ``host/repository``, as the engine and Lambda name it."""
    return f"{registry_host(*place_of(repository))}/{name_of(repository)}"
