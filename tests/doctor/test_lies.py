"""Each assumption is violated once, by an embedded AWS that lies, and each lie is found."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import pytest

from jotgraph.doctor.assumptions import RULES
from jotgraph.queries.answers.diagnosis import ExaminationResult
from jotgraph.sandbox.server import Sandbox
from tests.doctor.conftest import Examine
from tests.doctor.found import UNTRIED, by_id, failing
from tests.doctor.lies import Lie, at, each, lie, lie_in_text
from tests.strength import MANY_PLACES


def _late(content: Any) -> None:
    for item in content["imageDetails"]:
        item["lastRecordedPullTime"] = item["imagePushedAt"] - 60


def _tag(content: Any) -> None:
    for item in content["ResourceTagMappingList"]:
        item["ResourceARN"] += "/extra"


def _tag_qualified(content: Any) -> None:
    for item in content["ResourceTagMappingList"]:
        item["ResourceARN"] = "arn:aws:lambda:us-east-1:123456789012:function:app:7"


def _nothing(content: Any) -> None:
    content["MetricDataResults"] = []


def _arn(content: Any) -> None:
    for item in content["Functions"]:
        item["FunctionArn"] = f"{item['FunctionArn']}:9"


Violation = tuple[str, str, str, Lie]
"""The assumption, the service, the call, and what is changed of its answer."""
LIES: list[Violation] = [
    ("code-sha256-is-digest", "lambda", "GetFunction", at("Configuration", CodeSha256="0" * 64)),
    ("get-function-resolves", "lambda", "GetFunction", at("Code", ResolvedImageUri=None)),
    ("code-sha256-form", "lambda", "ListFunctions", each("Functions", CodeSha256="sha256:12")),
    ("listing-agrees", "lambda", "GetFunction", at("Configuration", Role="arn:other")),
    ("revision-listed", "lambda", "ListFunctions", each("Functions", RevisionId=None)),
    ("function-arns", "lambda", "ListFunctions", _arn),
    ("every-version-listed", "lambda", "ListAliases", each("Aliases", FunctionVersion="99")),
    (
        "trigger-targets",
        "lambda",
        "ListEventSourceMappings",
        each("EventSourceMappings", FunctionArn="app"),
    ),
    ("metric-for-each-query", "cloudwatch", "GetMetricData", _nothing),
    ("digest-form", "ecr", "DescribeImages", each("imageDetails", imageDigest="sha512:12")),
    ("push-time", "ecr", "DescribeImages", each("imageDetails", imagePushedAt=None)),
    ("image-status", "ecr", "DescribeImages", each("imageDetails", imageStatus=None)),
    ("media-types", "ecr", "DescribeImages", each("imageDetails", imageManifestMediaType="x/y")),
    ("pull-after-push", "ecr", "DescribeImages", _late),
    (
        "scan-counts",
        "ecr",
        "DescribeImageScanFindings",
        at("imageScanFindings", findingSeverityCounts=None),
    ),
    ("tagged-arns", "tagging", "GetResources", _tag),
    ("tagged-arns", "tagging", "GetResources", _tag_qualified),
    ("policy-documents", "ecr", "GetRepositoryPolicy", at(policyText="not JSON")),
    ("ecs-task-digest", "ecs", "DescribeTasks", at("tasks", "0", "containers", "0",
                                                   imageDigest=None)),
    ("ecs-revision-digest", "ecs", "DescribeServiceRevisions",
     at("serviceRevisions", "0", "containerImages", "0", imageDigest=None)),
    ("sagemaker-digest", "sagemaker", "DescribeEndpoint",
     at("ProductionVariants", "0", "DeployedImages", "0", ResolvedImage="app:v1")),
    ("emr-digest", "emr-serverless", "GetApplication",
     at("application", "imageConfiguration", resolvedImageDigest=None)),
    ("fields-known", "lambda", "ListFunctions", each("Functions", UsedBy="a new service")),
    ("fields-required", "codebuild", "BatchGetProjects",
     at("projects", "0", "environment", computeType=None)),
    ("values-known", "lambda", "GetFunction", at("Configuration", State="Hibernating")),
    ("fields-needed", "lambda", "ListFunctions", each("Functions", PackageType=None)),
    ("answers-understood", "ecr", "DescribeImages", each("imageDetails", imageDigest=None)),
]  # fmt: skip


def together() -> list[list[Violation]]:
    """The lies; on every day several in one examination, at most one of each service."""
    if MANY_PLACES:
        return [[violation] for violation in LIES]
    by_service: dict[str, list[Violation]] = {}
    for violation in LIES:
        by_service.setdefault(violation[1], []).append(violation)
    return [
        [violation for violation in row if violation] for row in zip_longest(*by_service.values())
    ]


@pytest.mark.parametrize(
    "lies",
    together(),
    ids=lambda lies: f"{lies[0][0]}-{lies[0][2]}" if len(lies) == 1 else f"{len(lies)} lies",
)
def test_each_lie_is_found(
    examined: Examine, aws: Sandbox, monkeypatch: pytest.MonkeyPatch, lies: list[Violation]
) -> None:
    for _, service, action, change in lies:
        lie(aws, monkeypatch, service, action, change)
    assert {name for name, *_ in lies} <= failing(examined())


@pytest.mark.parametrize(
    ("name", "action", "old", "new"),
    [
        ("role-last-use-listed", "GetAccountAuthorizationDetails", "RoleLastUsed", "Else"),
        ("role-last-use-region", "GetAccountAuthorizationDetails", "Region", "Elsewhere"),
        ("role-trust", "GetAccountAuthorizationDetails", "Statement", "Sentence"),
        ("regions-enabled", "DescribeRegions", "us-east-1", "us-west-2"),
    ],
)
def test_each_lie_in_xml_is_found(
    examined: Examine,
    aws: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    action: str,
    old: str,
    new: str,
) -> None:
    lie_in_text(aws, monkeypatch, action, lambda text: text.replace(old, new))
    assert failing(examined()) == {name}


def test_a_clock_that_is_wrong_is_found(examined: Examine, aws: Sandbox) -> None:
    aws.advance(600)
    try:
        assumptions = by_id(examined())
    finally:
        aws.advance(-600)
    assert [str(words) for words in assumptions["clock"].details] == ["10 minutes apart"]
    assert failing(examined()) == set()


def test_an_answer_of_ecr_without_a_date_is_found(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jotgraph.sandbox.app._date", lambda second: "")
    assumptions = by_id(examined())
    assert assumptions["ecr-date"].result is ExaminationResult.FAILS
    assert assumptions["clock"].result is ExaminationResult.UNTRIED


def test_every_assumption_that_reading_can_check_was_violated_once() -> None:
    violated = {name for name, *_ in LIES} | {
        "role-last-use-listed", "role-last-use-region", "role-trust", "regions-enabled", "clock",
        "ecr-date",
    }  # fmt: skip
    assert {rule.id for rule in RULES} - UNTRIED.keys() == violated
