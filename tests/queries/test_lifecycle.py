"""What a lifecycle policy does to what runs, and policies that do not harm it."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.analysis.lifecycle import fates, read_rules
from jotgraph.analysis.usage import Verdict
from jotgraph.errors import OptionError
from jotgraph.graph import about, build, of_kind, record
from jotgraph.queries.answers.lifecycle import Expiry, Lifecycle, Suggestion
from jotgraph.queries.lifecycle import lifecycle
from jotgraph.queries.orphans import orphans
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    ImageType,
    Inventory,
    Kind,
    ResourceId,
)
from tests.analysis.test_lifecycle import old, rule, text
from tests.factories import (
    ACCOUNT,
    NOW,
    REGION,
    alias,
    child,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    version,
)
from tests.oracle.worlds import world
from tests.strength import DICE, examples

REPO = ResourceId(f"ecr-repo:{ACCOUNT}/{REGION}/app")
TWO_WEEKS = text(rule(1, "untagged", days=14))


def ask(world: Inventory, policy: str | None = None, **fields: Any) -> Lifecycle:
    return lifecycle(build(world), REPO, now=NOW, policy=policy, **fields)


def said(answer: Lifecycle) -> list[tuple[int, str, float]]:
    """Number, use, and days until it goes, in the order given."""
    return [
        (int(expiry.id[-64:], 16), expiry.use.value, (expiry.at - NOW) / timedelta(days=1))
        for expiry in answer.expires
        if expiry.at
    ]


def test_a_running_image_that_lost_its_tag() -> None:
    world = inventory(
        ecr_repository(lifecycle=TWO_WEEKS),
        old(1, 10),
        old(2, 20, "v1"),
        old(3, 30),
        function(runs=1),
    )
    found = ask(world)
    image_id = ResourceId(f"ecr-image:{ACCOUNT}/{REGION}/app@{digest(1)}")
    assert found.in_use == (
        Expiry(
            id=image_id, tags=(), action="expire", rule=1, at=NOW + timedelta(days=4),
            use=Verdict.IN_USE, because=f"function {ACCOUNT}/{REGION}/pay uses it",
            witness=(ResourceId(f"function:{ACCOUNT}/{REGION}/pay"), image_id),
        ),
    )  # fmt: skip
    assert said(found) == [(1, "in-use", 4), (3, "orphan", 0)]
    assert (found.policy, found.proposed, found.images) == (TWO_WEEKS, False, 3)


def test_old_versions_and_children_of_an_index_are_uses() -> None:
    world = inventory(
        ecr_repository(), old(1, 50), old(2, 40), old(3, 30), old(4, 20, "v4"),
        old(5, 60, "multi", type=ImageType.INDEX, children=(child(3),)),
        function(runs=4, tag="v4"), version(1, runs=1), version(2, runs=3), alias("live", 2),
    )  # fmt: skip
    every = ask(world, text(rule(1, days=1)))
    assert every.proposed
    assert said(every) == [(n, "in-use", 0) for n in (1, 3, 4, 5)] + [(2, "orphan", 0)]
    assert said(ask(world, TWO_WEEKS)) == [(1, "in-use", 0), (2, "orphan", 0)]


@examples(10, many=60, shrink=False)
@given(rng=DICE)
def test_what_is_used_is_what_orphans_says(rng: random.Random) -> None:
    """Of a child of an index in doubt, too: it stands or falls with that."""
    graph = build(world(rng))
    verdict_of = {judgement.id: judgement.verdict for judgement in orphans(graph).all()}
    policy = text(rule(1, days=1))
    for repository in of_kind(graph, Kind.ECR_REPO):
        if isinstance(record(graph, repository), EcrRepository):
            answer = lifecycle(graph, repository, now=about(graph).taken_at, policy=policy)
            uses = {expiry.id: expiry.use for expiry in answer.expires}
            assert uses == {image: verdict_of[image] for image in uses}


def test_archiving_what_runs_is_told_too() -> None:
    policy = text(rule(1, days=5, archive=True))
    found = ask(inventory(ecr_repository(), old(1, 10, "v1"), function(runs=1)), policy)
    assert [(expiry.action, expiry.use) for expiry in found.expires] == [
        ("transition", Verdict.IN_USE)
    ]


def test_little_evidence_is_in_doubt() -> None:
    unread = gap("lambda:ListFunctions", Kind.FUNCTION, Kind.VERSION)
    found = ask(inventory(ecr_repository(lifecycle=TWO_WEEKS), old(1, 20), unread), suggest=True)
    assert said(found) == [(1, "unknown", 0)]
    assert found.suggestion is not None
    assert "untagged" not in (found.suggestion.policy or "")


def test_a_suggestion_says_of_which_tags_the_use_is_known() -> None:
    unread = gap("lambda:ListFunctions", Kind.FUNCTION, Kind.VERSION)
    images = old(1, 10, "v1"), old(2, 10, "v2")
    suggestion = ask(inventory(ecr_repository(), *images, function(runs=1), unread), suggest=True)
    assert suggestion.suggestion is not None
    rules = json.loads(suggestion.suggestion.policy or "")["rules"]
    assert [rule["description"] for rule in rules[:2]] == [
        "keep v1, in use",
        "keep v2, may be in use",
    ]


def test_no_policy_and_none_read() -> None:
    assert ask(inventory(ecr_repository(), old(1, 20))).expires == ()
    with pytest.raises(OptionError, match="was not read"):
        ask(inventory(ecr_repository(lifecycle=None), old(1, 20)))
    with pytest.raises(OptionError, match="is not an ECR repository"):
        lifecycle(
            build(inventory(function())), ResourceId(f"function:{ACCOUNT}/{REGION}/pay"), now=NOW
        )


def test_a_suggestion_keeps_the_tags_in_use() -> None:
    world = inventory(
        ecr_repository(mutability="IMMUTABLE"),
        old(1, 10, "v1", "x"),
        old(2, 300, "v2"),
        old(3, 20),
        function(runs=1),
    )
    suggestion = ask(world, suggest=True).suggestion
    assert suggestion is not None
    assert suggestion.policy is not None
    assert [
        (rule["selection"].get("tagPatternList"), rule["selection"]["countNumber"])
        for rule in json.loads(suggestion.policy)["rules"]
    ] == [(["v1"], 1), (None, 14), (["*"], 90)]
    assert suggestion.notes == ("a policy cannot know use: suggest again after each deployment",)
    assert said(ask(world, suggestion.policy)) == [(2, "orphan", 0), (3, "orphan", 0)]


def test_no_rule_for_untagged_images_when_one_runs() -> None:
    world = inventory(ecr_repository(), old(1, 10), old(2, 200, "v2"), function(runs=1, tag=None))
    suggestion = ask(world, suggest=True).suggestion
    assert suggestion is not None
    assert suggestion.policy is not None
    assert "untagged" not in suggestion.policy
    assert suggestion.notes[0].startswith("no rule for images without a tag is safe: in time it")
    assert f"function {ACCOUNT}/{REGION}/pay uses it" in suggestion.notes[0]


def test_no_safe_policy() -> None:
    tagged = [old(n, 100 + n, f"v{n}") for n in range(60)]
    running = [function(f"f{n}", runs=n, tag=f"v{n}") for n in range(60)]
    suggestion = ask(inventory(ecr_repository(), *tagged, *running), suggest=True).suggestion
    assert suggestion == Suggestion(
        None,
        (
            "60 tags are to be protected, and a policy has 50 rules: give what runs a common tag, "
            "such as live-*",
        ),
    )


@st.composite
def worlds(draw: st.DrawFn) -> list[object]:
    """Images with and without tags, some in an index, some of which run."""
    count = draw(st.integers(1, 6))
    images = [
        old(n, draw(st.floats(0, 300)), *([f"v{n}"] if draw(st.booleans()) else []))
        for n in range(1, count + 1)
    ]
    if draw(st.booleans()):
        holds = tuple(child(n) for n in draw(st.sets(st.integers(1, count))))
        tags = ("multi",) if draw(st.booleans()) else ()
        images.append(old(99, 100, *tags, type=ImageType.INDEX, children=holds))
    runs = draw(st.sets(st.sampled_from([*range(1, count + 1)]), max_size=3))
    return [ecr_repository(), *images, *(function(f"f{n}", runs=n, tag=None) for n in runs)]


@examples(25, many=100)
@given(worlds(), st.integers(0, 1000))
def test_a_suggestion_never_takes_what_is_in_use_however_late(
    records: list[object], days: int
) -> None:
    found = ask(inventory(*records), text(rule(1, days=1)), suggest=True)
    assert found.suggestion is not None
    if found.suggestion.policy is None:
        assert found.suggestion.notes
        return
    images = [record for record in records if isinstance(record, EcrImage)]
    gone = fates(read_rules(found.suggestion.policy), images, NOW + timedelta(days=days))
    spared = {expiry.id for expiry in found.expires if expiry.use is not Verdict.ORPHAN}
    assert spared.isdisjoint(
        image.id for image in images if image.digest in {fate.digest for fate in gone}
    )


@examples(25, many=100)
@given(worlds(), st.randoms())
def test_the_order_of_records_does_not_matter(records: list[object], mix: random.Random) -> None:
    first = ask(inventory(*records), TWO_WEEKS, suggest=True)
    mix.shuffle(records)
    assert ask(inventory(*records), TWO_WEEKS, suggest=True) == first


def test_age_is_measured_from_the_time_given() -> None:
    graph = build(
        inventory(ecr_repository(lifecycle=TWO_WEEKS), ecr_image(1, pushed_at=days_ago(4)))
    )
    later = lifecycle(graph, REPO, now=NOW + timedelta(days=20))
    assert [expiry.at for expiry in later.expires] == [NOW + timedelta(days=20)]
