"""What storage costs, as data with its date and source. Prices differ by region and change."""

from __future__ import annotations

import msgspec


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A price as it was published."""

    dollars: float
    """For a GB (10^9 bytes) a month."""
    region: str
    month: str
    """When it was looked up."""
    source: str


ECR_STORAGE = Price(
    dollars=0.10,
    region="us-east-1",
    month="2026-03",
    source="https://aws.amazon.com/ecr/pricing/",
)
"""Of private repositories. The archive class costs the same below 150 TB, and 90 days at least."""


def dollars_a_month(size: int, price: Price = ECR_STORAGE) -> float:
    """What so many bytes cost, to the cent."""
    return round(size / 1e9 * price.dollars, 2)
