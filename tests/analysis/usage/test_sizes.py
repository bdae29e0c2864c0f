"""Bytes that a set of deletions really frees."""

from __future__ import annotations

from typing import Any

from jotgraph.analysis.costs import storage
from jotgraph.analysis.usage import GraphIndex, index_of
from jotgraph.analysis.usage.sizes import freed
from jotgraph.graph import build
from jotgraph.records import ImageType, LocalImage
from tests.factories import (
    LONG_AGO,
    child,
    digest,
    ecr_image,
    ecr_repository,
    inventory,
    layer,
    local_image,
)

BASE, MINE, YOURS = layer(91, 1000), layer(92, 10), layer(93, 7)


def estate(*records: object) -> GraphIndex:
    return index_of(build(inventory(*records)))


def test_layers_shared_with_kept_images_are_not_freed() -> None:
    kept = ecr_image(1, layers=(BASE, MINE))
    going = ecr_image(2, layers=(BASE, YOURS))
    found = freed(estate(ecr_repository(), kept, going), [going.id])
    assert (found.ecr, found.ecr_at_most, dict(found.by_image)) == (7, False, {going.id: 7})
    both = freed(estate(ecr_repository(), kept, going), [kept.id, going.id])
    assert both.ecr == 1017
    assert sum(both.by_image.values()) == both.ecr


def test_a_repository_stores_its_own_copy() -> None:
    going, other = ecr_image(1, layers=(BASE,)), ecr_image(1, repository="b", layers=(BASE,))
    here = estate(ecr_repository(), ecr_repository("b"), going, other)
    space = freed(here, [going.id])
    assert space.ecr == 1000
    assert {at: taken.bytes for at, taken in storage(here, space).items()} == {
        ecr_repository().id: 1000
    }


def test_an_index_weighs_nothing_beside_its_children() -> None:
    children = (child(1), child(2))
    index = ecr_image(9, type=ImageType.INDEX, size=1010, children=children)
    one, two = ecr_image(1, layers=(BASE, MINE)), ecr_image(2, layers=(BASE, YOURS))
    found = freed(estate(ecr_repository(), index, one, two), [index.id, one.id, two.id])
    assert (found.ecr, found.ecr_at_most) == (1017, False)


def test_unread_manifests_give_an_upper_bound() -> None:
    going = ecr_image(1, size=500, manifest_read=False)
    found = freed(estate(ecr_repository(), going), [going.id])
    assert (found.ecr, found.ecr_at_most, found.bounds) == (500, True, frozenset({going.id}))
    read, kept = ecr_image(1, layers=(MINE,)), ecr_image(2, manifest_read=False)
    found = freed(estate(ecr_repository(), read, kept), [read.id])
    assert (found.ecr, found.ecr_at_most) == (10, True)
    assert freed(estate(ecr_repository(), read, kept), []).ecr == 0


def local(n: int, size: int, *layers: int, **fields: Any) -> LocalImage:
    chain = tuple(digest(layer) for layer in layers)
    return local_image(n, size=size, diff_ids=chain, created_at=LONG_AGO, **fields)


def test_the_engine_shares_what_begins_alike() -> None:
    base, kept, going = local(1, 100, 51), local(2, 130, 51, 52), local(3, 150, 51, 53)
    found = freed(estate(base, kept, going), [going.id])
    assert (found.local, found.local_at_most) == (50, False)
    # without the base on its own nobody knows how much of it is shared
    found = freed(estate(kept, going), [going.id])
    assert (found.local, found.local_at_most) == (150, True)
    # the same layer above another one is stored again
    apart = local(4, 30, 53)
    found = freed(estate(apart, going), [going.id])
    assert (found.local, found.local_at_most) == (150, False)
    # two names of the same layers
    twin = local(5, 150, 51, 53)
    found = freed(estate(going, twin), [going.id, twin.id])
    assert (found.local, found.local_at_most) == (150, False)
    found = freed(estate(going, twin), [going.id])
    assert found.local == 0
