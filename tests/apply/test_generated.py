"""Random estates in the sandbox, which refuses as AWS does: plan, apply, plan is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

import jotgraph
from jotgraph.analysis.usage import Options
from jotgraph.apply import apply
from jotgraph.plan import Plan, plan_cleanup, plan_delete
from jotgraph.records import Function, Inventory, Kind, Version, kind_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import MANAGED, OLD
from tests.apply.runs import scan
from tests.plan.test_properties import needed
from tests.rig.wire import Wire
from tests.strength import DICE, SLOW_MACHINE, examples

F = TypeVar("F", Function, Version)
MANY = settings(
    examples(2, many=150, shrink=False),
    suppress_health_check=[*SLOW_MACHINE, HealthCheck.function_scoped_fixture],
)

OPTIONS = Options(
    assume_no=("lambda",), ignore=("role-used",), keep_last=1, idle_functions=True, keep=("stable",)
)


def seeded(aws: Sandbox, rng: Random) -> None:
    """Repositories with images, indexes, signatures; functions with versions, aliases, triggers."""
    aws.world.regions = frozenset({aws.region})
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
            members = rng.sample(images, rng.randint(1, len(images)))
            seed.index(aws, name, dict.fromkeys(members, "linux/amd64"), "multi", pushed=OLD)
        if images and rng.random() < 0.5:
            text = seed.manifest(b"{}", subject=rng.choice(images))
            seed.image(aws, name, text=text, config=b"{}", pushed=OLD)
    listed = [
        (name, image["imageDigest"])
        for name in ("app", "team/web")
        for image in aws.client("ecr").describe_images(repositoryName=name)["imageDetails"]
        if "index" not in image["imageManifestMediaType"] and not image.get("subjectManifestDigest")
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
            main, *others = rng.sample(numbers, len(numbers))
            weights = {others[0]: 0.2} if others and rng.random() < 0.5 else None
            seed.alias(aws, name, "live", main, weights=weights)
        if rng.random() < 0.4:
            source = f"arn:aws:sqs:us-east-1:{account}:q{n}"
            seed.trigger(aws, rng.choice((name, "gone")), source, modified=OLD)


@pytest.fixture(scope="module")
def wire(_sandbox: Sandbox) -> Iterator[Wire]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _sandbox.environment().items():
            patch.setenv(name, value)
        _sandbox.reset()
        made = Wire(_sandbox)
        for service in ("cloudwatch", "ecr", "iam", "lambda", "resourcegroupstaggingapi", "sts"):
            made.clients.aws[0].client(service, "us-east-1")  # made while the keys are there
        made.clients.aws[0].client("ec2", "us-east-1")
        yield made


@MANY
@given(rng=DICE)
def test_clean_up_and_nothing_is_left_to_clean(wire: Wire, rng: Random) -> None:
    """In two rounds: the newest image of a repository is kept as long as something runs from it,
    and that may go in the first."""
    world = cleaned(wire, filled(wire, rng))
    left = cleanup_of(world)
    assert {kind_of(step.id) for step in left.steps} <= {Kind.ECR_IMAGE, Kind.ECR_REPO}
    assert cleanup_of(cleaned(wire, world)).steps == ()


def cleanup_of(world: Inventory) -> Plan:
    return plan_cleanup(jotgraph.build(world), now=datetime.now(UTC), options=OPTIONS)


def cleaned(wire: Wire, world: Inventory) -> Inventory:
    """The world after a clean-up, which spares what is used."""
    plan = cleanup_of(world)
    spares_what_is_used(told(world, wire.aws), plan)
    return all_done(wire, world, plan)


@MANY
@given(rng=DICE)
def test_delete_anything_in_an_order_that_is_accepted(wire: Wire, rng: Random) -> None:
    before = filled(wire, rng)
    kinds = (Kind.FUNCTION, Kind.ECR_REPO, Kind.ROLE, Kind.ECR_IMAGE)
    here = [record.id for record in before.records() if kind_of(record.id) in kinds]
    targets = rng.sample(here, min(4, len(here)))
    plan = plan_delete(jotgraph.build(before), targets, now=datetime.now(UTC), options=OPTIONS)
    spares_what_is_used(told(before, wire.aws), plan)
    after = all_done(wire, before, plan)
    left = [target for target in targets if target in {record.id for record in after.records()}]
    again = plan_delete(jotgraph.build(after), left, now=datetime.now(UTC), options=OPTIONS)
    assert again.steps == ()


def filled(wire: Wire, rng: Random) -> Inventory:
    wire.aws.reset()
    seeded(wire.aws, rng)
    return scan(wire.clients)


def all_done(wire: Wire, before: Inventory, plan: Plan) -> Inventory:
    """Apply a plan. AWS, as the sandbox has it, accepts its order; nothing else is gone."""
    receipt = apply(plan, wire.clients, now=datetime.now(UTC), patience=0.3, backup=False)
    assert [outcome for outcome in receipt.outcomes if outcome.status != "done"] == []
    after = scan(wire.clients)
    gone = {step.id for step in plan.steps}
    assert {record.id for record in after.records()} == {
        record.id for record in before.records()
    } - gone
    return after


def told(before: Inventory, aws: Sandbox) -> Inventory:
    """With the image that each version runs in the sandbox's own words, though no scan asks
    Lambda for what a digest tells."""
    made = aws.world.lambda_of("123456789012", "us-east-1").functions

    def whole(configuration: F, running: Mapping[str, str]) -> F:
        if configuration.package_type == "Zip":
            return configuration
        return replace(
            configuration,
            image_uri=running["ImageUri"],
            resolved_image_uri=running["ResolvedImageUri"],
        )

    return replace(
        before,
        functions=tuple(
            whole(function, made[function.name].latest) for function in before.functions
        ),
        versions=tuple(
            whole(version, made[version.name].versions[int(version.number)])
            for version in before.versions
        ),
    )


def spares_what_is_used(before: Inventory, plan: Plan) -> None:
    """Nothing goes that can be reached from an alias, a version, or ``$LATEST`` that stays: walked
    step by step over records, without a graph or a link."""
    gone = {step.id for step in plan.steps}
    uses = needed(before)
    todo = [resource for resource in uses if resource not in gone]
    reached: set[str] = set()
    while todo:
        resource = todo.pop()
        if resource not in reached:
            reached.add(resource)
            todo.extend(uses.get(resource, ()))
    assert not reached & gone
