"""Rules on references."""

from __future__ import annotations

import pytest

from jotgraph.links import references
from jotgraph.records import ecr_repo_id, role_id, version_id
from tests.factories import (
    ACCOUNT,
    HOST,
    REGION,
    alias,
    digest,
    ecr_image,
    function,
    inventory,
    trigger,
    version,
)
from tests.links.found import found, statements


def test_an_image_is_stored_in_its_repository() -> None:
    image = ecr_image(1, repository="team/shop")
    assert found(references.stored_in, inventory(image)) == [
        (image.id, ecr_repo_id(ACCOUNT, REGION, "team/shop"))
    ]
    assert found(references.stored_in, inventory()) == []


def test_versions_and_aliases_are_part_of_their_function() -> None:
    world = inventory(version(7), alias("live", 7))
    assert found(references.version_of, world) == [(version(7).id, function().id)]
    assert found(references.alias_of, world) == [(alias("live", 7).id, function().id)]
    assert found(references.version_of, inventory(function())) == []
    assert found(references.alias_of, inventory(function())) == []


def test_an_alias_routes_by_weight() -> None:
    routed = alias("live", 7, weights=(("6", 0.1), ("5", 0.0)))
    assert statements(references.routes_to, inventory(routed)) == [
        "alias live sends 0 % of its calls to 5",
        "alias live sends 10 % of its calls to 6",
        "alias live sends 90 % of its calls to 7",
    ]
    assert found(references.routes_to, inventory(routed)) == [
        (routed.id, version_id(ACCOUNT, REGION, "pay", number)) for number in "567"
    ]


def test_an_alias_of_latest_routes_to_the_function() -> None:
    routed = alias("live", "$LATEST")
    assert found(references.routes_to, inventory(routed)) == [(routed.id, function().id)]
    assert statements(references.routes_to, inventory(routed)) == [
        "alias live sends all of its calls to $LATEST"
    ]
    assert found(references.routes_to, inventory(version(7))) == []


def test_each_version_assumes_its_own_role() -> None:
    now = function(role_arn=f"arn:aws:iam::{ACCOUNT}:role/app")
    then = version(7, role_arn="arn:aws-cn:iam::999999999999:role/service/old/app")
    world = inventory(now, then)
    assert found(references.assumes_role, world) == [
        (now.id, role_id(ACCOUNT, "app")),
        (then.id, role_id("999999999999", "service/old/app")),
    ]


@pytest.mark.parametrize("arn", ["", "app", f"arn:aws:iam::{ACCOUNT}:user/app"])
def test_what_is_no_role_is_not_assumed(arn: str) -> None:
    assert found(references.assumes_role, inventory(function(role_arn=arn))) == []


ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"


@pytest.mark.parametrize(
    ("arn", "target"),
    [
        (ARN, function().id),
        (f"{ARN}:$LATEST", function().id),
        (f"{ARN}:7", version(7).id),
        (f"{ARN}:live", alias("live", 7).id),
    ],
)
def test_a_trigger_invokes_what_its_arn_names(arn: str, target: str) -> None:
    world = inventory(trigger(function_arn=arn))
    assert found(references.invokes, world) == [(trigger(function_arn=arn).id, target)]


@pytest.mark.parametrize("arn", ["", "pay", f"arn:aws:sqs:{REGION}:{ACCOUNT}:pay", f"{ARN}:a:b"])
def test_a_trigger_of_something_else_invokes_nothing(arn: str) -> None:
    assert found(references.invokes, inventory(trigger(function_arn=arn))) == []


def test_deployed_tag_follows_what_the_tag_names_now() -> None:
    deployed = function(image_uri=f"{HOST}/app:prod", resolved_image_uri=f"{HOST}/app@{digest(1)}")
    old, new, other = ecr_image(1), ecr_image(2, "prod"), ecr_image(3, "prod", repository="other")
    world = inventory(deployed, old, new, other, ecr_image(4, "prod", region="x-1"))
    assert found(references.deployed_tag, world) == [(deployed.id, new.id)]


def test_a_uri_without_a_tag_means_latest() -> None:
    deployed = function(image_uri=f"{HOST}/app")
    world = inventory(deployed, ecr_image(1, "prod"), ecr_image(2, "latest"))
    assert found(references.deployed_tag, world) == [(deployed.id, ecr_image(2).id)]


@pytest.mark.parametrize(
    "uri",
    [
        None,
        f"{HOST}/app",
        f"{HOST}/app:gone",
        f"{HOST}/app@{digest(2)}",
        f"{HOST}/app:prod@{digest(2)}",
        "docker.io/shop:prod",
    ],
)
def test_deployed_tag_follows_nothing_else(uri: str | None) -> None:
    world = inventory(function(image_uri=uri), ecr_image(2, "prod"))
    assert found(references.deployed_tag, world) == []
