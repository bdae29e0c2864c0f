"""What repositories cost, what of it is unused, and what was not read."""

from __future__ import annotations

import pytest

from jotgraph.graph import build
from jotgraph.plan.planner import plan_cleanup
from jotgraph.queries.answers.costs import Costs
from jotgraph.queries.costs import costs
from jotgraph.queries.orphans import orphans
from jotgraph.records import Kind
from jotgraph.render.answers.costs import note
from tests.factories import (
    ACCOUNT,
    NOW,
    REGION,
    deployment,
    ecr_image,
    ecr_repository,
    gap,
    inventory,
    layer,
)

GB = 1_000_000_000


def asked(*records: object) -> Costs:
    return costs(build(inventory(*records)))


USED = (*deployment(), ecr_image(9, "kept", pushed_at=NOW, layers=(layer("k", GB),)))
UNUSED = ecr_image(2, repository="old", layers=(layer("o", 4 * GB),))
WORLD = (*USED, ecr_repository("old"), UNUSED)


def test_the_dearest_comes_first_with_what_nothing_uses() -> None:
    answer = asked(*WORLD)
    assert [row.id for row in answer.repositories] == [
        ecr_repository("old").id,
        ecr_repository("app").id,
    ]
    old, app = answer.repositories
    assert (old.images, old.orphans, old.unused) == (1, 1, old.stored)
    assert (app.orphans, app.unused.dollars) == (0, 0)
    assert answer.stored.dollars == pytest.approx(0.5)
    assert answer.unused.dollars == pytest.approx(0.4)


def test_orphans_and_a_cleanup_come_to_the_same() -> None:
    graph = build(inventory(*WORLD))
    answer, verdicts = costs(graph), orphans(graph)
    assert answer.unused.bytes == verdicts.freed.ecr
    planned = plan_cleanup(graph, now=NOW)
    assert planned.ecr_bytes == answer.unused.bytes
    assert planned.dollars_a_month == pytest.approx(answer.unused.dollars)


def test_images_that_were_not_read_are_said_and_not_counted_as_nothing() -> None:
    hidden = gap("ecr:DescribeImages", Kind.ECR_IMAGE, resource="old")
    old, app = reversed(asked(*USED, ecr_repository("old"), hidden).repositories)
    assert (old.stored.bytes, len(old.unread)) == (0, 1)
    assert f"ecr DescribeImages in {ACCOUNT}/{REGION}/old was not read" in old.unread[0]
    assert app.unread == ()


def test_repositories_that_were_not_read_are_said() -> None:
    denied = gap("ecr:DescribeRepositories", Kind.ECR_REPO)
    answer = asked(*USED, denied)
    assert len(answer.unread) == 1
    assert "$0.10 + unread a month" in note(answer)
    assert asked(*USED, gap("lambda:ListFunctions", Kind.FUNCTION)).unread == ()


def test_a_size_that_was_not_read_is_said() -> None:
    (row,) = asked(ecr_repository(), ecr_image(1, size=0, manifest_read=False)).repositories
    assert row.unread == ("the size of 1 image was not read",)
    answer = asked(ecr_repository(), ecr_image(1, size=0, manifest_read=False))
    assert note(answer).splitlines() == [
        "1 repository: $0.00 + unread a month, $0.00 + unread of it unused",
        f"Storage alone, at $0.10 a GB in us-east-1 as of 2026-03, assumed for {REGION}",
        "≤: layers may be shared with images whose manifests were not read",
        "+ unread: the size of 1 image was not read",
    ]


def test_an_empty_repository_costs_nothing() -> None:
    answer = asked(ecr_repository())
    (row,) = answer.repositories
    assert (row.images, row.stored.dollars, row.unread) == (0, 0, ())
    assert note(answer) == "1 repository: $0.00 a month, $0.00 of it unused"
