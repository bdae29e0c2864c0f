"""What the applying side allows, whatever a plan says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from jotgraph.errors import OptionError
from jotgraph.plan import Limits, Plan, Step
from jotgraph.plan.limits import exceeded, forbidden, outside_scope, parse_limits
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.records import Kind, ResourceId, kind_of
from tests.factories import ACCOUNT, HERE, LONG_AGO, REGION, digest, scope

OTHER = "999988887777"


def plan(*steps: str, places: tuple[tuple[str, str], ...] = (HERE,), **fields: Any) -> Plan:
    return Plan(
        asked="plan",
        made_at=LONG_AGO,
        expires_at=LONG_AGO + LIFETIME,
        taken_at=LONG_AGO,
        scope=scope(*places),
        complete=True,
        steps=tuple(
            Step(id=ResourceId(step), action=ACTIONS[kind_of(ResourceId(step))], because="unused")
            for step in steps
        ),
        **fields,
    )


def images(count: int) -> list[str]:
    return [f"ecr-image:{ACCOUNT}/{REGION}/app@{digest(n)}" for n in range(count)]


def test_a_share_of_a_kind() -> None:
    half = ((Kind.ECR_IMAGE, 40),)
    assert exceeded(plan(*images(20), judged_of=half), Limits()) == ""
    assert exceeded(plan(*images(21), judged_of=half), Limits()) == (
        "21 of 40 registry images, 50 % allowed (--max-percent 53)"
    )
    assert exceeded(plan(*images(21), judged_of=half), Limits(max_percent=53)) == ""


def test_a_few_may_go_whatever_share_they_are() -> None:
    assert exceeded(plan(*images(10), judged_of=((Kind.ECR_IMAGE, 10),)), Limits()) == ""
    assert exceeded(plan(*images(11), judged_of=((Kind.ECR_IMAGE, 11),)), Limits()) != ""


def test_a_plan_that_does_not_say_how_many_there_are_takes_them_all() -> None:
    assert exceeded(plan(*images(11)), Limits()) == (
        "11 of 11 registry images, 50 % allowed (--max-percent 100)"
    )


def test_a_count() -> None:
    many = ((Kind.ECR_IMAGE, 1000),)
    assert exceeded(plan(*images(100), judged_of=many), Limits()) == ""
    assert exceeded(plan(*images(101), judged_of=many), Limits()) == (
        "101 steps, 100 allowed (--max-count 101)"
    )
    assert exceeded(plan(*images(101), judged_of=many), Limits(max_count=101)) == ""
    assert exceeded(plan(), Limits(max_count=0)) == ""


STEPS = plan(f"ecr-repo:{ACCOUNT}/{REGION}/app", f"role:{ACCOUNT}/team/app")


@pytest.mark.parametrize(
    ("limits", "because"),
    [
        (Limits(), ""),
        (
            Limits(
                accounts=(ACCOUNT,),
                regions=(REGION,),
                must_read=(REGION,),
                protect=("other", "app-*"),
            ),
            "",
        ),
        (Limits(accounts=(OTHER,)), f"account {ACCOUNT} is not among those of the policy file"),
        (Limits(regions=("us-east-1",)), f"region {REGION} is not among those of the policy file"),
        (
            Limits(must_read=("us-east-1",)),
            f"us-east-1 must have been read in {ACCOUNT}, and was not",
        ),
        (Limits(protect=("app",)), "the policy file protects app"),
    ],
)
def test_what_is_never_allowed(limits: Limits, because: str) -> None:
    assert forbidden(STEPS, limits).partition(": ")[2].endswith(because)
    assert bool(forbidden(STEPS, limits)) == bool(because)
    engine = plan(f"local-image:{digest(1)}")
    assert forbidden(engine, replace(limits, protect=())) == ""


@pytest.mark.parametrize(
    ("image", "tags", "pattern", "stays"),
    [
        (f"ecr-image:{ACCOUNT}/{REGION}/team/app@{digest(1)}", "prod-7 v1", "app:prod-*", True),
        (f"ecr-image:{ACCOUNT}/{REGION}/team/app@{digest(1)}", "prod-7 v1", "team/app:v1", True),
        (f"ecr-image:{ACCOUNT}/{REGION}/team/app@{digest(1)}", "prod-7 v1", "app:v2", False),
        (f"local-image:{digest(1)}", "team/app:dev", "team/app:*", True),
        (f"local-image:{digest(1)}", "team/app:dev", "app:*", False),
    ],
)
def test_an_image_is_protected_by_each_of_its_tags(
    image: str, tags: str, pattern: str, stays: bool
) -> None:
    made = plan(image)
    steps = tuple(replace(step, fingerprint=(("tags", tags),)) for step in made.steps)
    because = forbidden(replace(made, steps=steps), Limits(protect=(pattern,)))
    assert because == (f"{image}: the policy file protects {pattern}" if stays else "")


@pytest.mark.parametrize(
    ("part", "facts"),
    [
        (f"ecr-image:{ACCOUNT}/{REGION}/team/app@{digest(1)}", {}),
        (f"version:{ACCOUNT}/{REGION}/app:1", {}),
        (f"alias:{ACCOUNT}/{REGION}/app:live", {}),
        (
            f"trigger:{ACCOUNT}/{REGION}/4711",
            {"function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:app:live"},
        ),
    ],
)
def test_what_protects_a_repository_or_function_protects_its_parts(
    part: str, facts: dict[str, str]
) -> None:
    """As a tag on it does."""
    made = plan(part)
    steps = tuple(replace(step, fingerprint=tuple(facts.items())) for step in made.steps)
    for pattern, stays in (
        ("app", True), (f"{ACCOUNT}/*/*app", True), ("ap", False), ("live", False),
        ("ecr-repo:*", False), ("function:*", False),
    ):  # fmt: skip
        because = forbidden(replace(made, steps=steps), Limits(protect=(pattern,)))
        assert because == (f"{part}: the policy file protects {pattern}" if stays else "")


def test_no_plan_has_steps_outside_its_scope() -> None:
    assert outside_scope(STEPS) == ""
    for places in ((), ((OTHER, REGION),), ((ACCOUNT, "us-east-1"),)):
        assert outside_scope(replace(STEPS, scope=scope(*places))) == (
            f"ecr-repo:{ACCOUNT}/{REGION}/app is in {REGION} of {ACCOUNT}, "
            "which its scope does not hold"
        )
    role = plan(f"role:{ACCOUNT}/app", places=())
    assert (
        outside_scope(role) == f"role:{ACCOUNT}/app is in {ACCOUNT}, which its scope does not hold"
    )
    assert outside_scope(plan(f"local-image:{digest(1)}", places=())) == ""


def test_a_policy_file_says_what_is_allowed() -> None:
    table = {"max-count": 5, "accounts": [ACCOUNT], "accept_gaps": ["lambda:GetPolicy"]}
    assert parse_limits(table, "p.toml") == Limits(
        max_count=5, accounts=(ACCOUNT,), accept_gaps=("lambda:GetPolicy",)
    )
    assert parse_limits({}, "p.toml") == Limits()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"max_cuont": 5}, "unknown key 'max_cuont' in apply; did you mean 'max_count'?"),
        ({"accounts": ACCOUNT}, "Expected `array`"),
        ({"max_count": -1}, "max_count is 0 or more"),
        ({"max_percent": 101}, "max_percent from 0 to 100"),
        ({"accept_gaps": ["*"]}, r"accept_gaps takes names, and \* is a pattern"),
    ],
)
def test_a_policy_file_that_is_wrong_says_where(table: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        parse_limits(table, "p.toml")
