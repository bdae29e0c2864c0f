"""An examination of the embedded AWS: all holds, each lie is found, and nothing is changed."""

from __future__ import annotations

import dataclasses
import inspect
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from jotgraph.doctor.access import access
from jotgraph.doctor.assumptions import RULES
from jotgraph.doctor.samples import Samples
from jotgraph.permissions import document, needs
from jotgraph.queries.answers.diagnosis import Assumption, Attempt, Diagnosis, Result
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions
from tests.doctor.conftest import Examine
from tests.doctor.lies import Lie, at, each, lie, lie_in_text

UNTRIED = {
    "trigger-of-a-lost-function": "only a deletion would show it",
    "delete-by-digest": "only a deletion would show it",
    "replicas-stay": "only a deletion would show it",
    "archived-repository": "only a deletion would show it",
    "own-pull-recorded": "it reads a manifest, which ECR counts as a pull: ask for it with --pulls",
}


def by_id(diagnosis: Diagnosis) -> dict[str, Assumption]:
    return {one.id: one for one in diagnosis.assumptions}


def failing(diagnosis: Diagnosis) -> set[str]:
    return {one.id for one in diagnosis.assumptions if one.result is Result.FAILS}


def test_all_that_reading_can_show_holds_on_the_embedded_aws(examined: Examine) -> None:
    found = by_id(examined())
    told = {name: str(one.details[0]) for name, one in found.items() if one.details}
    assert told == UNTRIED
    assert {name for name, one in found.items() if one.result is Result.HOLDS} == (
        found.keys() - UNTRIED.keys()
    )
    assert [name for name, one in found.items() if one.samples < 1 and name not in UNTRIED] == []


def test_every_action_of_a_scan_is_tried_and_allowed(examined: Examine) -> None:
    diagnosis = examined()
    assert {row.action for row in diagnosis.access} == {
        need.action for need in needs("doctor", pulls=True)
    }
    untried = {row.action: str(row.detail) for row in diagnosis.access if row.state != "allowed"}
    spared = "needed only where tag:GetResources may not be called"
    pull = "ECR counts it as a pull: --pulls tries it"
    assert untried == {
        "ecr:ListTagsForResource": spared,
        "lambda:ListTags": spared,
        "ecr:BatchGetImage": pull,
        "ecr:GetDownloadUrlForLayer": pull,
    }


def test_it_needs_what_a_scan_with_every_option_needs() -> None:
    options = inspect.signature(needs).parameters.keys() & {
        field.name for field in dataclasses.fields(ScanOptions)
    }
    every = needs("scan", usage=True, **dict.fromkeys(options - {"quick"}, True))
    assert {need.action for need in needs("doctor", pulls=True)} == {need.action for need in every}


def test_it_reads_only_and_each_call_once(examined: Examine, aws: Sandbox) -> None:
    aws.calls.clear()
    examined()
    tally = Counter(aws.calls.tally())
    reading = ("Describe", "List", "Get", "BatchGet")
    assert [call for call in tally if not call.partition(":")[2].startswith(reading)] == []
    assert "ecr:BatchGetImage" not in tally
    often = {call: count for call, count in tally.items() if count > 1}
    assert often.keys() <= {
        "ecr:DescribeImages", "lambda:GetFunction", "tagging:GetResources",
        "sts:GetCallerIdentity", "ecr:DescribeImageScanFindings",
    }  # fmt: skip
    assert max(tally.values()) <= 5


def test_it_runs_under_exactly_its_policy(examined: Examine, aws: Sandbox) -> None:
    aws.enforce(document(needs("doctor")))
    assert {row.state for row in examined().access} == {Attempt.ALLOWED, Attempt.UNTRIED}


DENIABLE = [
    need.action
    for need in needs("doctor")
    if need.action not in ("ecr:ListTagsForResource", "lambda:ListTags")
]


@pytest.mark.parametrize("action", DENIABLE)
def test_what_may_not_be_read_is_named(examined: Examine, aws: Sandbox, action: str) -> None:
    aws.enforce(document(need for need in needs("doctor") if need.action != action))
    denied = {row.action: str(row.detail) for row in examined().access if row.state == "denied"}
    assert denied.keys() == {action}
    assert denied[action].startswith("denied, ")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda aws: aws.faults.throttle("lambda", "ListFunctions"), "throttled, "),
        (lambda aws: aws.faults.error("lambda", "ListFunctions"), "error, InternalFailure: "),
        (lambda aws: aws.faults.reset("lambda", "ListFunctions"), "unreachable: "),
        (lambda aws: aws.faults.truncate("lambda", "ListFunctions"), ""),
    ],
    ids=["throttled", "500", "cut off", "half an answer"],
)
def test_what_fails_says_why(
    examined: Examine, aws: Sandbox, spoil: Callable[[Sandbox], object], reason: str
) -> None:
    spoil(aws)
    row = next(row for row in examined().access if row.action == "lambda:ListFunctions")
    assert (row.state, str(row.detail).startswith(reason)) == (Attempt.FAILED, True)


