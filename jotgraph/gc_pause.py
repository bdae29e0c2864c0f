"""Python's cyclic garbage collector, held off while much is made that is no garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off() -> Iterator[None]:
    """Loading, building or judging a large estate makes no garbage; the collector would scan what
    is there again and again (three times slower). What was made counts as old afterwards, for
    else the next collection would scan all of it as young."""
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
