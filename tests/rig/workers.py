"""How many workers ``-n auto`` starts: more than there are cores, for a test that waits for an
engine, a browser or a program leaves its core to others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EACH = 1 << 30
"""Bytes of memory for a worker with an engine, a browser or Spark, of which few have all."""
SAID = "PYTEST_XDIST_AUTO_NUM_WORKERS"


def workers(cores: int, memory: int) -> int:
    """One more than cores, as far as there is memory for them."""
    return max(1, min(cores + 1, memory // EACH))


def available_memory(meminfo: str) -> int:
    """Bytes that programs may take, by the text of /proc/meminfo."""
    rows = dict(line.split(":", 1) for line in meminfo.splitlines() if ":" in line)
    return int(rows["MemAvailable"].split()[0]) << 10


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """As many, unless the environment says how many."""
    if os.environ.get(SAID):
        return None
    meminfo = Path("/proc/meminfo").read_text()
    return workers(len(os.sched_getaffinity(0)), available_memory(meminfo))
