"""Counts what tests tried to break, for ``python -m tests.reliability``."""

from __future__ import annotations

from collections import Counter

KILLS, FAULTS = "kills", "faults of a call"
SOCKETS = "kills -9 of a process, on real sockets"
DISK = "failures of the disk under a backup"
RACES = "races"
WINDOW = "of these, in the window that AWS leaves open (docs/deleting.md)"
WALKED = "blocks and doubts that arose between plan and apply"
UNSET = "blocks and doubts that cannot arise then"
CANARIES, SUNG = "canaries planted in a git repository", "canaries that were run"
FUZZED = "damaged inputs"
ENGINE = "tests on a real Docker engine or registry"
ROWS = (KILLS, SOCKETS, FAULTS, DISK, RACES, WINDOW, WALKED, UNSET, CANARIES, SUNG, FUZZED, ENGINE)
"""What is counted, in the order in which it is printed."""
WALKS = (KILLS, SOCKETS, FAULTS, DISK, RACES)
"""Of these, what is tried at a share of the places unless every one is asked for."""


TRIED: Counter[str] = Counter()
"""What was tried by this process, and how often."""


def tried(what: str, count: int = 1) -> None:
    """Count one more attempt; the test asserts that nothing was lost by it."""
    TRIED[what] += count
