"""ECR images as listed in; the same with what their manifests and configs say out.

Read are: every index and its children; images in question for a local image that no digest
matches; and, when there is a git repository to link to, the configs of images that run (or that a
running function's tag names now) and match no local image, and the statements attached to images
by BuildKit, cosign or GitHub. What a digest says is read once, ever,
whatever the number of repositories that hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import TypeGuard, TypeVar

import msgspec

from jotgraph.failures import CallFailedError, Failure
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    ImageType,
    LocalImage,
    Version,
)
from jotgraph.records.references import ecr_reference, reference
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.cache import digest_of
from jotgraph.sources.documents.manifests import Config, Manifest, parse_config, parse_manifest
from jotgraph.sources.ecr.attestations import read_statements, referrers
from jotgraph.sources.ecr.blobs import BATCH, fetch_blob, fetch_manifests
from jotgraph.sources.ecr.image_types import image_type
from jotgraph.sources.ecr.reading import Reading, by_place, homes_of
from jotgraph.sources.options import NOT_QUICK

T = TypeVar("T")
OWN_PULL = timedelta(minutes=2)
"""A pull recorded this close to our own reading of the manifest is our own."""
LEFT_OUT = "labels of images that run"


@dataclass(frozen=True)
class Question:
    """What makes an image worth more than its listing."""

    images: tuple[EcrImage, ...]
    repositories: tuple[EcrRepository, ...]
    configurations: tuple[Function | Version, ...]
    local: tuple[LocalImage, ...] = ()
    git: bool = False
    """Whether there is a git repository to link to."""
    quick: bool = False


def read_images(question: Question, reading: Reading) -> tuple[tuple[EcrImage, ...], list[Gap]]:
    """Read what is in question and return every image, in the order given, and the gaps."""
    homes = homes_of(question.images)
    running = _running(question, homes)
    unmatched = unmatched_candidates(question, running)
    labelled = running - _matched(question) if question.git else frozenset[str]()
    indexes = {image.digest for image in question.images if image.type is ImageType.INDEX}
    asked = indexes | unmatched | (frozenset() if question.quick else labelled)
    _read_manifests(reading, homes, asked, indexes)
    children = {
        child.digest
        for digest in indexes & reading.manifests.keys()
        for child in reading.manifests[digest].children
    }
    _read_manifests(reading, homes, children - asked, frozenset())
    if question.git:
        _read_referrers(question, reading, homes, running)
        read_statements(reading, homes, quick=question.quick)
        _read_configs(reading, homes, labelled | (unmatched & running), question)
    attestations = _attestations(reading.manifests.values())
    told = (_told(image, reading, attestations) for image in question.images)
    return tuple(_without_own_pull(image, reading) for image in told), reading.gaps


def _read_referrers(
    question: Question, reading: Reading, homes: Mapping[str, EcrImage], running: frozenset[str]
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
            _cached_manifest(reading, digest)
    else:
        _read_manifests(reading, homes, attached, frozenset())


def _running(question: Question, homes: Mapping[str, EcrImage]) -> frozenset[str]:
    """Digests that run, and those that the deployed tags name now."""
    tagged = {
        (image.account, image.region, image.repository, tag): image.digest
        for image in question.images
        for tag in image.tags
    }
    found: set[str] = set()
    for record in question.configurations:
        found.add(record.image_digest or "")
        if named := ecr_reference(record.image_uri):  # an account's registry has several hosts
            place = (named.account, named.region, named.repository)
            found.add(tagged.get((*place, named.tag or "latest"), ""))
    return frozenset(found & homes.keys())


def _matched(question: Question) -> frozenset[str]:
    """Digests that a local image has, so that its labels are known without reading."""
    named = (name for image in question.local for name in image.repo_digests)
    ids = (image.image_id for image in question.local)
    return frozenset(chain(ids, (reference(name).digest for name in named)))


def unmatched_candidates(question: Question, running: frozenset[str]) -> frozenset[str]:
    """Digests whose config digest may be that of a local image that no digest matches: those that
    run, and those in a repository that the local image's tags name."""
    digests = {image.digest for image in question.images}
    lost = [
        image
        for image in question.local
        if image.image_id not in digests
        and not any(reference(name).digest in digests for name in image.repo_digests)
    ]
    if not lost:
        return frozenset()
    named = (ecr_reference(tag) for image in lost for tag in image.tags)
    wanted = {(each.account, each.region, each.repository) for each in named if each}
    return running | {
        image.digest
        for image in question.images
        if image.type in (ImageType.IMAGE, ImageType.UNKNOWN)
        and (image.account, image.region, image.repository) in wanted
    }


