"""Python's cyclic garbage collector, held off while much is made that is no garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

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


def _is_frozen() -> bool:
    """Whether the process has frozen anything, which is then left so. It is asked until it has: to
    count what is frozen goes through all of it."""
    global _frozen
    _frozen = _frozen or gc.get_freeze_count() > 0
    return _frozen
