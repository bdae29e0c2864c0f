"""Pauses Python's cyclic garbage collector while many lasting objects are created."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000
_frozen = False


@contextmanager
def collector_off() -> Iterator[None]:
    """Turn the collector off, then promote everything allocated to its oldest generation. Loading,
    building or judging a large inventory creates no garbage, and scanning it repeatedly takes three
    times as long; so would the next collection if all of it were young."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not _is_frozen():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


@contextmanager
def collector_patient() -> Iterator[None]:
    """Let the collector wait for 10,000 new objects instead of 700. A scan's records stay;
    examining them, and all models of services, took a twelfth of its time. The collector is not
    off, because a scan may take hours and botocore and urllib3 leave garbage behind."""
    young, *older = gc.get_threshold()
    if 0 < young < YOUNG:
        gc.set_threshold(YOUNG, *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)


def _is_frozen() -> bool:
    """Whether the process has frozen objects, which are then left so. The answer is cached once
    true, because counting frozen objects visits all of them."""
    global _frozen
    _frozen = _frozen or gc.get_freeze_count() > 0
    return _frozen
