"""Doubts of everything, those that a repository's images share written down once."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from jotgraph.analysis.usage import Options, doubts, index_of
from jotgraph.graph import build
from jotgraph.records import ResourceId
from tests.factories import NOW, ecr_image, ecr_repository, inventory, local_image, role
from tests.scale.estates import estate


@pytest.mark.parametrize("seed", range(20))
def test_what_is_raised_is_what_is_doubted_one_by_one(seed: int) -> None:
    whole = estate(Random(seed))
    own = doubts(index_of(build(whole)), Options(), whole.taken_at)
    assert len(own) == len(list(own)) == len(set(own))
    assert dict(own.raised()) == {resource: own[resource] for resource in own if own[resource]}
    assert len(list(own.raised())) == len(dict(own.raised()))


def test_each_image_has_those_of_its_repository() -> None:
    whole = inventory(ecr_repository(policy=None), ecr_image(1), ecr_image(2, "latest"), role())
    own = doubts(index_of(build(whole)), Options(), NOW)
    plain, tagged = ecr_image(1).id, ecr_image(2).id
    assert "policy-unread" in {doubt.code for doubt in own[plain]}
    assert {doubt.code for doubt in own[tagged]} - {doubt.code for doubt in own[plain]} == {
        "kept-tag"
    }
    assert set(own) == {plain, tagged, role().id, ecr_repository().id}


def test_an_image_that_was_not_read_has_none() -> None:
    own = doubts(index_of(build(inventory(ecr_image(1)))), Options(), NOW)
    assert ecr_image(2).id not in own
    assert own.get(ResourceId("commit:1")) is None
    with pytest.raises(KeyError):
        own[ecr_image(2).id]


def test_the_only_known_copy_says_how_many_images_of_its_name_were_not_compared() -> None:
    unread = (ecr_image(2, manifest_read=False), ecr_image(3, manifest_read=False))
    whole = inventory(ecr_repository(), *unread, local_image(9, "app:dev"), local_image(8, "web:1"))
    own = doubts(index_of(build(whole)), Options(), NOW)
    said = {
        image: [doubt.statement for doubt in own[local_image(image).id]][-1] for image in (8, 9)
    }
    assert said == {
        8: "only known copy",
        9: "only known copy (2 ECR images not compared; run jotgraph content)",
    }


def test_an_age_is_said_with_the_time_for_which_it_is_kept() -> None:
    young = role(created_at=NOW - timedelta(minutes=20))
    (doubt,) = doubts(index_of(build(inventory(young))), Options(), NOW)[young.id]
    assert doubt.statement == "created 20 min ago (kept for 30 days)"
