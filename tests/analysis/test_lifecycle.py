"""Lifecycle policies: the examples of the ECR user guide, an oracle of plain sets, the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.analysis.lifecycle import Fate, fates, read_rules
from jotgraph.errors import OptionError
from jotgraph.records import EcrImage
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.factories import NOW, child, days_ago, digest, ecr_image
from tests.strength import examples


def rule(priority: int, status: str = "any", *tags: str, **fields: Any) -> dict[str, Any]:
    """``days=`` since the push (``kind=`` since what), or ``count=``."""
    selection: dict[str, Any] = {"tagStatus": status}
    if tags:
        selection["tagPatternList"] = list(tags)
    if "count" in fields:
        selection |= {"countType": "imageCountMoreThan", "countNumber": fields["count"]}
    else:
        kind = fields.get("kind", "sinceImagePushed")
        selection |= {"countType": kind, "countUnit": "days", "countNumber": fields["days"]}
        if kind == "sinceImageTransitioned":
            selection["storageClass"] = "archive"
    archive = {"type": "transition", "targetStorageClass": "archive"}
    action = archive if fields.get("archive") else {"type": "expire"}
    return {"rulePriority": priority, "selection": selection, "action": action}


def text(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": rules})


def old(n: int, days: float, *tags: str, **fields: Any) -> EcrImage:
    return ecr_image(n, *tags, **{"pushed_at": days_ago(days), **fields})


def go(policy: str, *images: EcrImage, now: datetime = NOW) -> dict[int, tuple[int, float | None]]:
    """Number of the image -> rule, and in how many days it goes."""

    def days(fate: Fate) -> float | None:
        return None if fate.at is None else (fate.at - now) / timedelta(days=1)

    return {
        int(fate.digest[7:], 16): (fate.rule, days(fate))
        for fate in fates(read_rules(policy), images, now)
    }


A, B, C = old(10, 10, "beta-1", "prod-1"), old(11, 9, "beta-2", "prod-2"), old(12, 8, "beta-3")


def test_guide_filtering_on_multiple_rules() -> None:
    prod, beta = ("tagged", "prod*"), ("tagged", "beta*")
    assert go(text(rule(1, *prod, count=1), rule(2, *beta, count=1)), A, B, C) == {10: (1, 0)}
    swapped = go(text(rule(1, *beta, count=1), rule(2, *prod, count=1)), A, B, C)
    assert swapped == {10: (1, 0), 11: (1, 0)}


def test_guide_filtering_on_multiple_tags_in_a_rule() -> None:
    images = (
        old(1, 12, "alpha-1"), old(2, 11, "beta-1"), old(3, 10, "alpha-2", "beta-2"),
        old(4, 4, "alpha-3"), old(5, 3, "beta-3"), old(6, 2, "alpha-4", "beta-4"),
    )  # fmt: skip
    found = go(text(rule(1, "tagged", "alpha*", "beta*", days=5)), *images)
    assert found == {3: (1, 0), 6: (1, 3)}


def test_guide_filtering_on_all_images() -> None:
    images = (
        old(1, 4, "alpha-1", "beta-1"), old(2, 3), old(3, 2, "alpha-2"), old(4, 1.5, "git hash"),
        old(5, 1),
    )  # fmt: skip
    assert go(text(rule(1, count=1)), *images) == dict.fromkeys((1, 2, 3, 4), (1, 0))
    policy = text(
        rule(1, "tagged", "alpha*", count=1), rule(2, "untagged", days=1), rule(3, count=1)
    )
    assert go(policy, *images) == {1: (1, 0), 2: (2, 0), 4: (3, 0), 5: (2, 0)}


def test_an_age_is_told_ahead() -> None:
    policy = text(rule(1, "untagged", days=14))
    assert go(policy, old(1, 4), old(2, 20), old(3, 20, "v1")) == {1: (1, 10), 2: (1, 0)}
    assert go(policy, ecr_image(1, pushed_at=None)) == {1: (1, None)}


def test_pulls_archive_and_the_archive_expires() -> None:
    policy = text(
        rule(1, days=30, kind="sinceImagePulled", archive=True),
        rule(2, days=90, kind="sinceImageTransitioned"),
    )
    pulled = old(1, 90, "v1", pulled_at=days_ago(10))
    archived = old(2, 90, "v2", status="ARCHIVED")
    assert go(policy, pulled, archived, old(3, 90)) == {1: (1, 20), 2: (2, None), 3: (1, 0)}


def test_what_an_index_holds_stays_while_it_does() -> None:
    part = old(1, 100)
    index = old(2, 5, "v1", children=(child(1),))
    untagged = rule(1, "untagged", days=14)
    assert go(text(untagged), part, index) == {}
    both = text(untagged, rule(2, days=30))
    assert go(both, part, index) == {1: (1, 25), 2: (2, 25)}
    archive = text(untagged, rule(2, days=3, archive=True))
    assert go(archive, part, index) == {2: (2, 0)}


def test_what_is_about_an_image_goes_with_it() -> None:
    signature = old(2, 1, "sig", subject=digest(1))
    assert go(text(rule(1, "untagged", days=14)), old(1, 20), signature) == {1: (1, 0), 2: (1, 0)}
    assert go(text(rule(1, "untagged", days=14)), old(1, 20, "v1"), signature) == {}


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("{", "not a lifecycle policy"),
        ("[]", "not a lifecycle policy"),
        (text(), "1 to 50 rules"),
        (text(rule(1, count=1), rule(1, "untagged", count=1)), "same rulePriority"),
        (text(rule(1, count=1), rule(2, "untagged", count=1)), "highest rulePriority"),
        (text(rule(1, "untagged", count=1), rule(2, "untagged", count=2)), "only one rule"),
        (text(rule(1, "tagged", count=1)), "tagStatus tagged alone"),
        (text(rule(1, "untagged", "v*", count=1)), "tagStatus tagged alone"),
        (text(rule(1, "tagged", "*a*b*c*d*", count=1)), "4 wildcards"),
        (text(rule(1, count=0)), "1 or more"),
        (text(rule(3, days=3, kind="sinceImagePulled")), "rule 3 .*transitions only"),
        (text(rule(1, days=3, kind="sinceImageTransitioned", archive=True)), "only expire"),
        (text(rule(1, days=3, kind="sinceImageBuilt")), "not a lifecycle policy"),
    ],
)  # fmt: skip
def test_what_ecr_refuses_is_refused(policy: str, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        read_rules(policy)


TAGS = ("a-1", "a-2", "b-1", "b-2", "ab")
PATTERNS = ("a*", "b*", "*b*", "a-1", "*")


@st.composite
def estates(draw: st.DrawFn) -> tuple[list[EcrImage], list[dict[str, Any]]]:
    """Images of different ages, each tag on one of them, and a policy that ECR takes."""
    ages = draw(st.lists(st.integers(0, 40), min_size=1, max_size=7, unique=True))
    homes = [draw(st.integers(-1, len(ages) - 1)) for _ in TAGS]
    images = [
        old(n, age + 0.5, *(tag for tag, home in zip(TAGS, homes, strict=True) if home == n))
        for n, age in enumerate(ages)
    ]
    many = draw(st.integers(0, 3))
    chosen = [
        ("tagged", draw(st.sets(st.sampled_from(PATTERNS), min_size=1, max_size=2)))
        for _ in range(many)
    ]
    if draw(st.booleans()):
        chosen.insert(draw(st.integers(0, len(chosen))), ("untagged", set()))
    if not chosen or draw(st.booleans()):
        chosen.append(("any", set()))
    rules = []
    for priority, (status, tags) in enumerate(chosen, 1):
        limit = {draw(st.sampled_from(("count", "days"))): draw(st.integers(1, 30))}
        rules.append(rule(priority * 3, status, *sorted(tags), **limit))
    return images, rules


def oracle(images: list[EcrImage], rules: list[dict[str, Any]]) -> dict[str, int]:
    """What goes now, by what each rule identifies and violates, as plain sets."""
    identified = {}
    for rule in rules:
        chosen = rule["selection"]
        status, patterns = chosen["tagStatus"], chosen.get("tagPatternList", [])
        identified[rule["rulePriority"]] = {
            image.digest
            for image in images
            if status == "any"
            or (status == "untagged" and not image.tags)
            or (
                status == "tagged"
                and all({t for t in image.tags if fnmatchcase(t, p)} for p in patterns)
            )
        }
    gone = {}
    for rule in rules:
        priority, chosen = rule["rulePriority"], rule["selection"]
        before = set().union(*(identified[p] for p in identified if p < priority))
        for image in images:
            if image.digest not in identified[priority] - before or image.pushed_at is None:
                continue
            newer = {
                other.digest
                for other in images
                if other.digest in identified[priority]
                and other.pushed_at
                and other.pushed_at > image.pushed_at
            }
            if chosen["countType"] == "imageCountMoreThan":
                goes = len(newer) >= chosen["countNumber"]
            else:
                goes = (NOW - image.pushed_at).days >= chosen["countNumber"]
            if goes:
                gone[image.digest] = priority
    return gone


def now_gone(images: list[EcrImage], rules: list[dict[str, Any]]) -> dict[str, int]:
    found = fates(read_rules(text(*rules)), images, NOW)
    return {fate.digest: fate.rule for fate in found if fate.at == NOW}


@examples(25, many=100)
@given(estates(), st.randoms())
def test_as_the_oracle_says_in_any_order(
    drawn: tuple[list[EcrImage], list[dict[str, Any]]], random: Any
) -> None:
    images, rules = drawn
    expected = oracle(images, rules)
    random.shuffle(images)
    assert now_gone(images, list(random.sample(rules, len(rules)))) == expected


@examples(25, many=100)
@given(estates(), st.integers(1, 60))
def test_what_is_told_ahead_comes_true(
    drawn: tuple[list[EcrImage], list[dict[str, Any]]], days: int
) -> None:
    images, rules = drawn
    later = NOW + timedelta(days=days)
    told = {
        f.digest for f in fates(read_rules(text(*rules)), images, NOW) if f.at and f.at <= later
    }
    then = fates(read_rules(text(*rules)), images, later)
    assert told == {f.digest for f in then if f.at == later}


@pytest.mark.parametrize(
    "rules",
    [
        (rule(1, "tagged", "prod*", count=1), rule(2, "tagged", "beta*", count=1)),
        (rule(1, "tagged", "beta*", "prod*", count=1), rule(2, "untagged", days=3)),
        (rule(1, "tagged", "beta*", days=9), rule(2, count=3)),
        (rule(1, days=3, kind="sinceImagePulled", archive=True),),
    ],
)
def test_the_preview_of_the_sandbox_agrees(aws: Sandbox, rules: tuple[dict[str, Any], ...]) -> None:
    now = datetime.now(UTC)
    seed.repository(aws, "app")
    tags = [("beta-1", "prod-1"), ("beta-2", "prod-2"), ("beta-3",), (), ("x",), ()]
    digests = [
        seed.image(
            aws, "app", *names, config=f"{n}".encode(), pushed=now - timedelta(days=10.5 - n),
            pulled=now - timedelta(days=1) if n == 1 else None,
        )
        for n, names in enumerate(tags)
    ]  # fmt: skip
    parent = seed.index(
        aws, "app", {digests[3]: "linux/amd64"}, "x-index", pushed=now - timedelta(days=0.2)
    )
    ecr = aws.client("ecr")
    ecr.start_lifecycle_policy_preview(repositoryName="app", lifecyclePolicyText=text(*rules))
    results = ecr.get_lifecycle_policy_preview(repositoryName="app")["previewResults"]
    images = [
        ecr_image(
            0,
            *names,
            pushed_at=now - timedelta(days=10.5 - n),
            pulled_at=now - timedelta(days=1) if n == 1 else None,
        )
        for n, names in enumerate(tags)
    ]

    images = [msgspec.structs.replace(i, digest=d) for i, d in zip(images, digests, strict=True)]
    index = ecr_image(
        0, "x-index", pushed_at=now - timedelta(days=0.2), children=(child(digests[3]),)
    )
    images.append(msgspec.structs.replace(index, digest=parent))
    found = fates(read_rules(text(*rules)), images, now)
    assert {(r["imageDigest"], r["appliedRulePriority"]) for r in results} == {
        (fate.digest, fate.rule) for fate in found if fate.at == now
    }
    assert {r["action"]["type"].lower() for r in results} <= {fate.action for fate in found}
