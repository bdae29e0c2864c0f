"""Which snapshots the rules keep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.store.retention import PERIODS, Rules, kept
from tests.strength import examples

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOURS = [(number, NOON - timedelta(hours=6 * (40 - number))) for number in range(1, 41)]
"""Forty snapshots, six hours apart, the last at noon of 31 March."""


@pytest.mark.parametrize(
    ("rules", "numbers"),
    [
        (Rules(last=3), [38, 39, 40]),
        (Rules(hourly=2), [39, 40]),
        (Rules(daily=3), [33, 37, 40]),  # of each day the newest
        (Rules(weekly=2), [34 - 1, 40]),
        (Rules(monthly=5), [40]),
        (Rules(yearly=1), [40]),
        (Rules(within=0.5), [38, 39, 40]),
        (Rules(last=1, within=0.25), [39, 40]),
        (Rules(daily=2, monthly=1), [37, 40]),
    ],
)
def test_rules(rules: Rules, numbers: list[int]) -> None:
    assert sorted(kept(HOURS, rules)) == numbers


def test_every_rule_says_why() -> None:
    reasons = kept(HOURS, Rules(last=1, daily=2))
    assert reasons == {40: "the newest, one of the last 1, daily", 37: "daily"}


def test_nothing_is_nothing() -> None:
    assert kept([], Rules(last=3)) == {}
    assert not Rules().any
    assert Rules(within=1).any


@examples(60, many=200)
@given(
    st.dictionaries(st.integers(1, 99), st.datetimes(timezones=st.just(UTC)), min_size=1),
    st.builds(Rules, **{rule: st.integers(0, 4) for rule in ("last", *PERIODS)}),
)
def test_no_rule_takes_away(taken: dict[int, datetime], rules: Rules) -> None:
    newest = max(taken)
    every = kept(taken.items(), rules)
    assert newest in every
    for rule in ("last", *PERIODS):
        alone = kept(taken.items(), Rules(**{rule: getattr(rules, rule)}))
        assert alone.keys() <= every.keys()
        assert len(alone) <= 1 + getattr(rules, rule)
