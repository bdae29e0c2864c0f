"""What a plan remembers of a doubt: who it is about, whatever the words."""

from __future__ import annotations

import json
from random import Random

import pytest

from jotgraph.analysis.usage import Doubt, Options, doubts, index_of
from jotgraph.graph import build
from jotgraph.plan.doubts import is_unread
from jotgraph.records import Registry
from tests.factories import (
    ACCOUNT,
    NOW,
    REGION,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    registry,
    version,
)
from tests.scale.estates import estate


def test_a_doubt_in_other_words_is_the_same() -> None:
    known = Doubt("managed", "managed by the stack shop", about="stack=shop")
    assert Doubt("managed", "the stack shop owns it", about="stack=shop").name == known.name
    assert known.name == "managed: stack=shop"


def test_a_doubt_about_somebody_else_is_another() -> None:
    known = Doubt("managed", "managed by a stack", about="stack=shop")
    assert Doubt("managed", "managed by a stack", about="stack=till").name != known.name


def test_any_other_doubt_goes_by_its_code_or_its_gap() -> None:
    assert Doubt("kept-tag", "its tag latest is kept").name == "kept-tag"
    assert Doubt("gap", "not read", "lambda:ListFunctions").name == "lambda:ListFunctions"


@pytest.mark.parametrize(
    ("name", "unread"),
    [
        ("lambda:ListFunctions", True),
        ("policy-unread", True),
        ("kept-tag", False),
        ("managed: stack=shop", False),
    ],
)
def test_what_was_not_read_is_known_by_its_name(name: str, unread: bool) -> None:
    assert is_unread(name) is unread


def test_each_stranger_that_a_policy_lets_in_has_a_doubt_of_its_own() -> None:
    roles = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("ci", "ecs")]
    policy = json.dumps({"Statement": {"Effect": "Allow", "Principal": {"AWS": roles}}})
    whole = inventory(ecr_repository(policy=policy), ecr_image(1))
    own = doubts(index_of(build(whole)), Options(), NOW)[ecr_image(1).id]
    assert {doubt.name for doubt in own if doubt.code == "other-principal"} == {
        f"other-principal: repository: {role}" for role in roles
    }


def test_each_registry_that_fills_a_repository_has_a_doubt_of_its_own() -> None:
    fills = (f"{ACCOUNT}/{REGION}",)
    sources = [registry(region=region, replication=fills) for region in ("eu-west-2", "eu-west-3")]
    whole = inventory(ecr_repository(), registries=(registry(), *sources))
    own = doubts(index_of(build(whole)), Options(), NOW)[ecr_repository().id]
    assert {doubt.name for doubt in own if doubt.code == "replication"} == {
        f"replication: from {ACCOUNT}/eu-west-2",
        f"replication: from {ACCOUNT}/eu-west-3",
    }


def test_each_registry_of_which_no_rule_was_read_has_a_doubt_of_its_own() -> None:
    gaps = [
        gap("ecr:DescribeRegistry", region=region, facts=("replication",))
        for region in (REGION, "eu-west-2", "eu-west-3")
    ]
    whole = inventory(ecr_repository(), ecr_image(1), *gaps, registries=())
    own = doubts(index_of(build(whole)), Options(), NOW)
    unread = {
        resource: sorted(doubt.name for doubt in own[resource] if doubt.code == "registry-unread")
        for resource in (ecr_repository().id, ecr_image(1).id)
    }
    regions = ("eu-west-2", "eu-west-3")
    of_image = [f"registry-unread: {ACCOUNT}/{REGION}"] + [
        f"registry-unread: pull-through rules of {ACCOUNT}/{region}" for region in regions
    ]
    fills = [f"registry-unread: replication rules of {ACCOUNT}/{region}" for region in regions]
    assert unread == {ecr_image(1).id: of_image, ecr_repository().id: of_image + fills}


@pytest.mark.parametrize("seed", range(20))
def test_of_one_resource_no_two_doubts_that_forbid_share_a_name(seed: int) -> None:
    """Else a plan that knew the one would let the other pass. A service is accepted as a whole, and
    so is a call that a gap names."""
    whole = estate(Random(seed))
    own = doubts(index_of(build(whole)), Options(), whole.taken_at)
    for resource in own:
        told = {
            (doubt.name, doubt.statement)
            for doubt in own[resource]
            if doubt.about or (doubt.unread and not doubt.gap and not doubt.service)
        }
        assert len({name for name, _ in told}) == len(told), told


ON_INSTANCES = "arn:aws:lambda:eu-west-1:111122223333:capacity-provider:fleet"


@pytest.mark.parametrize(
    "records",
    [
        (ecr_repository(policy=None), ecr_image(1), registry(policy=None)),
        (function(policy=None, urls=None),),
        (function(provisioned=None), version(1, capacity_provider=ON_INSTANCES)),
    ],
)
def test_what_was_not_read_is_accepted_call_by_call(records: tuple[object, ...]) -> None:
    """To accept one would accept the other, and a plan that knew of it let the other pass."""
    options = Options(idle_functions=True, keep_last=0)
    registries = tuple(record for record in records if isinstance(record, Registry))
    others = (record for record in records if not isinstance(record, Registry))
    whole = inventory(*others, registries=registries or (registry(),))
    own = doubts(index_of(build(whole)), options, NOW)
    for resource in own:
        unread = [doubt.unread for doubt in own[resource] if doubt.unread]
        assert len(unread) == len(set(unread)), unread
        assert all(is_unread(name) for name in unread)
    assert max(len([doubt for doubt in own[resource] if doubt.unread]) for resource in own) == 2
