"""Prices of storage in ECR, as data with their date and source, because they differ and change."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from math import fsum

import msgspec


class StorageClass(StrEnum):
    """An ECR storage class."""

    STANDARD = "standard"
    ARCHIVE = "archive"


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A published price."""

    storage: StorageClass
    region: str
    dollars: float
    """Dollars for a GB (10^9 bytes) a month. Where AWS means 2^30 bytes, a GB costs 7% less."""
    first_bytes: int | None = None
    """The price applies up to this many bytes, and more costs less; None when it has no limit."""
    month: str
    """The date on which the price was looked up."""
    source: str


_ARCHIVE_BYTES = 150 * 10**12
_AWS = "https://aws.amazon.com/ecr/pricing/"
_TOKYO = "https://devjapan.com/"
_ARCHIVE = (
    "https://hub.pointfive.co/inefficiencies/ecr-archive-storage-class-used-below-150-tb-threshold"
)

PRICES = (
    Price(
        storage=StorageClass.STANDARD,
        region="us-east-1",
        dollars=0.10,
        month="2026-03",
        source=_AWS,
    ),
    Price(
        storage=StorageClass.ARCHIVE,
        region="us-east-1",
        dollars=0.10,
        first_bytes=_ARCHIVE_BYTES,
        month="2026-03",
        source=_ARCHIVE,
    ),
    Price(
        storage=StorageClass.STANDARD,
        region="ap-northeast-1",
        dollars=0.10,
        month="2026-03",
        source=_TOKYO,
    ),
    Price(
        storage=StorageClass.ARCHIVE,
        region="ap-northeast-1",
        dollars=0.10,
        first_bytes=_ARCHIVE_BYTES,
        month="2026-03",
        source=_TOKYO,
    ),
)
"""Prices of private repositories. The archive class costs as much as the standard class for the
first 150 TB of a region, with a minimum of 90 days, so that archiving those saves nothing."""

ASSUMED = "us-east-1"
"""The region whose price is used for regions without one."""
_BY_PLACE = {(price.region, price.storage): price for price in PRICES}


def price_of(region: str, storage: StorageClass = StorageClass.STANDARD) -> Price:
    """Return the price of a storage class in a region, or that of us-east-1 where none is known."""
    return _BY_PLACE.get((region, storage)) or _BY_PLACE[ASSUMED, storage]


class Storage(msgspec.Struct, frozen=True):
    """Bytes of images in ECR and their monthly cost."""

    bytes: int = 0
    archived_bytes: int = 0
    """How many of ``bytes`` are in the archive class."""
    at_most: bool = False
    """Whether ``bytes`` is an upper bound, because layers may be shared with an image that was not
    read."""
    dollars: float = 0.0
    """Dollars a month, unrounded."""


def total(parts: Iterable[Storage]) -> Storage:
    """Add up the storage of several repositories."""
    every = tuple(parts)
    return Storage(
        bytes=sum(part.bytes for part in every),
        archived_bytes=sum(part.archived_bytes for part in every),
        at_most=any(part.at_most for part in every),
        dollars=fsum(part.dollars for part in every),  # whatever their order
    )


def cents(dollars: float) -> float:
    """Round dollars to cents."""
    return round(dollars, 2)


def dollar_words(dollars: float, at_most: bool = False) -> str:
    """``$1,204.50``, ``≤ $0.12``; ``< $0.01`` for less than a cent."""
    if 0 < dollars < 0.005:
        return "< $0.01"
    return f"{'≤ ' * at_most}${dollars:,.2f}"


def price_words(prices: Iterable[Price] = (), assumed: Iterable[str] = ()) -> str:
    """``$0.10 a GB in us-east-1 as of 2026-03, assumed for eu-west-1``."""
    known: dict[tuple[float, str], list[str]] = {}
    for price in tuple(prices) or PRICES[:1]:
        regions = known.setdefault((price.dollars, price.month), [])
        if price.region not in regions:
            regions.append(price.region)
    words = "; ".join(
        f"${dollars:.2f} a GB in {', '.join(regions)} as of {month}"
        for (dollars, month), regions in known.items()
    )
    guessed = ", ".join(sorted(set(assumed)))
    return words + (f", assumed for {guessed}" if guessed else "")
