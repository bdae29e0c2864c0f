"""Manifests and configs by digest, from the cache or ECR.

A digest is read only once, whatever the number of repositories that hold it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TypeGuard

import msgspec

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import EcrImage
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.cache import sha256_of
from jotgraph.sources.documents.manifests import Config, Manifest, parse_config, parse_manifest
from jotgraph.sources.ecr.blobs import BATCH, fetch_blob, fetch_manifests
from jotgraph.sources.ecr.own_pulls import keep_pull_time
from jotgraph.sources.ecr.reading import KnownByDigest, by_place
from jotgraph.sources.environment import TeamVariables
from jotgraph.sources.options import NOT_QUICK

LEFT_OUT = "labels of images that run"
_CONFIGS = "configs-2"
"""Kind of cache entry. More is stored of a config than under the former kind ``configs``."""


def read_manifests(
    reading: KnownByDigest,
    homes: Mapping[str, EcrImage],
    wanted: Iterable[str],
    indexes: Iterable[str],
) -> None:
    """Read manifests: from the cache, else 100 a call and repository, all places at once."""
    absent: list[str] = []
    done = reading.manifests.keys() | reading.failed
    for digest in sorted(set(wanted) & homes.keys() - done):
        cached = reading.cache.get("manifests", digest)
        if not _intact(cached, digest) or not _keep_manifest(reading, digest, cached):
            absent.append(digest)
    hiding = frozenset(indexes)

    def gap(place: RegionClient, image: EcrImage, failure: Failure) -> None:
        facts = ("children", "manifest") if image.digest in hiding else ("manifest",)
        reading.failed.add(image.digest)
        reading.gaps.append(
            place.gap("ecr", "BatchGetImage", failure, resource=image.repository, facts=facts)
        )

    def fetch(place: RegionClient, batch: tuple[EcrImage, ...]) -> dict[str, bytes | Failure]:
        return fetch_manifests(place, batch[0].repository, [image.digest for image in batch])

    for place, batch, result in by_place(reading, homes, absent, BATCH, fetch):
        for image in batch:
            content = result if isinstance(result, Failure) else result[image.digest]
            if isinstance(content, Failure):
                gap(place, image, content)
            elif _keep_manifest(reading, image.digest, content):
                reading.cache.put("manifests", image.digest, content)
                keep_pull_time(reading.cache, image, place.clock.now())
            else:
                gap(place, image, Failure("unsupported", f"{image.digest} is not a manifest"))


def _intact(content: bytes | None, digest: str) -> TypeGuard[bytes]:
    """Whether a cached file exists with the content of its digest: a damaged index would lose its
    children without a gap."""
    return content is not None and sha256_of(content) == digest


def _keep_manifest(reading: KnownByDigest, digest: str, content: bytes) -> bool:
    try:
        reading.keep_manifest(digest, parse_manifest(content))
    except ValueError:
        return False
    return True


def read_configs(
    reading: KnownByDigest,
    homes: Mapping[str, EcrImage],
    wanted: Iterable[str],
    *,
    known: Container[str],
    quick: bool,
) -> None:
    """Read the configs of manifests, except those ``known`` already. They come from the cache, else
    by two calls each, many at once; when quick from the cache alone."""
    absent: dict[str, str] = {}
    unread = 0
    for digest in sorted(wanted):
        manifest = reading.manifests.get(digest) or cached_manifest(reading, digest)
        config = manifest.config_digest if manifest else None
        if config is None:
            unread += quick and manifest is None
            continue
        if config in known or config in reading.configs:
            continue
        cached = reading.cache.decoded(_CONFIGS, config, Config)
        if cached is not None and _still_whole(cached, reading.team_variables):
            env = reading.team_variables.kept(cached.env)
            reading.configs[config] = msgspec.structs.replace(cached, env=env)
        else:
            absent.setdefault(config, digest)
    if quick:
        _say_left_out(reading, unread + len(absent))
        return

    def fetch(place: RegionClient, batch: tuple[EcrImage, ...]) -> Config:
        image = batch[0]
        config = reading.manifests[image.digest].config_digest or ""
        content = fetch_blob(place, image.repository, config)
        try:
            parsed = _without_secrets(content, reading.team_variables)
        except ValueError as error:
            raise CallFailedError(Failure("unsupported", f"{config}: {error}")) from error
        reading.cache.put(_CONFIGS, config, msgspec.json.encode(parsed))
        return parsed

    for place, batch, result in by_place(reading, homes, absent.values(), 1, fetch):
        if isinstance(result, Failure):
            repository, facts = batch[0].repository, ("config", "labels")
            reading.gaps.append(
                place.gap("ecr", "GetDownloadUrlForLayer", result, resource=repository, facts=facts)
            )
        else:
            config = reading.manifests[batch[0].digest].config_digest or ""
            reading.configs[config] = result


def _without_secrets(content: bytes, variables: TeamVariables) -> Config:
    parsed = parse_config(content, variables.names)
    return msgspec.structs.replace(
        parsed,
        env=variables.kept(parsed.env),
        names=tuple(sorted(variables.names)),
        left_out=variables.left_out(parsed.env),
    )


def _still_whole(cached: Config, variables: TeamVariables) -> bool:
    """Whether reading a config again would add nothing to what is stored of it."""
    return variables.names <= set(cached.names) and not variables.would_keep(cached.left_out)


def cached_manifest(reading: KnownByDigest, digest: str) -> Manifest | None:
    cached = reading.cache.get("manifests", digest)
    if not _intact(cached, digest) or not _keep_manifest(reading, digest, cached):
        return None
    return reading.manifests[digest]


def _say_left_out(reading: KnownByDigest, count: int) -> None:
    if count:
        for place in reading.places.values():
            facts = ("config", "labels")
            gap = place.left_out("ecr", "GetDownloadUrlForLayer", LEFT_OUT, NOT_QUICK, facts)
            reading.gaps.append(gap)
