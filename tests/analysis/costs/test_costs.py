"""Dollars of storage: by class and region, each layer once, and from a price with its date."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.analysis.costs import assumed_in, prices_of, stored
from jotgraph.analysis.costs.model import (
    PRICES,
    Storage,
    StorageClass,
    cents,
    dollar_words,
    price_of,
    price_words,
    total,
)
from jotgraph.analysis.usage import index_of
from jotgraph.graph import build
from jotgraph.records import ResourceId
from tests.factories import OTHER_REGION, ecr_image, ecr_repository, inventory, layer

GB = 1_000_000_000
APP = ecr_repository("app").id


def taken(*records: object) -> dict[ResourceId, Storage]:
    return stored(index_of(build(inventory(*records))))


def test_a_layer_that_two_images_share_is_paid_once() -> None:
    base, mine, other = layer("base", 2 * GB), layer("mine", GB), layer("other", GB)
    records = (
        ecr_repository("app"),
        ecr_image(1, layers=(base, mine)),
        ecr_image(2, layers=(base, other)),
    )
    assert taken(*records) == {APP: Storage(4 * GB, dollars=0.4)}


def test_each_repository_stores_its_own_copy() -> None:
    records = [
        ecr_image(1, repository=repository, layers=(layer("base", GB),))
        for repository in ("app", "web")
    ]
    assert [storage.bytes for storage in taken(*records).values()] == [GB, GB]


def test_an_image_whose_manifest_was_not_read_is_at_most_its_size() -> None:
    records = (ecr_image(1, layers=(layer("a", GB),)), ecr_image(2, size=GB, manifest_read=False))
    assert taken(*records) == {APP: Storage(2 * GB, at_most=True, dollars=0.2)}


def test_the_archive_class_is_counted_by_its_own_price() -> None:
    archived = ecr_image(1, status="ARCHIVED", size=3 * GB, manifest_read=False)
    restoring = ecr_image(2, status="ACTIVATING", layers=(layer("b", GB),))
    (storage,) = taken(archived, restoring).values()
    assert (storage.bytes, storage.archived_bytes) == (4 * GB, 3 * GB)
    assert storage.dollars == pytest.approx(3 * 0.10 + 0.10)
    kinds = [price.storage for price in prices_of({APP: storage})]
    assert set(kinds) == {StorageClass.STANDARD, StorageClass.ARCHIVE}


def test_nothing_is_stored_of_nothing() -> None:
    assert taken() == {}
    assert total([]) == Storage()


def test_a_region_that_was_not_looked_up_takes_the_price_of_another_and_says_so() -> None:
    theirs = ecr_repository("app", region=OTHER_REGION).id
    known = ecr_repository("app", region="us-east-1").id
    assert price_of(OTHER_REGION) == price_of("us-east-1")
    assert assumed_in([theirs, known]) == (OTHER_REGION,)
    assert assumed_in([known]) == ()


def test_every_price_says_where_and_when_it_was_found() -> None:
    assert len({(price.region, price.storage) for price in PRICES}) == len(PRICES)
    for price in PRICES:
        assert price.source.startswith("https://")
        assert len(price.month) == len("2026-03")
        assert price_of(price.region, price.storage) is price
        assert (price.first_bytes is not None) == (price.storage is StorageClass.ARCHIVE)


def test_the_page_has_every_price() -> None:
    page = Path(__file__).parents[3] / "docs" / "costs.md"
    rows = [line.split(" | ") for line in page.read_text().splitlines() if "](https" in line]
    listed = [(row[0].removeprefix("| "), row[1], float(row[2]), row[4]) for row in rows]
    assert listed == [(price.region, price.storage, price.dollars, price.month) for price in PRICES]
    assert all(price.source in row[5] for price, row in zip(PRICES, rows, strict=True))


@pytest.mark.parametrize(
    ("dollars", "at_most", "words"),
    [
        (0, False, "$0.00"),
        (0.0049, True, "< $0.01"),
        (0.005, False, "$0.01"),
        (1204.5, False, "$1,204.50"),
        (0.12, True, "≤ $0.12"),
    ],
)
def test_dollars_in_words(dollars: float, at_most: bool, words: str) -> None:
    assert dollar_words(dollars, at_most) == words


def test_prices_in_words() -> None:
    assert price_words() == "$0.10 a GB in us-east-1 as of 2026-03"
    assert price_words(PRICES, ("eu-west-1",)) == (
        "$0.10 a GB in us-east-1, ap-northeast-1 as of 2026-03, assumed for eu-west-1"
    )


@pytest.mark.parametrize(
    ("size", "dollars"),
    [(0, 0), (GB, 0.10), (12_345_678_901, 1.23), (49_000_000, 0.0), (50_000_001, 0.01)],
)
def test_bytes_cost_by_the_gigabyte(size: int, dollars: float) -> None:
    whole = total(taken(ecr_image(1, layers=(layer("a", size),))).values())
    assert cents(whole.dollars) == dollars
