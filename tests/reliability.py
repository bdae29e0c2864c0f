"""Try what could lose something, and print what was tried and what was lost.

    python -m tests.reliability [-n WORKERS]

Runs the tests below and counts their attempts; each asserts that nothing was lost by it, so that a
test that fails is a loss. ``CI=true`` and ``JOTGRAPH_THOROUGH=1`` try more, as everywhere
(``tests/strength.py``). What this machine cannot run (a Docker engine, a registry) is named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

from tests.tally import ENGINE, ROWS, TRIED

FILES = (
    "tests/apply/test_everywhere.py",
    "tests/apply/test_kill.py",
    "tests/apply/test_quarantine_kill.py",
    "tests/apply/test_undo_killed.py",
    "tests/apply/test_backup_files.py",
    "tests/apply/test_broken_engine.py",
    "tests/apply/test_races.py",
    "tests/apply/test_again.py",
    "tests/sources/git/test_canaries.py",
    "tests/fuzzing/test_targets.py",
    "tests/live/test_apply_docker.py",
    "tests/live/test_round_trip.py",
)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was tried, and what was lost."""
    stats = terminalreporter.stats
    TRIED[ENGINE] = sum("tests/live/" in report.nodeid for report in stats.get("passed", ()))
    for line in table(len(stats.get("failed", ())) + len(stats.get("error", ()))):
        terminalreporter.write_line(line)


def table(lost: int) -> list[str]:
    """One line for each kind of attempt, and one for what was lost."""
    width = max(map(len, ROWS))
    lines = [f"{row:<{width}}  {TRIED[row]:>7,}" for row in ROWS]
    return ["", *lines, f"{'data lost, or a wrong report':<{width}}  {lost:>7,}"]


def main() -> int:
    parser = argparse.ArgumentParser(description="try what could lose something")
    parser.add_argument("-n", dest="workers", default="auto", help="workers of pytest-xdist")
    workers = parser.parse_args().workers
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "tests.reliability"]
    return subprocess.run([*command, *FILES], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
