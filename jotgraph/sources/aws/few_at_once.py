"""Reads a batch with few threads of a pool, taking turns with other batches."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

MOMENT = 0.05
"""Seconds for which a thread takes one item after another before it queues again: less than one
call of Lambda's paced control plane."""


def few_at_once(
    pool: Executor, read: Callable[[T], U], items: Sequence[T], most: int
) -> tuple[U, ...]:
    """Read every item with at most this many threads of the pool; results are in the order of
    ``items``.

    A single item is read by the caller. A thread continues with further items for a moment, because
    handing each one over takes 5 us and often a thread switch. Then it queues again, so that a
    large batch does not delay the others.
    """
    if len(items) == 1:
        return (read(items[0]),)
    left = iter(enumerate(items))  # next() of it is one step, whichever thread takes it
    results: dict[int, U] = {}

    def some() -> bool:
        """Read items for a moment; return whether any may be left."""
        until = time.monotonic() + MOMENT
        for number, item in left:
            results[number] = read(item)
            if time.monotonic() >= until:
                return True
        return False

    reading = deque(pool.submit(some) for _ in items[:most])
    while reading:
        if reading.popleft().result():
            reading.append(pool.submit(some))
    return tuple(results[number] for number in range(len(items)))
