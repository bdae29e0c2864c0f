"""Orphans first, then what is unknown, a line for each reason."""

from __future__ import annotations

from jotgraph.analysis.usage import DOUBTS, Doubt, Verdict
from jotgraph.analysis.usage.sizes import Freed
from jotgraph.graph import About
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.records import ResourceId, kind_of
from jotgraph.render.answers.grid import Row
from jotgraph.render.answers.orphans import grid
from tests.factories import ACCOUNT, NOW, OTHER_REGION, REGION, digest, scope

ROLE = ResourceId(f"role:{ACCOUNT}/app")
LOCAL = ResourceId(f"local-image:{digest('local')}")
POLICY = Doubt("policy-unread", "the policy of app was not read")


def image(name: int, region: str = REGION) -> ResourceId:
    return ResourceId(f"ecr-image:{ACCOUNT}/{region}/app@{digest(name)}")


def judged(resource: ResourceId, verdict: Verdict, *doubts: Doubt) -> Judgement:
    because = doubts[0].statement if doubts else "unused"
    return Judgement(resource, kind_of(resource), verdict, because, doubts=doubts)


def unknown(resource: ResourceId, *doubts: Doubt) -> Judgement:
    return judged(resource, Verdict.UNKNOWN, *doubts)


def answer(orphans: tuple[Judgement, ...] = (), doubtful: tuple[Judgement, ...] = ()) -> Orphans:
    used = (judged(image(9), Verdict.IN_USE),)
    return Orphans(About(NOW, scope(), (), (), ()), (), used, orphans, doubtful, Freed())


def test_orphans_of_aws_come_before_those_of_the_engine() -> None:
    found = [LOCAL, image(1, OTHER_REGION), ROLE, image(2)]
    rows = grid(answer(tuple(judged(resource, Verdict.ORPHAN) for resource in found))).rows
    assert [row.resource for row in rows] == [image(2), image(1, OTHER_REGION), ROLE, LOCAL]
    assert {row.because for row in rows} == {"unused"}


def test_what_is_unknown_is_counted_by_its_first_reason() -> None:
    pulled = [Doubt("pulled", f"pulled {number} days ago") for number in (2, 3)]
    doubtful = (
        unknown(image(1), pulled[0], POLICY),
        unknown(image(2), pulled[1]),
        unknown(LOCAL, Doubt("pulled", "pulled 4 days ago")),
        unknown(ROLE, POLICY),
    )
    assert grid(answer(doubtful=doubtful)).rows == [
        Row("unknown", None, ("", ""), DOUBTS["pulled"], name="2 registry images, 1 local image"),
        Row("unknown", None, ("", ""), POLICY.statement, name="1 role"),
    ]


def test_each_unknown_one_on_request() -> None:
    doubtful = (unknown(image(1), POLICY, Doubt("pulled", "pulled today")), unknown(ROLE, POLICY))
    rows = grid(answer(doubtful=doubtful), unfold=True).rows
    assert [(row.word, row.resource, row.because) for row in rows] == [
        ("unknown", image(1), f"{POLICY.statement}; pulled today"),
        ("unknown", ROLE, POLICY.statement),
    ]


def test_what_is_in_use_comes_last_and_on_request() -> None:
    both = answer((judged(ROLE, Verdict.ORPHAN),), (unknown(image(1), POLICY),))
    assert [row.word for row in grid(both).rows] == ["orphan", "unknown"]
    rows = grid(both, everything=True).rows
    assert [row.word for row in rows] == ["orphan", "unknown", "in-use"]


def test_nothing_of_nothing() -> None:
    assert grid(answer()).rows == []
