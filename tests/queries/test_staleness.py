"""Drift, lag, broken, idle and roles made again, each kept apart."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jotgraph.analysis.health import Code
from jotgraph.analysis.lag import Bound, LagState
from jotgraph.graph import build
from jotgraph.queries.answers.staleness import StaleEntry
from jotgraph.queries.staleness import staleness
from jotgraph.records import (
    ContentMatch,
    ContentVerdict,
    GitRepository,
    Kind,
    Record,
    Touched,
)
from tests.factories import (
    HERE,
    LONG_AGO,
    OTHER_ACCOUNT,
    REGION,
    alias,
    build_input,
    commit,
    content_match,
    days_ago,
    ecr_image,
    ecr_repository,
    function,
    gap,
    git_repository,
    inventory,
    role,
    touched,
    uri,
    version,
)

SHAS = tuple(str(n) * 40 for n in range(1, 6))
GIT = git_repository(head=SHAS[4], remote="https://github.com/acme/shop")
LINE = tuple(commit(sha, *SHAS[n - 1 : n], committed_at=LONG_AGO) for n, sha in enumerate(SHAS))
LABELS = (
    ("org.opencontainers.image.revision", SHAS[1]),
    ("org.opencontainers.image.source", "https://github.com/acme/shop"),
)


def known(entry: StaleEntry) -> list[str]:
    """The sentences of what is known."""
    return [finding.statement for finding in entry.findings if finding.known]


def states(*records: object, **fields: Any) -> dict[str, str]:
    found = staleness(build(inventory(*records, **fields))).functions
    return {entry.id.rpartition("/")[2]: " ".join(entry.states) for entry in found}


def test_all_is_well() -> None:
    busy: dict[str, Any] = {"invocations": 3}
    estate = (
        ecr_repository(),
        ecr_image(1, "v1"),
        role(),
        function(runs=1, **busy),
        version(1, **busy),
    )
    assert states(*estate, alias("a", 1)) == {"pay": "", "pay:1": "", "pay:a": ""}


def test_drift_of_each_apart() -> None:
    estate = (
        ecr_repository(),
        ecr_image(1, "v1"),
        ecr_image(2, "v2"),
        role(),
        function(runs=1, tag="v1", invocations=1),
        version(1, runs=1, tag="v2", invocations=1),
        version(2, runs=1, tag="v1", invocations=1),
        alias("prod", 2, weights=(("1", 0.1),)),
        alias("dev", 2),
    )
    assert states(*estate) == {
        "pay": "",
        "pay:1": "drift",
        "pay:2": "",
        "pay:dev": "",
        "pay:prod": "drift",
    }


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"state": "Failed", "state_reason": "ImageDeleted"}, "Lambda reports Failed"),
    ],
)
def test_broken_by_state(fields: dict[str, Any], because: str) -> None:
    graph = build(
        inventory(ecr_repository(), ecr_image(1), role(), function(runs=1, invocations=1, **fields))
    )
    (found,) = staleness(graph).functions
    assert found.states == (Code.BROKEN,)
    assert found.findings[0].statement.startswith(because)


def test_idle_by_state() -> None:
    asleep = function(runs=1, invocations=1, state="Inactive", state_reason="Idle")
    (found,) = staleness(build(inventory(ecr_repository(), ecr_image(1), role(), asleep))).functions
    assert found.states == (Code.IDLE,)
    said = "Lambda reports Inactive (Idle): the next call fails and reactivates it"
    assert known(found) == [said]


def test_broken_by_image() -> None:
    runs = function(runs=1, invocations=1)
    assert states(ecr_repository(), role(), runs) == {"pay": "broken"}
    assert states(ecr_repository(), ecr_image(1, status="ARCHIVED"), role(), runs) == {
        "pay": "broken rescuable"
    }
    unread = gap("ecr:DescribeImages", Kind.ECR_IMAGE, resource="app")
    graph = build(inventory(ecr_repository(), role(), runs, unread))
    (found,) = staleness(graph).functions
    assert found.states == (Code.IMAGE_UNREAD,)
    assert known(found)[0].startswith("it was not read whether image ")


def test_broken_by_a_policy_that_lets_the_account_in_no_longer() -> None:
    def said(policy: str) -> dict[str, str]:
        theirs = function(
            runs=1,
            account=OTHER_ACCOUNT,
            invocations=1,
            image_uri=f"{uri('app')}:v1",
            resolved_image_uri=f"{uri('app')}@{ecr_image(1).digest}",
        )
        places = (HERE, (OTHER_ACCOUNT, REGION))
        return states(
            ecr_repository(policy=policy),
            ecr_image(1),
            role(account=OTHER_ACCOUNT),
            theirs,
            places=places,
        )

    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}}
    assert said(json.dumps({"Statement": [allow]})) == {"pay": ""}
    assert said("") == {"pay": "refused"}


def test_idle_only_when_read() -> None:
    estate = (ecr_repository(), ecr_image(1), role())
    assert states(*estate, function(runs=1, invocations=0)) == {"pay": "idle"}
    assert states(*estate, function(runs=1, invocations=None)) == {"pay": ""}


def test_a_role_made_again() -> None:
    estate = (ecr_repository(), ecr_image(1), function(runs=1, invocations=1))
    assert states(*estate, role(created_at=days_ago(10))) == {"pay": "role-recreated"}
    assert states(*estate) == {"pay": "role-missing"}


def test_lag_and_what_of_it_touches_the_image() -> None:
    labelled = ecr_image(1, labels=LABELS, config_read=True)
    estate = (ecr_repository(), labelled, role(), function(runs=1, invocations=1), *LINE, GIT)
    (found,) = staleness(build(inventory(*estate))).functions
    assert found.states == (Code.LAG,)
    assert found.findings[0].statement == "3 behind main"

    def equal(*commits: str) -> ContentMatch:
        return content_match(labelled.id, *commits)

    (some,) = staleness(build(inventory(*estate, equal(SHAS[2], SHAS[1])))).functions
    said = "3 commits behind main; at most 2 change files in the image"
    assert some.findings[0].statement == said
    (none,) = staleness(build(inventory(*estate, equal(*reversed(SHAS[1:]))))).functions
    assert none.states == ()
    assert none.content is not None
    assert (none.lag.behind, none.content.behind) == (3, 0)
    assert none.lag_says == "3 commits behind main; none changes files in the image"


def entry(match: dict[str, Any], labels: bool = True, git: GitRepository = GIT) -> StaleEntry:
    """A function whose image equals the commits of a match; its label says the second commit."""
    held = ecr_image(1, labels=LABELS if labels else (), config_read=True)
    commits = match.setdefault("commits", (SHAS[2], SHAS[1]))
    known: dict[str, Any] = {"verdict": ContentVerdict.EXACT, "count": len(commits)} | match
    content = content_match(held.id, newest=commits[0], oldest=commits[-1], **known)
    records: tuple[Record, ...] = (ecr_repository(), held, role(), function(runs=1, invocations=1))
    (found,) = staleness(build(inventory(*records, *LINE, git, content))).functions
    return found


def test_exactly_those_commits_of_a_lag_that_touch_the_image() -> None:
    some = entry({"touched": touched(SHAS[4])})
    assert (some.lag.touching, some.lag.bound, some.lag.touches) == (1, Bound.EXACT, (SHAS[4],))
    assert some.findings[0].statement == "3 commits behind main; 1 changes files in the image"
    assert some.lag.words() == "3 behind main, 1 touching its files"
    none = entry({"touched": touched()})
    assert (none.states, none.lag.touching) == ((), 0)
    assert none.lag_says == "3 commits behind main; none changes files in the image"


def test_commits_of_another_line_or_before_do_not_count() -> None:
    elsewhere = touched(SHAS[3], SHAS[2], SHAS[0], "e" * 40)
    assert entry({"touched": elsewhere}).lag.touches == (SHAS[3],)


def test_build_inputs_are_a_lag_of_their_own() -> None:
    inputs = (build_input("Dockerfile", SHAS[3], SHAS[2]), build_input("pins.txt"))
    found = entry({"touched": touched(inputs=inputs)})
    assert found.states == (Code.LAG,)
    assert found.lag.inputs == (build_input("Dockerfile", SHAS[3], SHAS[2]),)
    said = "3 commits behind main; none changes files in the image; 2 change a build input "
    assert found.findings[0].statement == said + "(Dockerfile)"
    assert found.lag.words() == "3 behind main, same files, another build"


def test_without_a_label_it_may_be_built_before_a_build_input_changed() -> None:
    inputs = (build_input("Dockerfile", SHAS[4], SHAS[2]),)
    found = entry({"touched": touched(SHAS[4], inputs=inputs)}, labels=False)
    assert (found.lag.behind, found.lag.behind_most, found.lag.touching) == (2, 3, 1)
    assert found.lag.inputs == (build_input("Dockerfile", SHAS[4]),)
    assert found.lag.perhaps == (build_input("Dockerfile", SHAS[2]),)
    assert found.lag_says == (
        "2 to 3 commits behind main; 1 changes files in the image; 1 changes a build input "
        "(Dockerfile); perhaps built before 1 commit that changes a build input (Dockerfile)"
    )


def test_what_cannot_be_counted_is_a_bound() -> None:
    cut = entry({"touched": touched(SHAS[4], cut=True)})
    assert (cut.lag.touching, cut.lag.bound) == (1, Bound.AT_LEAST)
    assert cut.lag.words() == "3 behind main, ≥ 1 touching its files"
    listed = entry({"touched": touched(SHAS[4]), "count": 9})
    assert (listed.lag.touching, listed.lag.bound) == (1, Bound.AT_MOST)
    # A shallow clone begins with its second commit, whose diff is not known.
    clone = msgspec.structs.replace(GIT, shallow=True)
    beyond = entry({"commits": (SHAS[0],), "touched": touched(SHAS[4], SHAS[0])}, git=clone)
    assert (beyond.lag.touching, beyond.lag.bound) == (1, Bound.EXACT)
    unknown = entry({"touched": None})
    assert (unknown.lag.touching, unknown.lag.bound) == (2, Bound.AT_MOST)
    assert unknown.lag.touches == ()


def test_a_dirty_build_lags_whoever_touches_it() -> None:
    near = {"verdict": ContentVerdict.NEAREST, "modified": ("srv/a",), "modified_count": 1}
    found = entry({**near, "touched": touched(SHAS[4])})
    assert found.lag.words() == "dirty, 3 behind main, 1 touching its files"
    quiet = entry({**near, "touched": touched()})
    assert quiet.states == (Code.CONFLICT, Code.LAG)
    assert quiet.lag.words() == "dirty, 3 behind main, none touching its files"
    # Without a label it may as well be of a commit that is not in the clone.
    assert entry({**near, "touched": touched()}, labels=False).lag.touching is None


def test_a_label_newer_than_the_files_makes_nothing_current() -> None:
    subset = {"verdict": ContentVerdict.SUBSET, "commits": (SHAS[0],)}
    found = entry({**subset, "touched": touched(SHAS[1])})
    assert (found.lag.state, found.lag.behind) == (LagState.BEHIND, 4)
    assert found.lag.touches == (SHAS[1],)


def test_files_of_a_further_repository_lag_too() -> None:
    held = ecr_image(1, labels=LABELS[:1], config_read=True)
    old, new = "a" * 40, "b" * 40
    lib = git_repository("lib", head=new)
    more = tuple(
        commit(sha, *above, committed_at=LONG_AGO, repositories=("lib",))
        for sha, above in ((old, ()), (new, (old,)))
    )

    def match(repository: str, sha: str, later: Touched) -> ContentMatch:
        return content_match(held.id, sha, repository=repository, matched=3, touched=later)

    git = msgspec.structs.replace(GIT, head=SHAS[1])
    records: tuple[Record, ...] = (ecr_repository(), held, role(), function(runs=1, invocations=1))
    ours = match("shop", SHAS[1], touched())

    def lag(theirs: ContentMatch) -> list[str]:
        graph = build(inventory(*records, *LINE, *more, git, lib, ours, theirs))
        (found,) = staleness(graph).functions
        assert found.lag.state is LagState.CURRENT
        return known(found)

    assert lag(match("lib", old, touched(new))) == [
        "of lib, 1 commit behind main; 1 changes files in the image"
    ]
    assert lag(match("lib", old, touched())) == []
    assert lag(match("lib", new, touched())) == []
