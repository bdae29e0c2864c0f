"""The rule ``require_tested``: what Lambda runs was tested, by digest, and nothing failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

from jotgraph.analysis.testing import NewestResult, Tested, unread_tests
from jotgraph.graph import ResourceGraph, about
from jotgraph.policy_check.policy import RequireTested
from jotgraph.queries.answers.check import Violation
from jotgraph.queries.answers.jots import Jot
from jotgraph.queries.jots import jots
from jotgraph.records.phrases import days, listed
from jotgraph.settings.spans import span_days

RULE = "require_tested"


class TestsRequired(NamedTuple):
    """The result of the rule."""

    violations: tuple[Violation, ...] = ()
    unknown: tuple[Violation, ...] = ()
    """What it could not judge."""
    failed: tuple[Violation, ...] = ()
    """Why it cannot pass, if something was not read."""


def tests_required(
    rule: bool | RequireTested, graph: ResourceGraph, ref: str | None
) -> TestsRequired:
    """Check every deployment of an image on Lambda that ``ls`` lists. A test that could not be read
    does not count as passed: where there may be one, the result is unknown."""
    if not rule:
        return TestsRequired()
    asked = rule if isinstance(rule, RequireTested) else RequireTested()
    violations: list[Violation] = []
    unknown: list[Violation] = []
    failed = [Violation(RULE, "", reason) for reason in unread_tests(graph)]
    rows = [
        jot for jot in jots(graph, ref=ref).jots if jot.function and not jot.service and _image(jot)
    ]
    for jot in rows:
        if not any(_named(jot, pattern) for pattern in asked.of):
            continue
        for because in _lacking(jot.tests, asked, about(graph).taken_at):
            violations.append(Violation(RULE, jot.id, because))
        if jot.tests.unknown:
            failed.append(Violation(RULE, jot.id, jot.tests.unknown))
    for pattern in asked.of:
        if pattern != "*" and not any(_named(jot, pattern) for jot in rows):
            unknown.append(Violation(RULE, "", f"nothing is named {pattern}"))
    return TestsRequired(tuple(violations), tuple(unknown), tuple(failed))


def _image(jot: Jot) -> bool:
    """Whether it runs an image: a zip package has none that could be tested."""
    return jot.package != "zip"


def _lacking(tests: Tested, asked: RequireTested, now: datetime) -> Iterator[str]:
    """Why the rule is violated; nothing when it holds."""
    if tests.failed:
        yield tests.statement()
        return
    counted = [case for case in tests.cases if _young(case, asked, now)]
    if not counted:
        if not tests.at:
            yield "no test of it is known"
        else:
            most = days(span_days(asked.max_age))
            yield f"it was last tested on {tests.at:%Y-%m-%d}, {most} allowed"
        return
    names = {case.name for case in counted}
    lacking = [
        pattern for pattern in asked.cases if not any(fnmatchcase(name, pattern) for name in names)
    ]
    if lacking:
        yield f"no passed case is named {listed(lacking)}"


def _young(case: NewestResult, asked: RequireTested, now: datetime) -> bool:
    if not asked.max_age:
        return True
    return (now - case.at).total_seconds() / 86400 <= span_days(asked.max_age)


def _named(jot: Jot, pattern: str) -> bool:
    """``live`` names an alias, ``checkout`` a function, ``checkout:7`` a version or alias."""
    own = [*(route.alias for route in jot.routes), *jot.qualifiers]
    names = [jot.function, *own, *(f"{jot.function}:{qualifier}" for qualifier in own)]
    return any(fnmatchcase(name, pattern) for name in names)
