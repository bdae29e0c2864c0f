"""What registries of other places are set to do between plan and apply."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jotgraph import build
from jotgraph.apply import apply
from jotgraph.plan import plan_delete
from jotgraph.records import ResourceId
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.runs import IGNORED, connect, scan

OLD = datetime.now(UTC) - timedelta(days=400)
THERE = "eu-west-1"


@pytest.mark.parametrize("upstream", ["app", "other"])
def test_another_registry_that_fetches_an_image_by_now_keeps_it(
    aws_environment: Sandbox, upstream: str
) -> None:
    aws = aws_environment
    aws.world.regions = frozenset({aws.region, THERE})
    seed.repository(aws, "app", created=OLD)
    digest = seed.image(aws, "app", "v1", config=b"{}", pushed=OLD)
    made = connect()
    regions = (aws.region, THERE)
    clients = replace(made, aws=tuple(replace(session, regions=regions) for session in made.aws))
    image = ResourceId(f"ecr-image:{aws.account}/{aws.region}/app@{digest}")
    graph = build(scan(clients))
    plan = plan_delete(graph, [image], now=datetime.now(UTC), options=IGNORED)
    aws.client("ecr", region=THERE).create_pull_through_cache_rule(
        ecrRepositoryPrefix="cache",
        upstreamRegistryUrl=f"{aws.account}.dkr.ecr.{aws.region}.amazonaws.com",
        upstreamRepositoryPrefix=upstream,
    )
    receipt = apply(plan, clients, now=plan.made_at, patience=0.3, backup=False)
    (outcome,) = (outcome for outcome in receipt.outcomes if outcome.id == image)
    fetched = f"pull-through rules of {aws.account} in {THERE} fetch from it"
    assert (fetched in outcome.because) == (upstream == "app")
    assert receipt.proven == (upstream != "app")
