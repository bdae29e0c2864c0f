"""The token bucket, on a clock of its own."""

from __future__ import annotations

import math

import pytest

from jotgraph.sources.aws.rate_limit import TokenBucket


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _bucket(clock: Clock, rate: float, burst: float | None = None) -> TokenBucket:
    return TokenBucket(rate, burst, clock=clock.time, sleep=clock.sleep)


def _times(clock: Clock, bucket: TokenBucket, count: int) -> list[float]:
    times = []
    for _ in range(count):
        bucket.take()
        times.append(round(clock.now - 100, 6))
    return times


def test_calls_are_spread_after_the_burst() -> None:
    clock = Clock()
    assert _times(clock, _bucket(clock, 10, 3), 6) == [0, 0, 0, 0.1, 0.2, 0.3]


def test_no_second_admits_more_than_rate_and_burst() -> None:
    clock = Clock()
    times = _times(clock, _bucket(clock, 15), 100)
    assert all(sum(t <= u < t + 1 for u in times) <= 15 + 1.5 + 1 for t in times)


def test_idle_time_saves_up_no_more_than_the_burst() -> None:
    clock = Clock()
    bucket = _bucket(clock, 10, 2)
    bucket.take()
    clock.now += 60
    assert _times(clock, bucket, 4) == [60, 60, 60.1, 60.2]


def test_a_pause_holds_everyone_back() -> None:
    clock = Clock()
    bucket = _bucket(clock, 10, 1)
    bucket.pause(5)
    assert _times(clock, bucket, 2) == [5.1, 5.2]


def test_an_unpaced_bucket_waits_for_pauses_only() -> None:
    clock = Clock()
    bucket = _bucket(clock, math.inf)
    assert _times(clock, bucket, 2) == [0, 0]
    bucket.pause(3)
    assert _times(clock, bucket, 2) == [3, 3]


def test_a_rate_is_above_nought() -> None:
    with pytest.raises(ValueError, match="above 0"):
        TokenBucket(0)
