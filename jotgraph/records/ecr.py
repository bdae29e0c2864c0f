"""What ECR holds: repositories, their images, and what a registry is set to do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.records.fields import Pairs, Regional
from jotgraph.records.ids import Place, ResourceId, ecr_image_id, ecr_repo_id
from jotgraph.records.started import Words


class EcrRepository(
    Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="ecr-repo"
):
    """One ECR repository."""

    name: str
    arn: str = ""
    uri: str = ""
    """``<account>.dkr.ecr.<region>.amazonaws.com/<name>``."""
    created_at: datetime | None = None
    mutability: str = ""
    """``MUTABLE``, ``IMMUTABLE`` or one of the two with exclusions."""
    policy: str | None = None
    """Policy document, JSON; ``""`` when the repository has none, None when not read."""
    lifecycle: str | None = None
    """Lifecycle policy, JSON; ``""`` when the repository has none, None when not read."""
    tags: Pairs | None = None

    @property
    def id(self) -> ResourceId:
        return ecr_repo_id(self.account, self.region, self.name)


class ImageType(StrEnum):
    """What an ECR image is, by its manifest's media types and annotations."""

    __hash__ = str.__hash__  # as of Kind

    IMAGE = "image"
    INDEX = "index"
    ATTESTATION = "attestation"
    SIGNATURE = "signature"
    SOCI = "soci"
    ARTIFACT = "artifact"
    UNKNOWN = "unknown"


