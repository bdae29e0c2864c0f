"""The rule on test results from ``test`` and ``invoke``."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.testing import tested
from jotgraph.records import Missing


def tests(on: Subject) -> Iterator[Finding]:
    """The newest result of each test of the image or images that it runs, and why there may be
    more."""
    if isinstance(on.node, Missing):
        return
    known = tested(on.graph, on.id)
    if known.failed:
        yield on.finding(Code.TEST_FAILED, known.statement())
    elif known.cases:
        yield on.finding(Code.TESTED, known.statement())
    if known.unknown:
        statement = f"whether it was tested is not known: {known.unknown}"
        yield on.unknown(Code.TESTED, Fact.TESTS, statement)
