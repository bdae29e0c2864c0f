"""How often the run tried to break something: counted by every worker, printed at the end with
what share of the places that is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.strength import EVERY_PLACE, IN_CI, LEFT
from tests.tally import TRIED, WALKS

SHARE = (
    "every place"
    if EVERY_PLACE
    else f"a share of the places (docs/testing.md): {'' if IN_CI else 'CI=true tries more, '}"
    "JOTGRAPH_THOROUGH=1 every one"
)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of a worker to the process that prints them."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["tried"], output["left"] = dict(TRIED), dict(LEFT)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take the counts of a worker that is done."""
    output = getattr(node, "workeroutput", {})
    TRIED.update(output.get("tried", {}))
    LEFT.clear()  # each worker collects all tests
    LEFT.update(output.get("left", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was tried."""
    tried = [f"{TRIED[walk]:,} {walk}" for walk in WALKS if TRIED[walk]]
    if tried:
        terminalreporter.line(f"tried: {'; '.join(tried)}: {SHARE}")
    left = [f"{count} {table}" for table, count in sorted(LEFT.items()) if count]
    if left:
        terminalreporter.line(f"left to CI=true: {'; '.join(left)}")
