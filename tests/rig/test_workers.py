"""There are more workers than cores, and fewer where memory is short."""

from __future__ import annotations

import pytest

from tests.rig.workers import SAID, available_memory, pytest_xdist_auto_num_workers, workers

GIB = 1 << 30


@pytest.mark.parametrize(
    ("cores", "memory", "count"), [(2, 24 * GIB, 3), (2, 2 * GIB, 2), (16, 8 * GIB, 8), (1, 1, 1)]
)
def test_more_than_cores_as_far_as_there_is_memory(cores: int, memory: int, count: int) -> None:
    assert workers(cores, memory) == count


def test_memory_is_what_is_available() -> None:
    told = "MemTotal:       24000000 kB\nMemAvailable:    2097152 kB\nHugePages_Total:       0\n"
    assert available_memory(told) == 2 * GIB


def test_who_says_how_many_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SAID, raising=False)
    counted = pytest_xdist_auto_num_workers()
    assert counted is not None
    assert counted >= 1
    monkeypatch.setenv(SAID, "7")
    assert pytest_xdist_auto_num_workers() is None
