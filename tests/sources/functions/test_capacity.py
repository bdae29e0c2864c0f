"""The operator role of a capacity provider trusts Lambda alone, and no function names it; nor may a
listing tell of what was published to the provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from jotgraph.records import CoverageState, Inventory, Kind
from jotgraph.records.ids import is_id
from jotgraph.records.references import lambda_target
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

OLD = datetime.now(UTC) - timedelta(days=400)
CALL = "ListCapacityProviders"


def roles(inventory: Inventory) -> dict[str, str]:
    """Role -> verdict, with the codes of its doubts."""
    judged = orphans(build(inventory), kinds=(Kind.ROLE,)).all()
    return {
        judgement.id.rpartition("/")[2]: " ".join(
            [judgement.verdict, *sorted({d.code for d in judgement.doubts})]
        )
        for judgement in judged
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
        coverage
        for coverage in found.scope.coverage
        if (coverage.region, coverage.service) == ("eu-west-1", "lambda")
    ]
    assert there.state is CoverageState.LEFT_OUT


PROVIDER = {
    "LambdaManagedInstancesCapacityProviderConfig": {
        "CapacityProviderArn": "arn:aws:lambda:us-east-1:123456789012:capacity-provider:fleet"
    }
}


@pytest.fixture
def published(aws: Sandbox) -> list[str]:
    """Digests of v1, which was published to a provider, and of v2, which ``$LATEST`` has since."""
    seed.repository(aws, "app", created=OLD)
    digests = [
        seed.image(aws, "app", f"v{n}", config=f'{{"n":{n}}}'.encode(), pushed=OLD) for n in (1, 2)
    ]
    seed.image(aws, "app", "v3", config=b'{"n":3}', pushed=OLD - timedelta(days=1))
    seed.function(aws, "web", "app:v1", modified=OLD)
    aws.world.lambda_of(aws.account, aws.region).functions["web"].latest |= {
        "CapacityProviderConfig": PROVIDER
    }
    aws.client("lambda").publish_version(FunctionName="web", PublishTo="LATEST_PUBLISHED")
    seed.function(aws, "web", "app:v2", modified=OLD)
    aws.world.lambda_of(aws.account, aws.region).functions["web"].latest |= {
        "CapacityProviderConfig": PROVIDER
    }
    return digests


def images(inventory: Inventory) -> dict[str, str]:
    """The last digits of each image -> its verdict, with the codes of its doubts."""
    judged = orphans(build(inventory), kinds=(Kind.ECR_IMAGE,)).all()
    return {
        judgement.id[-64:]: " ".join(
            [judgement.verdict, *sorted({d.code for d in judgement.doubts})]
        )
        for judgement in judged
    }


def test_what_was_published_to_a_provider_runs(
    aws: Sandbox, scan: Scan, published: list[str]
) -> None:
    """ListFunctions tells of ``$LATEST`` alone."""
    found = scan()
    verdicts = images(found)
    assert [verdicts.pop(digest[-64:]) for digest in published] == ["in-use", "in-use"]
    assert list(verdicts.values()) == ["orphan"]
    (version,) = found.versions
    assert (version.number, version.image_digest) == ("$LATEST.PUBLISHED", published[0])
    assert is_id(version.id)
    assert lambda_target(version.arn) == version.id
    rows = jots(build(found)).jots
    assert {row.qualifiers for row in rows} == {("$LATEST",), ("$LATEST.PUBLISHED",)}
    judged = orphans(build(found), kinds=(Kind.VERSION,), options=Options(keep_last=1)).all()
    assert "no-caller-known" in {doubt.code for doubt in judged[0].doubts}


def test_where_nothing_was_published_there_is_nothing_to_run(
    aws: Sandbox, scan: Scan, published: list[str]
) -> None:
    aws.world.lambda_of(aws.account, aws.region).functions["web"].published = {}
    found = scan()
    assert found.versions == ()
    assert images(found)[published[0][-64:]] == "orphan"


def test_what_was_published_and_cannot_be_read_may_be_any_image(
    aws: Sandbox, scan: Scan, published: list[str]
) -> None:
    aws.faults.deny("lambda", "GetFunction")
    assert images(scan())[published[0][-64:]].startswith("unknown gap")
