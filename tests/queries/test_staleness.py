"""Drift, lag, broken, idle and roles made again, each kept apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotgraph.graph import build
from jotgraph.queries.staleness import Stale, staleness
from jotgraph.records import Commit, ContentMatch, ContentVerdict, Gap, GitRepository, Kind
from tests.estates import (
    LONG_AGO,
    A,
    B,
    R,
    alias,
    days_ago,
    function,
    image,
    inventory,
    repo,
    role,
    uri,
    version,
)

SHAS = tuple(str(n) * 40 for n in range(1, 6))
GIT = GitRepository(
    key="shop",
    head=SHAS[4],
    head_ref="refs/heads/main",
    refs=(("refs/heads/main", SHAS[4]),),
    remotes=("https://github.com/acme/shop",),
)
LINE = tuple(
    Commit(sha=sha, parents=SHAS[n - 1 : n], committed_at=LONG_AGO, repositories=("shop",))
    for n, sha in enumerate(SHAS)
)
LABELS = (
    ("org.opencontainers.image.revision", SHAS[1]),
    ("org.opencontainers.image.source", "https://github.com/acme/shop"),
)


def states(*records: object, **fields: Any) -> dict[str, str]:
    found = staleness(build(inventory(*records, **fields))).functions
    return {each.id.rpartition("/")[2]: " ".join(each.states) for each in found}


def test_all_is_well() -> None:
    busy: dict[str, Any] = {"invocations": 3}
    estate = (repo(), image(1, "v1"), role(), function(runs=1, **busy), version(1, **busy))
    assert states(*estate, alias("a", 1)) == {"f": "", "f:1": "", "f:a": ""}


def test_drift_of_each_apart() -> None:
    estate = (
        repo(),
        image(1, "v1"),
        image(2, "v2"),
        role(),
        function(runs=1, tag="v1", invocations=1),
        version(1, runs=1, tag="v2", invocations=1),
        version(2, runs=1, tag="v1", invocations=1),
        alias("prod", 2, weights=(("1", 0.1),)),
        alias("dev", 2),
    )
    assert states(*estate) == {"f": "", "f:1": "drift", "f:2": "", "f:dev": "", "f:prod": "drift"}


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"state": "Failed", "state_reason": "ImageDeleted"}, "Lambda says it is Failed"),
        ({"state": "Inactive", "state_reason": "Idle"}, "Lambda says it is Inactive (Idle)"),
    ],
)
def test_broken_by_state(fields: dict[str, Any], because: str) -> None:
    graph = build(inventory(repo(), image(1), role(), function(runs=1, invocations=1, **fields)))
    (found,) = staleness(graph).functions
    assert found.states == (Stale.BROKEN,)
    assert found.findings[0].because.startswith(because)


def test_broken_by_image() -> None:
    runs = function(runs=1, invocations=1)
    assert states(repo(), role(), runs) == {"f": "broken"}
    assert states(repo(), image(1, status="ARCHIVED"), role(), runs) == {"f": "broken"}
    gap = Gap(
        service="ecr",
        action="DescribeImages",
        account=A,
        region=R,
        resource="app",
        reason="denied",
        hides=(Kind.ECR_IMAGE,),
    )
    graph = build(inventory(repo(), role(), runs, gaps=(gap,)))
    (found,) = staleness(graph).functions
    assert found.states == ()
    assert found.unread[0].endswith("is in ECR was not read")


def test_broken_by_a_policy_that_lets_the_account_in_no_longer() -> None:
    def said(policy: str) -> dict[str, str]:
        theirs = function(
            runs=1,
            account=B,
            invocations=1,
            image_uri=f"{uri('app')}:v1",
            resolved_image_uri=f"{uri('app')}@{image(1).digest}",
        )
        places = ((A, R), (B, R))
        return states(repo(policy=policy), image(1), role(account=B), theirs, places=places)

    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{B}:root"}}
    assert said(json.dumps({"Statement": [allow]})) == {"f": ""}
    assert said("") == {"f": "broken"}


def test_idle_only_when_read() -> None:
    estate = (repo(), image(1), role())
    assert states(*estate, function(runs=1, invocations=0)) == {"f": "idle"}
    assert states(*estate, function(runs=1, invocations=None)) == {"f": ""}


def test_a_role_made_again() -> None:
    estate = (repo(), image(1), function(runs=1, invocations=1))
    assert states(*estate, role(created_at=days_ago(10))) == {"f": "role-recreated"}
    assert states(*estate) == {"f": "broken"}


def test_lag_and_what_of_it_touches_the_image() -> None:
    labelled = image(1, labels=LABELS, config_read=True)
    estate = (repo(), labelled, role(), function(runs=1, invocations=1), *LINE, GIT)
    (found,) = staleness(build(inventory(*estate))).functions
    assert found.states == (Stale.LAG,)
    assert found.findings[0].because == "3 behind main"

    def equal(*commits: str) -> ContentMatch:
        return ContentMatch(
            resource=labelled.id,
            repository="shop",
            verdict=ContentVerdict.EXACT,
            commits=commits,
            count=len(commits),
            newest=commits[0],
            oldest=commits[-1],
        )

    (some,) = staleness(build(inventory(*estate, equal(SHAS[2], SHAS[1])))).functions
    said = "3 behind main, at most 2 of them touch what is in the image"
    assert some.findings[0].because == said
    (none,) = staleness(build(inventory(*estate, equal(*reversed(SHAS[1:]))))).functions
    assert none.states == ()
    assert none.content is not None
    assert (none.lag.behind, none.content.behind) == (3, 0)
    assert none.lag_says == "3 behind main, none of them touches what is in the image"
