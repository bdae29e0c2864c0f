"""A batch of items that few threads of a pool read, by turns with other batches."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

MOMENT = 0.05
"""Seconds for which a thread takes one item after another before it waits in line again: less than
one call of Lambda's control plane, which is paced."""


def few_at_once(
    pool: Executor, read: Callable[[T], U], items: Sequence[T], most: int
) -> tuple[U, ...]:
    """Read every item by at most so many threads of the pool; results in the order of ``items``.

    A single item is read by the caller, who would wait for it. A thread goes on with the next item
    for a moment: to hand each to the pool, and its result back, would take 5 us and often a switch
    of threads. Then it waits in line again, so that a large batch holds up no other."""
    if len(items) == 1:
        return (read(items[0]),)
    left = iter(enumerate(items))  # next() of it is one step, whichever thread takes it
    results: dict[int, U] = {}

    def some() -> bool:
        """Read items for a moment; whether any may be left."""
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
