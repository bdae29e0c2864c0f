"""Which rows of the table of deployments are asked for, and what is told of their times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jotgraph.analysis.health import Code
from jotgraph.analysis.lag.model import HandlerFrom, Source
from jotgraph.graph import build
from jotgraph.queries.answers.jots import JotDates
from jotgraph.queries.jots import Only, Whereabouts, jots
from jotgraph.records import Kind
from tests.factories import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    commit,
    content_match,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    local_image,
    role,
    scope,
    sha,
    uri,
    workload,
)

LOCAL, REMOTE = Whereabouts.LOCAL, Whereabouts.REMOTE
UNDEPLOYED, UNPUSHED = Whereabouts.UNDEPLOYED, Whereabouts.UNPUSHED
PUSHED = ecr_image(
    1, "v1", config_digest=digest("built"), pushed_at=days_ago(5), labels={
        "org.opencontainers.image.revision": sha("a"),
        "org.opencontainers.image.source": "https://github.com/acme/shop",
    }, config_read=True, created_at=None,
)  # fmt: skip
RECORDS = (
    git_repository(key="shop", head=sha("a"), remote="https://github.com/acme/shop"),
    commit("a", repositories=("shop",), committed_at=days_ago(9)),
    ecr_repository(),
    ecr_repository("other", region=OTHER_REGION),
    PUSHED,
    ecr_image(2, "v2", pushed_at=days_ago(4)),
    ecr_image(3, "v1", repository="other", region=OTHER_REGION),
    local_image("built", "app:dev", config_digest=digest("built"), created_at=days_ago(6)),
    local_image("alone", "scratch:dev", config_digest=digest("alone"), created_at=days_ago(1)),
    role(),
    function("pay", 1, tag="v1", last_modified=days_ago(3)),
    function("gone", 9, tag="v9"),
    function("far", 3, tag="v1", repository="other", region=OTHER_REGION),
    workload("web", (uri("app:v1"), digest(1)), changed_at=days_ago(2)),
    content_match(PUSHED.id, sha("a"), repository="shop", maps=(("srv", "fn"), ("lib", ""))),
)
GRAPH = build(
    inventory(
        *RECORDS,
        scope=scope((ACCOUNT, REGION), (ACCOUNT, OTHER_REGION), git=("shop",), engine="engine"),
    )
)


def names(**only: Any) -> list[str]:
    """What the rows are called: the function, or the first tag of an image that nothing runs."""
    rows = jots(GRAPH, undeployed=True, only=Only(**only)).jots
    return sorted(
        jot.function or (jot.image.tags[0] if jot.image else jot.local_tags[0]) for jot in rows
    )


@pytest.mark.parametrize(
    ("only", "rows"),
    [
        ({}, ["far", "gone", "pay", "scratch:dev", "v2", "web"]),
        ({"where": (LOCAL,)}, ["pay", "scratch:dev", "web"]),
        ({"where": (REMOTE,)}, ["far", "pay", "v2", "web"]),
        ({"where": (UNDEPLOYED,)}, ["scratch:dev", "v2"]),
        ({"where": (UNPUSHED,)}, ["scratch:dev"]),
        ({"where": (UNDEPLOYED, REMOTE)}, ["v2"]),
        ({"where": (UNPUSHED, REMOTE)}, []),
        ({"states": (Code.BROKEN,)}, ["gone"]),
        ({"states": (Code.BROKEN, Code.UNDEPLOYED)}, ["gone", "pay", "web"]),
        ({"states": (Code.DRIFT,)}, []),
        ({"kinds": (Kind.WORKLOAD, Kind.LOCAL_IMAGE)}, ["scratch:dev", "web"]),
        ({"accounts": (ACCOUNT,)}, ["far", "gone", "pay", "v2", "web"]),
        ({"accounts": (OTHER_ACCOUNT,)}, []),
        ({"regions": (OTHER_REGION,)}, ["far"]),
        ({"repositories": ("oth*",)}, ["far"]),
        ({"repositories": ("scratch",)}, ["scratch:dev"]),
        ({"repositories": ("shop",)}, ["pay", "web"]),
        ({"repositories": ("none",)}, []),
    ],
)
def test_rows_that_are_asked_for(only: dict[str, Any], rows: list[str]) -> None:
    assert names(**only) == rows


def test_when_a_deployment_came_about() -> None:
    rows = {jot.function: jot for jot in jots(GRAPH).jots}
    assert rows["pay"].dates == JotDates(days_ago(9), days_ago(6), days_ago(5), days_ago(3))
    assert rows["web"].dates.deployed == days_ago(2)
    assert rows["gone"].dates == JotDates(deployed=rows["gone"].dates.deployed)
    assert rows["gone"].dates.deployed is not None


def test_the_time_in_the_config_goes_before_that_of_a_copy() -> None:
    own = ecr_image(1, "v1", config_digest=digest("built"), created_at=days_ago(6.5))
    copy = local_image("built", "app:dev", config_digest=digest("built"), created_at=days_ago(6))
    (row,) = jots(build(inventory(ecr_repository(), own, copy, role(), function("pay", 1)))).jots
    assert row.dates.built == own.created_at
    assert own.created_at == days_ago(6) - timedelta(hours=12)


def test_where_its_files_are_from() -> None:
    rows = {jot.function: jot for jot in jots(GRAPH).jots}
    assert rows["pay"].source == Source("shop", ("fn", "."), None, "", HandlerFrom.UNREAD)
    assert rows["gone"].source == Source(handler_from=HandlerFrom.UNREAD)
    zipped = function("zip", None, handler="app.handler")
    (row,) = jots(build(inventory(role(), zipped))).jots
    assert row.source == Source(handler="app.handler", handler_from=HandlerFrom.PACKAGE)
