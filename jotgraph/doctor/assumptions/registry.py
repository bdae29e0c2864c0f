"""Assumptions about ECR's responses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from jotgraph.doctor.assumptions.model import AssumptionRule, SampleCheck, only_by, outcome
from jotgraph.doctor.samples import Samples
from jotgraph.queries.answers.diagnosis import Words, term, words
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.records.references import DIGEST

_STATUSES = ("ACTIVE", "ARCHIVED", "ACTIVATING")
_IMAGES = "no image was listed"
_DONE = ("COMPLETE", "ACTIVE")
"""States of a finished scan, basic or enhanced."""


def _each_image(
    look: Callable[[Mapping[str, Any]], Words | None],
) -> Callable[[Samples], SampleCheck]:
    def check(samples: Samples) -> SampleCheck:
        items = samples.items("ecr", "DescribeImages", "imageDetails")
        return outcome((look(item) for _, item in items), _IMAGES)

    return check


def _name(item: Mapping[str, Any]) -> str:
    return f"{item.get('repositoryName')}@{item.get('imageDigest')}"


def _digest(item: Mapping[str, Any]) -> Words | None:
    fits = DIGEST.fullmatch(str(item.get("imageDigest")))
    return None if fits else words("{}", _name(item))


def _pushed(item: Mapping[str, Any]) -> Words | None:
    return None if item.get("imagePushedAt") else words("{} has no imagePushedAt", _name(item))


def _status(item: Mapping[str, Any]) -> Words | None:
    status = item.get("imageStatus")
    if status in _STATUSES:
        return None
    return words("{}: imageStatus {}", _name(item), term(str(status)))


def _media_type(item: Mapping[str, Any]) -> Words | None:
    media = str(item.get("imageManifestMediaType"))
    known = media in MANIFEST_TYPES or "manifest.v1+" in media
    return None if known else words("{}: {}", _name(item), term(media))


def pulled_after_push(samples: Samples) -> SampleCheck:
    """A pull is recorded after the push of its image."""

    def look() -> Iterator[Words | None]:
        for _, item in samples.items("ecr", "DescribeImages", "imageDetails"):
            pushed, pulled = item.get("imagePushedAt"), item.get("lastRecordedPullTime")
            if isinstance(pushed, datetime) and isinstance(pulled, datetime):
                yield None if pulled >= pushed else words("{} was pulled first", _name(item))

    return outcome(look(), "no pull of a listed image is recorded")


def counts_of_scans(samples: Samples) -> SampleCheck:
    """A finished scan without findings has counts, possibly empty."""

    def look() -> Iterator[Words | None]:
        for _, item in samples.items("ecr", "DescribeImages", "imageDetails"):
            status = (item.get("imageScanStatus") or {}).get("status")
            summary = item.get("imageScanFindingsSummary")
            if status in _DONE and summary is not None:
                yield _counted(_name(item), status, summary)
        for sample in samples.of("ecr", "DescribeImageScanFindings"):
            status = (sample.answer.get("imageScanStatus") or {}).get("status")
            if status in _DONE:
                digest = str((sample.params.get("imageId") or {}).get("imageDigest"))
                summary = sample.answer.get("imageScanFindings") or {}
                yield _counted(digest, status, summary)

    return outcome(look(), "no finished scan of an image was answered")


def _counted(name: str, status: str, summary: Mapping[str, Any]) -> Words | None:
    if summary.get("findingSeverityCounts") is not None:
        return None
    return words("{}: the scan is {} and counts nothing", name, term(status))


def tagged_arns(samples: Samples) -> SampleCheck:
    """The tagging API names repositories by the same ARN as ECR."""
    known = {
        str(item.get("repositoryArn"))
        for _, item in samples.items("ecr", "DescribeRepositories", "repositories")
    }
    form = re.compile(
        r"arn:[a-z-]+:(?:ecr:[a-z0-9-]+:\d{12}:repository/.+|lambda:.+:function:[^:]+|logs:.+)"
    )

    def look() -> Iterator[Words | None]:
        for sample, item in samples.items(
            "resourcegroupstaggingapi", "GetResources", "ResourceTagMappingList"
        ):
            arn = str(item.get("ResourceARN"))
            unlisted = ":ecr:" in arn and f":{sample.region}:" in arn and arn not in known
            wrong = not form.fullmatch(arn) or (unlisted and _whole(samples, sample.region))
            yield words("{}", arn) if wrong else None

    return outcome(look(), "nothing with a tag was answered")


def _whole(samples: Samples, region: str) -> bool:
    """Whether the first page of repositories was the last."""
    pages = [s for s in samples.of("ecr", "DescribeRepositories") if s.region == region]
    return bool(pages) and all(not sample.answer.get("nextToken") for sample in pages)


def documents(samples: Samples) -> SampleCheck:
    """Policies are JSON objects."""

    def look() -> Iterator[Words | None]:
        for action, member in (
            ("GetRepositoryPolicy", "policyText"),
            ("GetLifecyclePolicy", "lifecyclePolicyText"),
            ("GetRegistryPolicy", "policyText"),
        ):
            for sample in samples.of("ecr", action):
                try:
                    fits = isinstance(json.loads(str(sample.answer.get(member))), dict)
                except ValueError:
                    fits = False
                name = str(sample.params.get("repositoryName") or "the registry")
                yield None if fits else words(f"{action} of {{}}", name)

    return outcome(look(), "no policy was answered")


RULES = (
    AssumptionRule(
        "digest-form",
        "The digest of each image is sha256: and 64 hex digits",
        "jotgraph.records.ids",
        _each_image(_digest),
    ),
    AssumptionRule(
        "push-time",
        "Each image has the time of its push",
        "jotgraph.analysis.usage",
        _each_image(_pushed),
    ),
    AssumptionRule(
        "image-status",
        "With imageStatus=ANY each image says whether it is active or archived",
        "jotgraph.sources.ecr.listing",
        _each_image(_status),
    ),
    AssumptionRule(
        "media-types",
        "The manifest of each image is of Docker's or OCI's media types",
        "jotgraph.sources.ecr.image_types",
        _each_image(_media_type),
    ),
    AssumptionRule(
        "pull-after-push",
        "No recorded pull is earlier than the push",
        "jotgraph.analysis.usage",
        pulled_after_push,
    ),
    AssumptionRule(
        "scan-counts",
        "A finished scan that found nothing is answered with counts",
        "jotgraph.sources.ecr.scans",
        counts_of_scans,
    ),
    AssumptionRule(
        "tagged-arns",
        "The tagging API names repositories and functions by the ARNs that their services give",
        "jotgraph.sources.aws.resource_tags",
        tagged_arns,
    ),
    AssumptionRule(
        "policy-documents",
        "Policies of repositories, lifecycles and registries are JSON objects",
        "jotgraph.sources.ecr.settings",
        documents,
    ),
    AssumptionRule(
        "delete-by-digest",
        "BatchDeleteImage by digest takes all tags, and of an index not its images",
        "jotgraph.apply.ecr",
        only_by("a deletion"),
    ),
    AssumptionRule(
        "replicas-stay",
        "A deleted image stays in the registries that it was replicated to",
        "jotgraph.analysis.usage",
        only_by("a deletion"),
    ),
    AssumptionRule(
        "archived-repository",
        "DeleteRepository without force refuses a repository of archived images",
        "jotgraph.apply.ecr",
        only_by("a deletion"),
    ),
)
