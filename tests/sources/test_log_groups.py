"""Log groups of functions: which are listed, when, with which calls, and what a failure leaves."""

from __future__ import annotations

import pytest

from jotgraph.links import Relation, infer
from jotgraph.records import Kind, name_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.doctor.lies import each, lie
from tests.sources.conftest import Scan

CALL = "logs:DescribeLogGroups"


def fill(aws: Sandbox, groups: int = 3) -> None:
    """Two functions, one of which names a group of its own; groups of these, of a function that is
    gone, and of something else."""
    role = seed.role(aws, "app")
    seed.function(aws, "pay", role=role)
    seed.function(aws, "shared", role=role)
    aws.client("lambda").update_function_configuration(
        FunctionName="shared", LoggingConfig={"LogGroup": "team/all"}
    )
    logs = aws.client("logs")
    for name in ("team/all", "team/all-else", "/aws/lambda/pay", "/aws/rds/x"):
        logs.create_log_group(logGroupName=name)
    for number in range(groups - 1):
        logs.create_log_group(logGroupName=f"/aws/lambda/gone-{number}")
    logs.put_retention_policy(logGroupName="/aws/lambda/pay", retentionInDays=14)


def test_groups_of_functions_are_listed_and_linked(aws: Sandbox, scan: Scan) -> None:
    fill(aws)
    found = scan(logs=True)
    assert [group.name for group in found.log_groups] == [
        "/aws/lambda/gone-0",
        "/aws/lambda/gone-1",
        "/aws/lambda/pay",
        "team/all",
    ]
    pay = found.log_groups[2]
    assert (pay.retention_days, pay.protected, pay.key) == (14, False, "")
    assert pay.created_at
    links = [link for link in infer(found) if link.evidence.relation is Relation.LOGS_TO]
    assert sorted((name_of(link.source), name_of(link.target)) for link in links) == [
        ("pay", "/aws/lambda/pay"),
        ("shared", "team/all"),
    ]
    assert found.scope.logs


def test_they_are_not_listed_unless_asked_for(aws: Sandbox, scan: Scan) -> None:
    fill(aws)
    aws.calls.clear()
    found = scan()
    assert (found.log_groups, found.scope.logs) == ((), False)
    assert CALL not in aws.calls.tally()


def test_the_calls_are_those_of_the_formula(aws: Sandbox, scan: Scan) -> None:
    fill(aws, groups=51)
    aws.calls.clear()
    assert len(scan(logs=True).log_groups) == 52
    assert aws.calls.tally()[CALL] == 2 + 1


def test_a_denied_listing_is_a_gap(aws: Sandbox, scan: Scan) -> None:
    fill(aws)
    aws.faults.deny("logs", "DescribeLogGroups")
    found = scan(logs=True)
    (gap,) = [gap for gap in found.gaps if gap.service == "logs"]
    assert (gap.name, gap.hides, found.log_groups) == (CALL, (Kind.LOG_GROUP,), ())


def test_the_tags_of_a_group_without_an_arn_are_not_known(
    aws: Sandbox, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absent field is unknown: a stack's tag may be under the ARN that was not told."""
    fill(aws)
    assert {group.tags for group in scan(logs=True).log_groups} == {()}
    lie(aws, monkeypatch, "logs", "DescribeLogGroups", each("logGroups", logGroupArn=None))
    assert {group.tags for group in scan(logs=True).log_groups} == {None}