def _read_manifests(
    reading: Reading,
    homes: Mapping[str, EcrImage],
    wanted: Iterable[str],
    indexes: Iterable[str],
) -> None:
    """Read manifests: from the cache, else 100 a call and repository, all places at once."""
    absent: list[str] = []
    for digest in sorted(set(wanted) & homes.keys() - reading.manifests.keys()):
        kept = reading.cache.get("manifests", digest)
        if not _intact(kept, digest) or not _keep_manifest(reading, digest, kept):
            absent.append(digest)
    hiding = frozenset(indexes)

    def gap(place: RegionClient, image: EcrImage, failure: Failure) -> None:
        facts = ("children", "manifest") if image.digest in hiding else ("manifest",)
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
                listed = image.pulled_at.isoformat() if image.pulled_at else ""
                reading.cache.put("pulls", _pull_key(image), listed.encode())
            else:
                gap(place, image, Failure("unsupported", f"{image.digest} is not a manifest"))


def _intact(kept: bytes | None, digest: str) -> TypeGuard[bytes]:
    """Whether a file of the cache is there and holds what its name says: a damaged index would
    lose its children without a gap."""
    return kept is not None and digest_of(kept) == digest


def _keep_manifest(reading: Reading, digest: str, content: bytes) -> bool:
    try:
        reading.manifests[digest] = parse_manifest(content)
    except ValueError:
        return False
    return True


def _read_configs(
    reading: Reading, homes: Mapping[str, EcrImage], wanted: Iterable[str], question: Question
) -> None:
    """Read configs of manifests: from the cache, else two calls each, many at once. When quick,
    manifests and configs come from the cache alone."""
    local = {image.config_digest or image.image_id for image in question.local}
    absent: dict[str, str] = {}
    unread = 0
    for digest in sorted(wanted):
        manifest = reading.manifests.get(digest) or _cached_manifest(reading, digest)
        config = manifest.config_digest if manifest else None
        if config is None:
            unread += question.quick and manifest is None
            continue
        if config in local or config in reading.configs:
            continue
        kept = reading.cache.get("configs", config)
        if kept is not None:
            reading.configs[config] = msgspec.json.decode(kept, type=Config)
        else:
            absent.setdefault(config, digest)
    if question.quick:
        _say_left_out(reading, unread + len(absent))
        return

    def fetch(place: RegionClient, batch: tuple[EcrImage, ...]) -> Config:
        image = batch[0]
        config = reading.manifests[image.digest].config_digest or ""
        content = fetch_blob(place, image.repository, config)
        try:
            found = parse_config(content)
        except ValueError as error:
            raise CallFailedError(Failure("unsupported", f"{config}: {error}")) from error
        reading.cache.put("configs", config, msgspec.json.encode(found))
        return found

    for place, batch, result in by_place(reading, homes, absent.values(), 1, fetch):
        if isinstance(result, Failure):
            repository, facts = batch[0].repository, ("config", "labels")
            reading.gaps.append(
                place.gap("ecr", "GetDownloadUrlForLayer", result, resource=repository, facts=facts)
            )
        else:
            config = reading.manifests[batch[0].digest].config_digest or ""
            reading.configs[config] = result


def _cached_manifest(reading: Reading, digest: str) -> Manifest | None:
    kept = reading.cache.get("manifests", digest)
    if not _intact(kept, digest) or not _keep_manifest(reading, digest, kept):
        return None
    return reading.manifests[digest]


def _say_left_out(reading: Reading, count: int) -> None:
    if count:
        for place in reading.places.values():
            facts = ("config", "labels")
            gap = place.left_out("ecr", "GetDownloadUrlForLayer", LEFT_OUT, NOT_QUICK, facts)
            reading.gaps.append(gap)


def _attestations(manifests: Iterable[Manifest]) -> frozenset[str]:
    return frozenset(
        child.digest for manifest in manifests for child in manifest.children if child.describes
    )


def _told(image: EcrImage, reading: Reading, attestations: frozenset[str]) -> EcrImage:
    """One image with all that is known of its digest."""
    manifest = reading.manifests.get(image.digest)
    kind = ImageType.ATTESTATION if image.digest in attestations else image.type
    if manifest is None:
        return image if kind is image.type else msgspec.structs.replace(image, type=kind)
    if kind is ImageType.ARTIFACT and manifest.subject:  # ECR may list the type of its config
        kind = image_type(manifest.media_type, manifest.artifact_type, image.tags)
    config = reading.configs.get(manifest.config_digest or "")
    told = msgspec.structs.replace(
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
        return told
    return msgspec.structs.replace(
        told,
        config_read=True,
        created_at=config.created_at,
        labels=config.labels,
        env=config.env,
        diff_ids=config.diff_ids,
        architecture=config.architecture,
    )


def _pull_key(image: EcrImage) -> str:
    """What the pull time that was listed before our own reading is kept under."""
    return digest_of(image.id.encode())


def _without_own_pull(image: EcrImage, reading: Reading) -> EcrImage:
    """Put back the pull time that was listed before we read the image, when the one listed now is
    that of our own reading: it is no sign of use. ECR records at most one pull a day."""
    read_at = reading.cache.kept_at("pulls", _pull_key(image))
    if image.pulled_at is None or read_at is None or abs(image.pulled_at - read_at) > OWN_PULL:
        return image
    listed = (reading.cache.get("pulls", _pull_key(image)) or b"").decode()
    return msgspec.structs.replace(image, pulled_at=parse_time(listed))
