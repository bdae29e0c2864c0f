"""The collector is as it was when the block is left."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from jotgraph.gc_pause import YOUNG, collector_patient


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)


def test_a_patient_collector_waits_for_more() -> None:
    gc.set_threshold(700, 10, 10)
    with collector_patient():
        assert gc.get_threshold() == (YOUNG, 10, 10)
        assert gc.isenabled()
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("young", [0, 50_000])
def test_one_that_is_off_or_more_patient_stays_so(young: int) -> None:
    gc.set_threshold(young, 10, 10)
    with collector_patient():
        assert gc.get_threshold() == (young, 10, 10)