class Layer(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A compressed layer of a manifest."""

    digest: str
    size: int
    media_type: str = ""
    predicate: str = ""
    """Predicate type of an attestation's layer, as BuildKit, cosign or a bundle annotates it."""


class Statement(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What an in-toto statement in an attestation, or cosign's payload of a signature, says about
    where an image comes from."""

    predicate: str
    """``https://slsa.dev/provenance/v0.2`` or ``…/v1``; for a signature its media type."""
    subjects: tuple[str, ...] = ()
    """Digests of the images that the statement describes."""
    source: str = ""
    """URL of the git repository, without credentials."""
    revision: str = ""
    """40 or 64 hex digits, with ``-dirty`` where the builder reported uncommitted changes."""
    context: str = ""
    """The folder of the repository that was built, when the source was a local one."""
    git_context: bool = False
    """Whether the builder fetched the commit itself, so that no uncommitted change can be in the
    image."""
    signed: bool = False
    """Whether it carried a signature. The signature was not verified."""


class Child(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An entry of an image index."""

    digest: str
    platform: str = ""
    """``os/architecture[/variant]``, ``unknown/unknown`` for an attestation."""
    describes: str = ""
    """``vnd.docker.reference.digest``: the manifest an attestation is about."""

    @property
    def runs(self) -> bool:
        """Whether it is a runnable image of some platform, and no attestation."""
        return not self.describes and self.platform != "unknown/unknown"


SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED")
"""Severities of vulnerabilities, worst first (ECR API, FindingSeverity)."""


class ImageScan(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the listing of a repository says of an image's last scan for vulnerabilities."""

    status: str = ""
    """``COMPLETE``, ``ACTIVE`` (scanned again and again), ``FAILED``, ``UNSUPPORTED_IMAGE``…"""
    completed_at: datetime | None = None
    """When the last scan that was completed ended."""
    counts: tuple[tuple[str, int], ...] | None = None
    """(severity, number of vulnerabilities) of that scan, in the order of ``SEVERITIES``; a
    severity that is missing has none. None when ECR sent no counts, which does not mean zero."""

    def count(self, severity: str) -> int | None:
        """The number of vulnerabilities of one severity; None where ECR sent no counts."""
        return None if self.counts is None else dict(self.counts).get(severity, 0)


class EcrImage(Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="ecr-image"):
    """One digest in one ECR repository. The second block of fields needs the manifest, the third
    the config blob; ``manifest_read`` and ``config_read`` say whether they were read."""

    repository: str
    digest: str
    tags: tuple[str, ...] = ()
    pushed_at: datetime | None = None
    """First push of the manifest, not of the tag (aws/containers-roadmap#2746)."""
    pulled_at: datetime | None = None
    """``lastRecordedPullTime``: at most daily, moved by anyone's BatchGetImage."""
    read_at: datetime | None = None
    """When a scan last read its manifest, by ECR's clock: a pull at exactly that time is the scan's
    own."""
    size: int = 0
    """``imageSizeInBytes``: compressed layers; for an index the largest child."""
    media_type: str = ""
    artifact_media_type: str = ""
    subject: str | None = None
    """``subjectManifestDigest`` of a referrer."""
    status: str = "ACTIVE"
    """``ACTIVE``, ``ARCHIVED`` or ``ACTIVATING``."""
    restored_at: datetime | None = None
    """``lastActivatedAt``: when it was last restored from the archive."""
    last_in_use_at: datetime | None = None
    """When ECS or EKS last used it, according to Inspector; None where Inspector does not say."""
    scan: ImageScan | None = None
    """None when ECR reports no scan of the image."""
    type: ImageType = ImageType.UNKNOWN

    manifest_read: bool = False
    config_digest: str | None = None
    layers: tuple[Layer, ...] = ()
    children: tuple[Child, ...] = ()
    annotations: Pairs = ()
    statements: tuple[Statement, ...] = ()
    """Of an attestation: what it says, as far as it was read."""

    config_read: bool = False
    created_at: datetime | None = None
    labels: Pairs = ()
    env: Pairs = ()
    """Only environment variables on the allow-list of revision names."""
    diff_ids: tuple[str, ...] = ()
    architecture: str = ""
    entry_point: Words | None = None
    """The words of ENTRYPOINT that are safe to store (``started.kept_words``)."""
    command: Words | None = None
    """The words of CMD that are safe to store (``started.kept_words``)."""

    @property
    def id(self) -> ResourceId:
        return ecr_image_id(self.account, self.region, self.repository, self.digest)

    @property
    def repository_id(self) -> ResourceId:
        return ecr_repo_id(self.account, self.region, self.repository)


class Registry(Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="registry"):
    """Account-and-region settings of ECR that put doubt on orphans."""

    replication: tuple[str, ...] = ()
    """``account/region`` destinations of the replication rules that copy every repository."""
    replication_by_prefix: tuple[tuple[str, str], ...] = ()
    """(prefix, ``account/region``) of replication rules that copy repositories by name."""
    pull_through: tuple[str, ...] = ()
    """Repository prefixes of pull-through cache rules."""
    upstreams: tuple[tuple[str, str], ...] = ()
    """(prefix, ``account/region``) of ECR repositories that this registry's pull-through rules
    fetch from; an empty prefix means every repository there."""
    policy: str | None = None
    """Registry policy document, JSON; ``""`` when there is none, None when not read."""
    pull_exclusions: tuple[str, ...] | None = None
    """ARNs of principals whose pulls move no pull time; None when not read."""

    def copies_to(self, repository: str) -> tuple[str, ...]:
        """Destinations, ``account/region``, that images of one repository are replicated to,
        sorted."""
        by_name = {to for prefix, to in self.replication_by_prefix if repository.startswith(prefix)}
        return tuple(sorted({*self.replication, *by_name}))

    def fills_from(self, place: Place, repository: str) -> bool:
        """Whether a pull-through rule fetches from the repository of a registry, which may be this
        one."""
        home = f"{place.account}/{place.region}"
        return any(
            upstream == home and (not prefix or within(repository, prefix))
            for prefix, upstream in self.upstreams
        )


def within(repository: str, prefix: str) -> bool:
    """Whether a repository equals the prefix of a pull-through rule or lies below it. ECR accepts
    prefixes with and without a trailing slash."""
    folder = prefix.rstrip("/")
    return repository == folder or repository.startswith(f"{folder}/")
