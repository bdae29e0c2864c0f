"""Assumptions about the responses of IAM and of services that run images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jotgraph.doctor.assumptions.model import AssumptionRule, SampleCheck, outcome
from jotgraph.doctor.samples import Samples
from jotgraph.queries.answers.diagnosis import Words, words

_DIGEST = re.compile(r"(?:.+@)?sha256:[0-9a-f]{64}")
_NO_ROLE = "no role was listed"
_ROLE = ("iam", "GetAccountAuthorizationDetails", "RoleDetailList")


def role_region(samples: Samples) -> SampleCheck:
    """The last use of a role names its region."""

    def look() -> Iterator[Words | None]:
        for _, role in samples.items(*_ROLE):
            used = role.get("RoleLastUsed") or {}
            if used.get("LastUsedDate"):
                yield None if used.get("Region") else words("{}", str(role.get("Arn")))

    return outcome(look(), "no role with a recorded use was listed")


def role_last_use_listed(samples: Samples) -> SampleCheck:
    """The listing has the last use of each role, empty when there is none."""
    return outcome(
        (
            None if role.get("RoleLastUsed") is not None else words("{}", str(role.get("Arn")))
            for _, role in samples.items(*_ROLE)
        ),
        _NO_ROLE,
    )


def role_trust(samples: Samples) -> SampleCheck:
    """The trust policy of each role is a document."""

    def fits(role: Any) -> bool:
        trust = role.get("AssumeRolePolicyDocument")
        return isinstance(trust, dict) and "Statement" in trust

    return outcome(
        (
            None if fits(role) else words("{}", str(role.get("Arn")))
            for _, role in samples.items(*_ROLE)
        ),
        _NO_ROLE,
    )


def home_region_enabled(samples: Samples) -> SampleCheck:
    """DescribeRegions includes the region in which it was called."""

    def look() -> Iterator[Words | None]:
        for sample in samples.of("ec2", "DescribeRegions"):
            names = {region.get("RegionName") for region in sample.answer.get("Regions") or ()}
            yield None if sample.region in names else words("{} is not among them", sample.region)

    return outcome(look(), "no region was listed")


def task_digests(samples: Samples) -> SampleCheck:
    """Each container of a running ECS task has the digest that it runs."""

    def look() -> Iterator[Words | None]:
        for _, task in samples.items("ecs", "DescribeTasks", "tasks"):
            if task.get("lastStatus") == "RUNNING":
                for container in task.get("containers") or ():
                    yield _resolved(str(task.get("taskArn")), container.get("imageDigest"))

    return outcome(look(), "no running task was described")


def revision_digests(samples: Samples) -> SampleCheck:
    """A service revision of ECS has the digest that it resolved."""

    def look() -> Iterator[Words | None]:
        for _, revision in samples.items("ecs", "DescribeServiceRevisions", "serviceRevisions"):
            for container in revision.get("containerImages") or ():
                arn = str(revision.get("serviceRevisionArn"))
                yield _resolved(arn, container.get("imageDigest"))

    return outcome(look(), "no service revision was described")


def endpoint_digests(samples: Samples) -> SampleCheck:
    """An endpoint of SageMaker has the digests that it resolved."""

    def look() -> Iterator[Words | None]:
        for sample in samples.of("sagemaker", "DescribeEndpoint"):
            for variant in sample.answer.get("ProductionVariants") or ():
                for image in variant.get("DeployedImages") or ():
                    arn = str(sample.answer.get("EndpointArn"))
                    yield _resolved(arn, image.get("ResolvedImage"))

    return outcome(look(), "no endpoint with an image was described")


def application_digests(samples: Samples) -> SampleCheck:
    """An application of EMR Serverless has the digest of its image."""

    def look() -> Iterator[Words | None]:
        for sample in samples.of("emr-serverless", "GetApplication"):
            application = sample.answer.get("application") or {}
            image = application.get("imageConfiguration")
            if image:
                arn = str(application.get("arn"))
                yield _resolved(arn, image.get("resolvedImageDigest"))

    return outcome(look(), "no application with an image was described")


def _resolved(name: str, digest: object) -> Words | None:
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        return None
    return words("{}: {}", name, str(digest))


RULES = (
    AssumptionRule(
        "role-last-use-listed",
        "GetAccountAuthorizationDetails has RoleLastUsed for each role, empty if it was never used",
        "jotgraph.sources.aws.roles",
        role_last_use_listed,
    ),
    AssumptionRule(
        "role-last-use-region",
        "RoleLastUsed says in which region the role was used",
        "jotgraph.analysis.usage.roles",
        role_region,
    ),
    AssumptionRule(
        "role-trust",
        "The trust policy of each role is a document with statements",
        "jotgraph.sources.aws.roles",
        role_trust,
    ),
    AssumptionRule(
        "regions-enabled",
        "DescribeRegions names every enabled region, the one it is asked in too",
        "jotgraph.sources.aws.regions",
        home_region_enabled,
    ),
    AssumptionRule(
        "ecs-task-digest",
        "Each container of a running ECS task has the digest that it runs",
        "jotgraph.sources.consumers.ecs",
        task_digests,
    ),
    AssumptionRule(
        "ecs-revision-digest",
        "A service revision of ECS has the digest that each image was resolved to",
        "jotgraph.sources.consumers.ecs",
        revision_digests,
    ),
    AssumptionRule(
        "sagemaker-digest",
        "An endpoint of SageMaker has the digest that each image was resolved to",
        "jotgraph.sources.consumers.sagemaker",
        endpoint_digests,
    ),
    AssumptionRule(
        "emr-digest",
        "An application of EMR Serverless has the digest that its image was resolved to",
        "jotgraph.sources.consumers.others",
        application_digests,
    ),
)
