"""On random estates: a plan never takes what is in use, whoever asks and however it is narrowed."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
from hypothesis import given

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.plan import CascadeOptions, Plan, plan_cleanup, plan_delete
from jotgraph.plan.model import ACTIONS
from jotgraph.records import (
    Alias,
    EcrImage,
    Function,
    Inventory,
    Kind,
    ResourceId,
    Version,
    alias_id,
    function_id,
    kind_of,
    local_image_id,
    version_id,
)
from jotgraph.records.references import role_of
from tests.oracle.brute_force import _group, _used_images, verdicts
from tests.oracle.worlds import world
from tests.strength import DICE, examples


def less(whole: Inventory, gone: set[ResourceId]) -> Inventory:
    """The world when these are deleted."""
    fields: dict[str, Any] = {
        name: tuple(record for record in getattr(whole, name) if record.id not in gone)
        for name in (
            "local_images", "containers", "ecr_repositories", "ecr_images", "functions",
            "versions", "aliases", "triggers", "roles",
        )
    }  # fmt: skip
    return msgspec.structs.replace(whole, **fields)


def needed(whole: Inventory) -> dict[ResourceId, set[ResourceId]]:
    """What each thing that is used from outside cannot be without, by the definitions alone."""
    here = {record.id for record in whole.records()}
    needs: dict[ResourceId, set[ResourceId]] = {}
    images = {(e.account, e.region, e.repository, e.digest): e for e in whole.ecr_images}
    for configuration in _configurations(whole):
        alone = msgspec.structs.replace(
            whole,
            functions=tuple(f for f in whole.functions if f.id == configuration.id),
            versions=tuple(v for v in whole.versions if v.id == configuration.id),
        )
        uses = {role for role in (role_of(configuration.role_arn),) if role}
        for key in _used_images(alone):
            if key in images:
                uses |= _whole_group(whole, images[key])
        needs[configuration.id] = uses & here
    for alias in whole.aliases:
        place = (alias.account, alias.region, alias.function_name)
        needs[alias.id] = {
            function_id(*place) if number == "$LATEST" else version_id(*place, number)
            for number in (alias.version, *dict(alias.weights))
        } & here
    for container in whole.containers:
        needs[container.id] = {local_image_id(container.image_id)} & here
    return needs


def _configurations(whole: Inventory) -> list[Function | Version]:
    return [*whole.functions, *whole.versions]


def _whole_group(whole: Inventory, image: EcrImage) -> set[ResourceId]:
    keys = _group(whole, image)
    return {
        ecr_image.id
        for ecr_image in whole.ecr_images
        if (ecr_image.account, ecr_image.region, ecr_image.repository, ecr_image.digest) in keys
    } | {image.repository_id}


def in_order(plan: Plan) -> None:
    """Every step comes after those it waits for, once."""
    seen: set[ResourceId] = set()
    for step in plan.steps:
        assert set(step.after) <= seen
        assert step.id not in seen
        seen.add(step.id)


def parts_first(whole: Inventory, plan: Plan) -> None:
    """No function goes while a version, an alias or a trigger of it stays."""
    going = {step.id for step in plan.steps}
    parts: list[Version | Alias] = [*whole.versions, *whole.aliases]
    for part in parts:
        assert part.function not in going or part.id in going


@examples(15, many=100, shrink=False)
@given(rng=DICE)
def test_a_cleanup_takes_only_orphans(rng: Random) -> None:
    """Each step is an orphan, by the oracle, of the world that the steps before it leave."""
    whole = world(rng)
    plan = plan_cleanup(build(whole), now=whole.taken_at)
    in_order(plan)
    gone: set[ResourceId] = set()
    for step in plan.steps:
        assert verdicts(less(whole, gone))[step.id] == "orphan", step
        gone.add(step.id)
    assert plan_cleanup(build(less(whole, gone)), now=whole.taken_at).steps == ()


@examples(15, many=100, shrink=False)
@given(rng=DICE)
def test_a_cleanup_of_idle_functions_and_old_versions_leaves_what_is_called(rng: Random) -> None:
    whole = world(rng)
    options = Options(idle_functions=True, keep_last=1)
    plan = plan_cleanup(build(whole), now=whole.taken_at, options=options)
    in_order(plan)
    parts_first(whole, plan)
    gone = {step.id for step in plan.steps}
    for trigger in whole.triggers:
        _, _, _, region, account, _, name = trigger.function_arn.split(":", 6)
        plain, _, qualifier = name.partition(":")
        assert function_id(account, region, plain) not in gone or trigger.id in gone
        called = (
            function_id(account, region, plain)
            if not qualifier
            else version_id(account, region, plain, qualifier)
            if qualifier.isdigit()
            else alias_id(account, region, plain, qualifier)
        )
        assert called not in gone
    for configuration in _configurations(whole):
        assert not configuration.invocations or configuration.id not in gone
    survivors_are_whole(whole, gone)


def survivors_are_whole(whole: Inventory, gone: set[ResourceId]) -> None:
    """What stays has everything that it uses."""
    for resource, uses in needed(whole).items():
        if resource not in gone:
            assert not uses & gone, (resource, uses & gone)
    for image in whole.ecr_images:
        if image.id not in gone:
            assert not _whole_group(whole, image) & gone
    for local in whole.local_images:
        if local.id not in gone and local.parent:
            assert local_image_id(local.parent) not in gone


@examples(15, many=100, shrink=False)
@given(rng=DICE)
def test_a_deletion_by_name_leaves_every_survivor_whole(rng: Random) -> None:
    whole = world(rng)
    graph = build(whole)
    everything = [record.id for record in whole.records()]
    targets = set(rng.sample(everything, min(len(everything), rng.choice((1, 1, 2, 4)))))
    kinds = sorted(ACTIONS)
    wishes = CascadeOptions(
        dependents=rng.random() < 0.7,
        only=frozenset(rng.sample(kinds, 4)) if rng.random() < 0.3 else frozenset(),
        stop_at=frozenset(rng.sample(kinds, 2)) if rng.random() < 0.3 else frozenset(),
        keep=frozenset(rng.sample(everything, 2)) if rng.random() < 0.3 else frozenset(),
    )
    plan = plan_delete(graph, targets, now=whole.taken_at, how=wishes)
    in_order(plan)
    parts_first(whole, plan)
    gone = {step.id for step in plan.steps}
    survivors_are_whole(whole, gone)
    assert not gone & wishes.keep
    assert not wishes.only or {kind_of(resource) for resource in gone} <= wishes.only
    assert Kind.COMMIT not in {kind_of(resource) for resource in gone}
    running = {container.id for container in whole.containers if container.state == "running"}
    assert not gone & running
    copies_stay(whole, gone)


def copies_stay(whole: Inventory, gone: set[ResourceId]) -> None:
    """No local image goes of which no copy is left, unless git holds its files."""
    exact = {match.resource for match in whole.content if match.verdict.value == "exact"}
    ecr = [
        ecr_image
        for ecr_image in whole.ecr_images
        if ecr_image.id not in gone and ecr_image.status == "ACTIVE"
    ]
    for image in whole.local_images:
        if image.id in gone:
            pushed = {repo_digest.split("@")[1] for repo_digest in image.repo_digests}
            kept = any(e.config_digest == image.image_id or e.digest in pushed for e in ecr)
            assert kept or (image.id in exact and not pushed), image
