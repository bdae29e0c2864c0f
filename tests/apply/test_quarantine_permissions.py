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


def less(needed: tuple[Need, ...], one: Need) -> dict[str, object]:
    return document(each for each in needed if each.action != one.action)


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
    assert {each.action for each in needed} - called == uncalled
    assert called <= {each.action for each in needed}
    aws.calls.clear()
    aws.enforce(document(RELEASE))
    assert released(plan).whole
    called = actions(aws)
    assert {each.action for each in RELEASE} - called == UNDISTURBED
    aws.enforce(None)
    assert world(aws) == before


@pytest.mark.parametrize(
    "one",
    some(
        "actions that a quarantine goes without",
        [each for each in ASIDE if each.action not in UNCALLED | NO_ZIP],
        11,
    ),
    ids=lambda each: each.action,
)
def test_a_quarantine_with_one_action_less_says_which(
    aws_environment: Sandbox, estate: Estate, one: Need
) -> None:
    aws = aws_environment
    before, plan = world(aws), planned_of_estate()
    aws.enforce(less(ASIDE, one))
    receipt = set_aside(plan, backup=True)
    assert not receipt.proven
    name = one.action.partition(":")[2]
    assert [each for each in receipt.outcomes if name in each.because]
    aws.enforce(None)
    assert set_aside(plan, backup=True).proven
    assert released(plan).whole
    assert world(aws) == before


@pytest.mark.parametrize(
    "one",
    some(
        "actions that a release goes without",
        [each for each in RELEASE if each.action not in UNDISTURBED | SHOWN],
        7,
    ),
    ids=lambda each: each.action,
)
def test_a_release_with_one_action_less_says_which(
    aws_environment: Sandbox, estate: Estate, one: Need
) -> None:
    aws = aws_environment
    before, plan = world(aws), planned_of_estate()
    assert set_aside(plan).proven
    aws.enforce(less(RELEASE, one))
    result = released(plan)
    assert not result.whole
    name = one.action.partition(":")[2]
    assert [each for each in result.outcomes if name in each.because]
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
    found = quarantine_report(graph, held_now(connect(), datetime.now(UTC)))
    assert {each.state for each in found.held} == {"quiet", "unseen"}
    assert actions(aws) <= {each.action for each in needed}
    for one in needs("sweep", stored=True):
        if one.action in SHOWN:
            continue
        aws.enforce(less(needed, one))
        found = quarantine_report(graph, held_now(connect(), datetime.now(UTC)))
        unread = [each for each in found.held if each.state == "unread"]
        assert [each for each in unread if one.action.partition(":")[2] in each.because], one
