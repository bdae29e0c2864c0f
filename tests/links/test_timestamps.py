"""Rules on time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jotgraph.links import timestamps
from jotgraph.records import Inventory, commit_id
from tests.factories import NOW, commit, ecr_image, git_repository, inventory, local_image, sha
from tests.links.found import found, statements

MINUTE = timedelta(minutes=1)


def world(**times: Any) -> Inventory:
    return inventory(
        commit(1),
        commit(2, 1, minutes=60),
        commit(3, minutes=90),
        git_repository(head=2),
        ecr_image(1, repository="team/shop", **({"pushed_at": None} | times)),
    )


IMAGE = ecr_image(1, repository="team/shop").id


def test_created_on_the_second_of_one_commit() -> None:
    made = world(created_at=NOW + 60 * MINUTE)
    assert found(timestamps.created_at_commit_second, made) == [(IMAGE, commit_id(sha(2)))]
    assert found(timestamps.created_at_foreign_second, made) == []


def test_without_a_common_name_or_source_the_second_may_be_chance() -> None:
    labels = {"org.opencontainers.image.source": "https://github.com/acme/shop"}
    seconds = inventory(
        commit(1),
        git_repository(remote="git@github.com:acme/shop.git"),
        ecr_image(1, repository="other", created_at=NOW),
        ecr_image(2, repository="other", created_at=NOW, labels=labels),
    )
    assert found(timestamps.created_at_foreign_second, seconds) == [
        (ecr_image(1, repository="other").id, commit_id(sha(1)))
    ]
    assert found(timestamps.created_at_commit_second, seconds) == [
        (ecr_image(2, repository="other").id, commit_id(sha(1)))
    ]


def test_midnight_is_a_date_and_no_time() -> None:
    midnight = NOW.replace(hour=0)
    date = inventory(
        commit(1, minutes=-720),
        git_repository(),
        ecr_image(1, repository="shop", created_at=midnight),
    )
    assert date.commits[0].committed_at == midnight
    assert found(timestamps.created_at_commit_second, date) == []
    assert found(timestamps.created_at_foreign_second, date) == []


@pytest.mark.parametrize(
    "when",
    [None, NOW + timedelta(microseconds=1), NOW + timedelta(seconds=1)],
    ids=["no time", "a fraction", "another second"],
)
def test_created_at_another_time(when: datetime | None) -> None:
    assert found(timestamps.created_at_commit_second, world(created_at=when)) == []


@pytest.mark.parametrize("year", [1, 1970, 1980])
def test_no_time_is_no_evidence(year: int) -> None:
    when = datetime(year, 1, 1, tzinfo=UTC)
    old = inventory(
        commit(1, committed_at=when),
        git_repository(head=1),
        ecr_image(1, repository="shop", created_at=when, pushed_at=None),
    )
    assert found(timestamps.created_at_commit_second, old) == []
    assert found(timestamps.built_soon_after, old) == []


def test_a_second_that_two_commits_share_tells_nothing() -> None:
    two = inventory(commit(1), commit(2), ecr_image(1, repository="shop", created_at=NOW))
    assert found(timestamps.created_at_commit_second, two) == []


def test_built_soon_after_the_newest_commit_that_head_reaches() -> None:
    made = world(created_at=NOW + 125 * MINUTE)
    assert found(timestamps.built_soon_after, made) == [(IMAGE, commit_id(sha(2)))]
    assert statements(timestamps.built_soon_after, made) == [
        "it was made 1 h 5 min after the newest commit of shop, which has its name"
    ]
    assert found(timestamps.built_soon_after, world(created_at=NOW + 59 * MINUTE)) == [
        (IMAGE, commit_id(sha(1)))
    ]
    assert found(timestamps.built_soon_after, world(pushed_at=NOW + 60 * MINUTE)) == [
        (IMAGE, commit_id(sha(2)))
    ]


def test_built_before_or_long_after_or_at_no_time() -> None:
    images: tuple[dict[str, Any], ...] = (
        {"created_at": NOW - MINUTE},
        {"created_at": NOW + 60 * MINUTE + timedelta(days=1, seconds=1)},
        {},
    )
    for image in images:
        assert found(timestamps.built_soon_after, world(**image)) == []


def test_built_soon_after_needs_the_name() -> None:
    other = inventory(
        commit(1),
        git_repository(head=1, remote="https://github.com/acme/till"),
        local_image(7, "nginx:1", created_at=NOW),
        local_image(8, "here/till:1", created_at=NOW),
        local_image(9, created_at=NOW),
    )
    assert found(timestamps.built_soon_after, other) == [(local_image(8).id, commit_id(sha(1)))]
