"""One batch of calls: in order, by few threads at once, and by turns with other batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jotgraph.clients import connect
from jotgraph.errors import CallFailedError, Failure
from jotgraph.sources.aws import few_at_once
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.rate_limit import Buckets

WORKERS = 3


class Pool(ThreadPoolExecutor):
    """Counts what it is given."""

    given = 0

    def submit(self, *args: Any, **words: Any) -> Any:
        self.given += 1
        return super().submit(*args, **words)


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(WORKERS) as pool:
        yield pool


@pytest.fixture
def place(pool: Pool) -> RegionClient:
    (session,) = connect(use_docker=False, regions=("us-east-1",), workers=WORKERS).aws
    return RegionClient(session, "123456789012", "us-east-1", Buckets({}), pool)


@pytest.mark.parametrize("moment", [0.0, 60.0])
@pytest.mark.parametrize("count", [0, 1, WORKERS, 200])
def test_results_are_in_the_order_of_the_items(
    place: RegionClient, count: int, moment: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_at_once, "MOMENT", moment)
    lost = Failure("error", "lost")

    def read(number: int) -> int:
        if number % 7 == 5:
            raise CallFailedError(lost)
        return -number

    results = place.each("numbers", read, range(count))
    assert results == tuple(lost if number % 7 == 5 else -number for number in range(count))


def test_as_many_are_read_at_once_as_a_place_has_workers(place: RegionClient) -> None:
    under_way, most = set[int](), 0
    together = threading.Barrier(WORKERS)
    lock = threading.Lock()

    def read(number: int) -> None:
        nonlocal most
        with lock:
            under_way.add(number)
            most = max(most, len(under_way))
        together.wait(30)
        with lock:
            under_way.remove(number)

    place.each("numbers", read, range(10 * WORKERS))
    assert most == WORKERS


def test_a_batch_whose_items_take_long_lets_others_take_turns(
    place: RegionClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_at_once, "MOMENT", 0.0)
    every_thread, in_line = threading.Barrier(WORKERS + 1), threading.Event()
    other = threading.Event()

    def read(number: int) -> bool:
        if number < WORKERS:
            every_thread.wait(30)
            return in_line.wait(30)
        return number < 100 or other.wait(30)

    with ThreadPoolExecutor(2) as beside:
        long = beside.submit(place.each, "long", read, range(200))
        every_thread.wait(30)
        short = beside.submit(place.each, "short", lambda _: other.set(), range(2))
        while pool.given < WORKERS + 2:  # the first of the two is in the line then
            time.sleep(0.001)
        in_line.set()
        assert short.result() == (None, None)
        assert long.result() == (True,) * 200


def test_items_that_take_no_time_are_not_handed_over_one_by_one(
    place: RegionClient, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_at_once, "MOMENT", 60.0)
    assert place.each("numbers", abs, range(200)) == tuple(range(200))
    assert pool.given == WORKERS


def test_an_error_that_is_no_failed_call_ends_the_batch(place: RegionClient) -> None:
    def read(number: int) -> int:
        return 1 // (5 - number)

    with pytest.raises(ZeroDivisionError):
        place.each("numbers", read, range(200))
