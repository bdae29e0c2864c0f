"""Doubts of everything, those that a repository's images share written down once."""

from __future__ import annotations

from random import Random

import pytest

from jotgraph.analysis.usage import Options, doubts, index_of
from jotgraph.graph import build
from jotgraph.records import ResourceId
from tests.factories import NOW, ecr_image, ecr_repository, inventory, role
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
