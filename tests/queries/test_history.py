"""What ran when, by stored scans."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from jotgraph.analysis.health import Code
from jotgraph.analysis.since import Saw, span_of
from jotgraph.analysis.since.model import Span
from jotgraph.graph import build
from jotgraph.queries.answers.history import History
from jotgraph.queries.history import StoredScan, history
from jotgraph.records import ResourceId
from tests.factories import (
    alias,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    role,
    version,
)
from tests.queries.test_staleness import GIT, LINE, SHAS

YES, NO, UNREAD = Saw.YES, Saw.NO, Saw.UNREAD


@pytest.mark.parametrize(
    ("saw", "since", "at_least", "not_before", "unread"),
    [
        ([YES], 1, True, None, 0),
        ([YES, YES], 2, True, None, 0),
        ([YES, NO, YES], 1, False, 2, 0),
        ([YES, YES, NO], 2, False, 3, 0),
        ([YES, UNREAD, YES, NO], 3, False, 4, 1),
        ([YES, UNREAD, NO], 1, True, 3, 1),
        ([UNREAD, YES, NO], 2, False, 3, 1),
        ([YES, UNREAD], 1, True, None, 1),
    ],
)
def test_spans(
    saw: list[Saw], since: int, at_least: bool, not_before: int | None, unread: int
) -> None:
    until = next(number for number, seen in enumerate(saw, 1) if seen is YES)
    assert span_of((days_ago(number), seen) for number, seen in enumerate(saw, 1)) == Span(
        since=days_ago(since),
        at_least=at_least,
        not_before=days_ago(not_before) if not_before else None,
        until=days_ago(until),
        unread=unread,
    )


@pytest.mark.parametrize("saw", [[], [NO], [UNREAD], [UNREAD, NO, YES], [NO, YES]])
def test_what_is_not_so_has_no_span(saw: list[Saw]) -> None:
    assert span_of((days_ago(number), seen) for number, seen in enumerate(saw, 1)) is None


def scan(days: int, *records: object) -> StoredScan:
    world = inventory(*records, taken_at=days_ago(days))
    return StoredScan(f"prod#{10 - days}", world, lambda: build(world))


REVISION = "org.opencontainers.image.revision"
SOURCE = ("org.opencontainers.image.source", "https://github.com/acme/shop")


def image(number: int, sha: str) -> object:
    return ecr_image(number, labels=((REVISION, sha), SOURCE), config_read=True)


IMAGES = (ecr_repository(), image(1, SHAS[1]), image(2, SHAS[2]), role(), *LINE, GIT)


def timeline(answer: History) -> list[tuple[object, ...]]:
    return [
        (
            deployment.there and tuple(text[-1] for text in deployment.digests),
            deployment.commits,
            deployment.span.since,
            deployment.span.at_least,
            deployment.span.not_before,
            deployment.span.unread,
            deployment.snapshot,
        )
        for deployment in answer.deployments
    ]


PAY = function("pay", runs=1).id
ONE, TWO = digest(1)[-1], digest(2)[-1]


def test_a_timeline_has_what_ran_with_its_commits_and_bounds() -> None:
    scans = [
        scan(1, *IMAGES, function("pay", runs=2)),
        scan(2, *IMAGES, function("pay", runs=2)),
        scan(3, *IMAGES, gap("lambda:ListFunctions")),
        scan(4, *IMAGES, function("pay", runs=1)),
        scan(5, *IMAGES),
        scan(6, *IMAGES, function("pay", runs=1)),
    ]
    answer = history(PAY, scans[0], scans[1:])
    assert timeline(answer) == [
        ((TWO,), (SHAS[2],), days_ago(2), True, days_ago(4), 1, "prod#8"),
        ((ONE,), (SHAS[1],), days_ago(4), False, days_ago(5), 0, "prod#6"),
        (False, (), days_ago(5), False, days_ago(6), 0, "prod#5"),
        ((ONE,), (SHAS[1],), days_ago(6), True, None, 0, "prod#4"),
    ]
    assert (answer.scans, answer.first) == (6, days_ago(6))


def test_an_alias_runs_what_its_versions_run() -> None:
    both = (function("pay", runs=2), version(1, runs=1), version(2, runs=2))
    scans = [
        scan(1, *IMAGES, *both, alias("live", 2)),
        scan(2, *IMAGES, *both, alias("live", 1, weights=(("2", 0.1),))),
        scan(3, *IMAGES, *both, alias("live", 1)),
        scan(4, *IMAGES, function("pay", runs=2), alias("live", 1)),
    ]
    answer = history(alias("live", 2).id, scans[0], scans[1:])
    assert [(deployment.version, deployment.weights) for deployment in answer.deployments] == [
        ("2", ()),
        ("1", (("2", 0.1),)),
        ("1", ()),
    ]
    assert answer.deployments[-1].span == Span(
        since=days_ago(3), at_least=True, until=days_ago(3), unread=1
    )


def test_findings_since() -> None:
    gone = (ecr_repository(), role())
    scans = [
        scan(1, *gone, function("pay", runs=1)),
        scan(2, *gone, function("pay", runs=1)),
        scan(3, *gone, function("pay", runs=1), gap("ecr:DescribeImages")),
        scan(4, *IMAGES, function("pay", runs=1)),
    ]
    answer = history(PAY, scans[0], scans[1:])
    spans = {finding.code: finding.span for finding in answer.findings}
    assert spans[Code.BROKEN] == Span(
        since=days_ago(2), at_least=True, not_before=days_ago(4), until=days_ago(1), unread=1
    )
    whole = history(PAY, scans[0], [scans[1], scans[3]])
    assert whole.findings[0].span == Span(
        since=days_ago(2), at_least=False, not_before=days_ago(4), until=days_ago(1)
    )


def test_what_runs_nothing_has_findings_alone() -> None:
    world = scan(1, ecr_repository(), ecr_image(1), role(created_at=days_ago(400)))
    answer = history(ecr_image(1).id, world, ())
    assert answer.deployments == ()


def test_a_scan_that_read_nothing_is_counted() -> None:
    def empty(at: datetime) -> StoredScan:
        nothing = inventory(places=(), taken_at=at)
        return StoredScan("prod#1", nothing, lambda: build(nothing))

    newest = scan(1, *IMAGES, function("pay", runs=1))
    answer = history(PAY, newest, [empty(days_ago(2)), scan(3, *IMAGES, function("pay", runs=1))])
    (one,) = answer.deployments
    assert one.span == Span(since=days_ago(3), at_least=True, until=days_ago(1), unread=1)


def test_a_resource_that_nobody_knows() -> None:
    newest = scan(1, *IMAGES)
    answer = history(ResourceId(PAY.replace("pay", "gone")), newest, ())
    assert [deployment.there for deployment in answer.deployments] == [False]
    assert msgspec.structs.asdict(answer)["findings"] == ()