def test_an_answer_without_its_list_is_a_failure(
    examined: Examine, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie(aws, monkeypatch, "ecr", "DescribeRepositories", lambda content: content.clear())
    row = next(row for row in examined().access if row.action == "ecr:DescribeRepositories")
    assert str(row.detail) == "error: the answer has no repositories"


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


LIES: list[tuple[str, str, str, Lie]] = [
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


@pytest.mark.parametrize(
    ("name", "service", "action", "change"), LIES, ids=[f"{row[0]}-{row[2]}" for row in LIES]
)
def test_each_lie_is_found(
    examined: Examine,
    aws: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    service: str,
    action: str,
    change: Lie,
) -> None:
    lie(aws, monkeypatch, service, action, change)
    assert name in failing(examined())


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
        found = by_id(examined())
    finally:
        aws.advance(-600)
    assert [str(words) for words in found["clock"].details] == ["10 minutes apart"]
    assert failing(examined()) == set()


def test_an_answer_of_ecr_without_a_date_is_found(
    examined: Examine, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws.app, "_date", lambda: "")
    found = by_id(examined())
    assert found["ecr-date"].result is Result.FAILS
    assert found["clock"].result is Result.UNTRIED


def test_every_assumption_that_reading_can_check_was_violated_once() -> None:
    violated = {name for name, *_ in LIES} | {
        "role-last-use-listed", "role-last-use-region", "role-trust", "regions-enabled", "clock",
        "ecr-date",
    }  # fmt: skip
    assert {rule.id for rule in RULES} - UNTRIED.keys() == violated


def test_our_own_pull_is_seen_on_request(examined: Examine, aws: Sandbox) -> None:
    aws.calls.clear()
    found = by_id(examined(read_a_manifest=True))["own-pull-recorded"]
    assert (found.result, found.samples) == (Result.HOLDS, 1)
    assert aws.calls.tally()["ecr:BatchGetImage"] == 1


def test_a_pull_that_is_tried_is_a_row_of_what_may_be_read(examined: Examine, aws: Sandbox) -> None:
    def state() -> Attempt:
        rows = {row.action: row.state for row in examined(read_a_manifest=True).access}
        return rows["ecr:BatchGetImage"]

    assert state() is Attempt.ALLOWED
    aws.faults.deny("ecr", "BatchGetImage")
    assert state() is Attempt.DENIED


def test_what_is_behind_a_denied_listing_says_so(examined: Examine, aws: Sandbox) -> None:
    aws.faults.deny("eks", "ListClusters")
    rows = {row.action: row for row in examined().access}
    assert (rows["eks:DescribeCluster"].state, str(rows["eks:DescribeCluster"].detail)) == (
        Attempt.UNTRIED,
        "another call of the service failed, so nothing is known to ask it about",
    )


def test_where_there_is_nothing_it_says_so(examined: Examine, aws: Sandbox) -> None:
    aws.reset()
    told = {row.action: str(row.detail) for row in examined().access if row.state == "not tried"}
    assert told["eks:DescribeCluster"] == "nothing there to ask it about"
    assert told["ecr:GetRepositoryPolicy"] == "nothing there to ask it about"


def test_a_service_that_is_not_offered_is_told_from_one_with_nothing() -> None:
    none = Samples((), {})
    place = ("123456789012", "us-east-1")
    told = {row.action: str(row.detail) for row in access(none, [place], {(*place, "gamelift")})}
    assert told["gamelift:ListContainerGroupDefinitions"] == (
        "the service is not offered in this region"
    )
    assert told["eks:ListClusters"] == "nothing there to ask it about"


def test_a_pull_that_is_not_recorded_is_no_proof(
    examined: Examine, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jotgraph.doctor.pulls.WAITS", (0.0,))
    old = each("imageDetails", lastRecordedPullTime=1_700_000_000)
    lie(aws, monkeypatch, "ecr", "DescribeImages", old)
    found = by_id(examined(read_a_manifest=True))["own-pull-recorded"]
    assert found.result is Result.UNTRIED
    assert "the pull time did not move" in str(found.details[0])


def test_what_is_relied_on_is_in_the_program() -> None:
    assert [rule.id for rule in RULES if find_spec(rule.used_in) is None] == []
    assert len({rule.id for rule in RULES}) == len(RULES)
