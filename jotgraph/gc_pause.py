"""Python's cyclic garbage collector, held off while much is made that is no garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000
_frozen = False


@contextmanager
def collector_off() -> Iterator[None]:
    """Hold the collector off, then promote what was allocated to its oldest generation.

    Loading, building or judging a large inventory makes no garbage, and scanning it again and
    again takes three times as long; so would the next collection, were it all young."""
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
    """Let the collector wait for 10,000 new objects instead of 700.

    The answers of a scan are records that stay; looking through them, and through all models of
    services, took a twelfth of its time. It is not off, for a scan may take hours, and what
    botocore and urllib3 leave behind is garbage."""
    young, *older = gc.get_threshold()
    if 0 < young < YOUNG:
        gc.set_threshold(YOUNG, *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)


def _is_frozen() -> bool:
    """Whether the process has frozen anything, which is then left so. It is asked until it has: to
    count what is frozen goes through all of it."""
    global _frozen
    _frozen = _frozen or gc.get_freeze_count() > 0
    return _frozen
