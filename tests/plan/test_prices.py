"""What storage costs, and that the price says where it is from."""

from __future__ import annotations

import pytest

from jotgraph.plan.prices import ECR_STORAGE, dollars_a_month


@pytest.mark.parametrize(
    ("size", "dollars"),
    [(0, 0), (1_000_000_000, 0.10), (12_345_678_901, 1.23), (49_000_000, 0.0), (50_000_001, 0.01)],
)
def test_bytes_cost_by_the_gigabyte(size: int, dollars: float) -> None:
    assert dollars_a_month(size) == dollars


def test_a_price_says_where_and_when_it_was_found() -> None:
    assert ECR_STORAGE.source == "https://aws.amazon.com/ecr/pricing/"
    assert (ECR_STORAGE.region, ECR_STORAGE.month) == ("us-east-1", "2026-03")
