"""Search at random for what the fixed examples of the property tests do not show.

    python -m tests.fuzz [--minutes 10] [--seed N] [--times 5] [PATH ...]

Rounds of all property tests, each with a seed of its own, which is printed; no round begins after
the minutes are over. The first round that fails ends the search. Its seed is kept in
``.hypothesis/failed-seeds`` and tried first by the next search, until it passes; what it found
belongs into the test as an ``@example``. ``--seed`` repeats one round.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from random import SystemRandom

FAILED = Path(__file__).parents[1] / ".hypothesis" / "failed-seeds"
"""Ignored by git; ``seed times`` a line."""


def one_round(seed: int, times: int, paths: list[str]) -> int:
    """Pytest's exit code of all property tests with this seed."""
    print(f"\npython -m tests.fuzz --seed {seed} --times {times} {' '.join(paths)}", flush=True)
    chosen = ["-m", "hypothesis", f"--hypothesis-seed={seed}", "-n", "auto", "-q"]
    environment = os.environ | {"JOTGRAPH_SEARCH": str(times)}
    command = [sys.executable, "-m", "pytest", *chosen, *paths]
    return subprocess.run(command, env=environment, check=False).returncode


def failed_before() -> list[tuple[int, int]]:
    """(seed, times) of the rounds that failed and have not passed since."""
    lines = FAILED.read_text("utf-8").splitlines() if FAILED.exists() else []
    return [(int(seed), int(times)) for seed, times in (line.split() for line in lines)]


def remember(rounds: list[tuple[int, int]]) -> None:
    FAILED.parent.mkdir(exist_ok=True)
    FAILED.write_text("".join(f"{seed} {times}\n" for seed, times in rounds), "utf-8")


def search(minutes: float, times: int, paths: list[str]) -> int:
    """Rounds that failed before, then new ones until the time is over; 0 when none fails."""
    end = time.monotonic() + 60 * minutes
    known = failed_before()
    while known or time.monotonic() < end:
        seed, repeated = known[0] if known else (SystemRandom().randrange(2**32), times)
        if code := one_round(seed, repeated, paths):
            remember(known or [(seed, repeated)])
            return code
        if known:
            remember(known := known[1:])
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="search at random with the property tests")
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no round after these")
    parser.add_argument("--seed", type=int, help="one round, with this seed")
    parser.add_argument("--times", type=int, default=5, help="so many times the plain examples")
    parser.add_argument("paths", nargs="*", default=["tests"], metavar="PATH")
    asked = parser.parse_args()
    if asked.seed is not None:
        return one_round(asked.seed, asked.times, asked.paths)
    return search(asked.minutes, asked.times, asked.paths)


if __name__ == "__main__":
    sys.exit(main())
