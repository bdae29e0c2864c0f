"""What the tests cost: ``--times`` prints CPU seconds by file, and of the dearest tests.

Seconds of the test's process and of the programs that it waited for; wall time says little on a
machine that does other things too. What a shared fixture costs is booked on the test that was the
first to ask for it.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator

import pytest

CPU = "CPU seconds"
SPENT = pytest.StashKey[float]()
DEAREST = 40


def cpu_seconds() -> float:
    """What this process and the children that it waited for have used so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--times", action="store_true", help="print CPU seconds by file and by test")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on each report what was spent since the one before it."""
    report = yield
    if not item.config.getoption("times"):
        return report
    now = cpu_seconds()
    report.user_properties.append((CPU, now - item.config.stash.get(SPENT, now)))
    item.config.stash[SPENT] = now
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The totals, in the process that prints."""
    if not terminalreporter.config.getoption("times"):
        return
    tests: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            spent = dict(getattr(report, "user_properties", ())).get(CPU)
            if isinstance(spent, float):
                tests[report.nodeid] += spent
    files: dict[str, float] = defaultdict(float)
    for nodeid, spent in tests.items():
        files[nodeid.partition("::")[0]] += spent
    terminalreporter.section(f"{sum(tests.values()):.0f} CPU seconds in {len(tests)} tests")
    for title, counted in (("files", files), ("tests", tests)):
        terminalreporter.line(f"the dearest {title}")
        dearest = sorted(counted.items(), key=lambda row: -row[1])[:DEAREST]
        for name, spent in dearest:
            terminalreporter.line(f"{spent:8.2f} {name}")
