"""Python's cyclic garbage collector, held off while much is made that is no garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
