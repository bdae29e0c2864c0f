"""Random estates in the sandbox, which refuses as AWS does: plan, apply, plan is empty."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

import jotgraph
from jotgraph.plan import plan_cleanup, plan_delete
from jotgraph.records import Kind
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.usage import Options
from tests.apply.conftest import MANAGED, OLD, applied, scan

OPTIONS = Options(
    ignore=("regions-unread", "role-used"), keep_last=1, idle_functions=True, keep=("stable",)
)


def seeded(aws: Sandbox, rng: Random) -> None:
    """Repositories with images, indexes, signatures; functions with versions, aliases, triggers."""
    account = "123456789012"
    roles = [
        seed.role(
            aws,
            f"role-{n}",
            created=OLD,
            attached=(MANAGED,) * rng.randint(0, 1),
            inline={"logs": {"Version": "2012-10-17", "Statement": []}}
            if rng.random() < 0.3
            else {},
        )
        for n in range(3)
    ]
    for name in ("app", "team/web"):
        seed.repository(aws, name, created=OLD)
        images = [
            seed.image(
                aws,
                name,
                *([f"v{n}"] if rng.random() < 0.6 else []),
                config=b'{"%s":%d}' % (name.encode(), n),
                layers=(b"layer-%d" % rng.randint(0, 3),),
                pushed=OLD,
                archived=rng.random() < 0.1,
            )
            for n in range(rng.randint(0, 5))
        ]
        if images and rng.random() < 0.6:
            held = rng.sample(images, rng.randint(1, len(images)))
            seed.index(aws, name, dict.fromkeys(held, "linux/amd64"), "multi", pushed=OLD)
        if images and rng.random() < 0.5:
            text = seed.manifest(b"{}", subject=rng.choice(images))
            seed.image(aws, name, text=text, config=b"{}", pushed=OLD)
    listed = [
        (name, each["imageDigest"])
        for name in ("app", "team/web")
        for each in aws.client("ecr").describe_images(repositoryName=name)["imageDetails"]
        if "index" not in each["imageManifestMediaType"] and not each.get("subjectManifestDigest")
    ]
    for n in range(3):
        name = f"f{n}"
        numbers: list[str] = []
        for _ in range(rng.randint(1, 3)):
            home, digest = rng.choice(listed) if listed else ("", "")
            image = f"{home}@{digest}" if digest and rng.random() < 0.8 else None
            seed.function(aws, name, image, role=rng.choice(roles), modified=OLD)
            if rng.random() < 0.6:
                numbers.append(seed.version(aws, name, modified=OLD))
        if numbers and rng.random() < 0.5:
            main, *rest = rng.sample(numbers, len(numbers))
            weights = {rest[0]: 0.2} if rest and rng.random() < 0.5 else None
            seed.alias(aws, name, "live", main, weights=weights)
        if rng.random() < 0.4:
            source = f"arn:aws:sqs:us-east-1:{account}:q{n}"
            seed.trigger(aws, rng.choice((name, "gone")), source, modified=OLD)


@pytest.mark.parametrize("number", range(12))
def test_clean_up_and_nothing_is_left_to_clean(aws_environment: Sandbox, number: int) -> None:
    seeded(aws_environment, Random(number))
    before = scan()
    plan = plan_cleanup(jotgraph.build(before), now=datetime.now(UTC), options=OPTIONS)
    receipt = applied(plan)
    assert [each for each in receipt.outcomes if each.status != "done"] == []
    after = scan()
    gone = {each.id for each in plan.steps}
    assert {each.id for each in after.records()} == {each.id for each in before.records()} - gone
    again = plan_cleanup(jotgraph.build(after), now=datetime.now(UTC), options=OPTIONS)
    assert again.steps == ()


@pytest.mark.parametrize("number", range(12))
def test_delete_anything_in_an_order_that_is_accepted(
    aws_environment: Sandbox, number: int
) -> None:
    rng = Random(number)
    seeded(aws_environment, rng)
    before = scan()
    kinds = (Kind.FUNCTION, Kind.ECR_REPO, Kind.ROLE, Kind.ECR_IMAGE)
    named = [each.id for each in before.records() if each.id.partition(":")[0] in kinds]
    targets = rng.sample(named, min(4, len(named)))
    plan = plan_delete(jotgraph.build(before), targets, now=datetime.now(UTC), options=OPTIONS)
    receipt = applied(plan)
    assert [each for each in receipt.outcomes if each.status != "done"] == []
    gone = {each.id for each in plan.steps}
    left = {each.id for each in scan().records()}
    assert left == {each.id for each in before.records()} - gone
