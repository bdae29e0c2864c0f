"""Setting aside, putting back, sweeping: under exactly their policies, and one action less."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import jotgraph
from jotgraph.permissions import Need, document, needs
from jotgraph.plan.sweep import quarantine_report
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.quarantine import held_now
from tests.apply.aside import estate_set_aside, planned_of_estate, set_aside
from tests.apply.estate import Estate
from tests.apply.runs import NO_WORKLOADS, actions, connect, scan, statuses
from tests.apply.test_permissions import NO_ZIP
from tests.apply.test_quarantine import estate, released, world
from tests.strength import some

__all__ = ["estate"]

SHOWN = {"lambda:ListTags"}
"""What GetFunction needs beside its own permission to show tags."""
PUT_BACK = {
    "ecr:UntagResource",
    "iam:UntagRole",
    "lambda:DeleteFunctionConcurrency",
    "lambda:UntagResource",
}
"""What a quarantine that nothing disturbs has no occasion for."""
UNCALLED = PUT_BACK | NO_WORKLOADS
UNDISTURBED = {"lambda:PutFunctionConcurrency", "lambda:ListVersionsByFunction"}
"""What a release of everything has no occasion for."""


def less(needed: tuple[Need, ...], missing: Need) -> dict[str, object]:
    return document(need for need in needed if need.action != missing.action)


ASIDE = needs("apply", quarantine=True)
RELEASE = needs("release")


@pytest.mark.parametrize("backup", [False, True])
def test_a_quarantine_and_its_release_under_exactly_their_policies(
    aws_environment: Sandbox, estate: Estate, backup: bool
) -> None:
    aws = aws_environment
    before, plan = world(aws), planned_of_estate()
    needed = needs("apply", quarantine=True, backup=backup)
    aws.calls.clear()
    aws.enforce(document(needed))
    receipt = set_aside(plan, backup=backup)
    assert receipt.proven, statuses(receipt)
    called = actions(aws)
    uncalled = UNCALLED | (NO_ZIP if backup else set())
    assert {need.action for need in needed} - called == uncalled
    assert called <= {need.action for need in needed}
    aws.calls.clear()
    aws.enforce(document(RELEASE))
    assert released(plan).whole
    called = actions(aws)
    assert {need.action for need in RELEASE} - called == UNDISTURBED
    aws.enforce(None)
    assert world(aws) == before


@pytest.mark.parametrize(
    "missing",
    some(
        "actions that a quarantine goes without",
        [need for need in ASIDE if need.action not in UNCALLED | NO_ZIP],
        25,
    ),
    ids=lambda need: need.action,
)
def test_a_quarantine_with_one_action_less_says_which(
    aws_environment: Sandbox, estate: Estate, missing: Need
) -> None:
    aws = aws_environment
    before, plan = world(aws), planned_of_estate()
    aws.enforce(less(ASIDE, missing))
    receipt = set_aside(plan, backup=True)
    assert not receipt.proven
    name = missing.action.partition(":")[2]
    assert [outcome for outcome in receipt.outcomes if name in outcome.because]
    aws.enforce(None)
    assert set_aside(plan, backup=True).proven
    assert released(plan).whole
    assert world(aws) == before


@pytest.mark.parametrize(
    "missing",
    some(
        "actions that a release goes without",
        [need for need in RELEASE if need.action not in UNDISTURBED | SHOWN],
        13,
    ),
    ids=lambda need: need.action,
)
def test_a_release_with_one_action_less_says_which(
    aws_environment: Sandbox, estate: Estate, missing: Need
) -> None:
    aws = aws_environment
    before, plan = world(aws), planned_of_estate()
    assert set_aside(plan).proven
    aws.enforce(less(RELEASE, missing))
    result = released(plan)
    assert not result.whole
    name = missing.action.partition(":")[2]
    assert [outcome for outcome in result.outcomes if name in outcome.because]
    aws.enforce(None)
    assert released(plan).whole
    assert world(aws) == before


def test_looking_at_a_quarantine_under_the_policy_of_sweep(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    assert estate_set_aside().proven
    needed = needs("sweep", usage=True)
    aws.enforce(document(needed))
    graph = jotgraph.build(scan())
    aws.calls.clear()
    report = quarantine_report(graph, held_now(connect(), datetime.now(UTC)))
    assert {resource.state for resource in report.held} == {"quiet", "unseen"}
    assert actions(aws) <= {need.action for need in needed}
    for need in needs("sweep", stored=True):
        if need.action in SHOWN:
            continue
        aws.enforce(less(needed, need))
        report = quarantine_report(graph, held_now(connect(), datetime.now(UTC)))
        unread = [resource for resource in report.held if resource.state == "unread"]
        assert [
            resource for resource in unread if need.action.partition(":")[2] in resource.because
        ], need
