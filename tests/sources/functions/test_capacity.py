"""The operator role of a capacity provider trusts Lambda alone, and no function names it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import CoverageState, Inventory, Kind
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

OLD = datetime.now(UTC) - timedelta(days=400)
CALL = "ListCapacityProviders"


def roles(found: Inventory) -> dict[str, str]:
    """Role -> verdict, with the codes of its doubts."""
    judged = orphans(build(found), kinds=(Kind.ROLE,)).all()
    return {
        one.id.rpartition("/")[2]: " ".join([one.verdict, *sorted({d.code for d in one.doubts})])
        for one in judged
    }


@pytest.fixture
def operator(aws: Sandbox) -> str:
    """The ARN of a role, beside another that nothing assumes."""
    seed.role(aws, "spare", created=OLD)
    seed.role(aws, "operator", created=OLD)
    return f"arn:aws:iam::{aws.account}:role/operator"


def test_the_operator_role_is_in_use(aws: Sandbox, scan: Scan, operator: str) -> None:
    seed.capacity_provider(aws, "fleet", operator)
    found = scan()
    assert roles(found) == {"operator": "in-use", "spare": "orphan"}
    (provider,) = found.workloads
    assert provider.id.endswith("/lambda/capacity-provider/fleet")
    assert (provider.images, provider.roles) == ((), (operator,))
    assert aws.calls.count(CALL) == 1


def test_without_a_provider_both_are_unused(aws: Sandbox, scan: Scan, operator: str) -> None:
    assert roles(scan()) == {"operator": "orphan", "spare": "orphan"}


def test_every_page_is_read(aws: Sandbox, scan: Scan, operator: str) -> None:
    for number in range(51):
        seed.capacity_provider(aws, f"p{number:02}", operator)
    assert len(scan().workloads) == 51
    assert aws.calls.count(CALL) == 2


@pytest.mark.parametrize("how", ["deny", "throttle", "error"])
def test_what_was_not_listed_is_a_doubt_about_every_role(
    aws: Sandbox, scan: Scan, operator: str, how: str
) -> None:
    seed.capacity_provider(aws, "fleet", operator)
    getattr(aws.faults, how)("lambda", CALL)
    assert roles(scan()) == {"operator": "unknown gap", "spare": "unknown gap"}


def test_an_endpoint_that_does_not_know_the_call_has_none(
    aws: Sandbox, scan: Scan, operator: str
) -> None:
    aws.faults.error("lambda", CALL, code="UnknownOperationException", status=404)
    found = scan()
    assert [gap for gap in found.gaps if gap.asked] == []
    assert roles(found) == {"operator": "orphan", "spare": "orphan"}


def test_a_provider_of_a_region_that_is_not_read_keeps_the_roles_in_doubt(
    aws: Sandbox, scan: Scan, operator: str
) -> None:
    aws.world.regions = frozenset({aws.region, "eu-west-1"})
    seed.capacity_provider(aws, "fleet", operator, region="eu-west-1")
    found = scan()
    assert roles(found) == dict.fromkeys(("operator", "spare"), "unknown regions-unread")
    (there,) = [
        one for one in found.scope.coverage if (one.region, one.service) == ("eu-west-1", "lambda")
    ]
    assert there.state is CoverageState.LEFT_OUT
