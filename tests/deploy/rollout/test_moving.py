"""Back to the version before, and on to the end of a move."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from jotgraph.deploy.rollout import How
from jotgraph.deploy.run import Made
from jotgraph.errors import RefusedError
from jotgraph.store.folders import runs_folder
from tests.deploy.rollout.conftest import Account, made


@pytest.fixture
def moved(account: Account) -> Account:
    """``live`` was moved from version 1 (one) to version 2 (two)."""
    account.deploy("one", alias="live")
    account.moved = account.deploy("two", alias="live")  # type: ignore[attr-defined]
    return account


def test_a_second_rollback_goes_forward_again(account: Account) -> None:
    account.deploy("one", alias="live")
    account.deploy("two", alias="live")
    assert [account.rollback().version for _ in range(3)] == ["1", "2", "1"]


def test_back_by_the_journal(moved: Account) -> None:
    run: Any = moved.moved  # type: ignore[attr-defined]
    rollout = moved.rollback()
    assert (rollout.how, rollout.version, rollout.result) == (How.ROLLBACK, "1", Made.CHANGED)
    assert (rollout.before, rollout.after) == (moved.two, moved.one)
    assert rollout.notes == (
        f"version 1: run {run.run} moved the alias from it",
        f"$LATEST still runs {moved.two[:16]}; calls without the alias get that",
    )
    assert moved.alias() == ("1", {})
    assert made(rollout.run) == [("alias:app:live", "changed")]


def test_back_by_what_is_published(moved: Account) -> None:
    shutil.rmtree(runs_folder())
    rollout = moved.rollback()
    assert rollout.notes[0] == (
        "version 1: no run on this machine says what was before 2, and it is the newest version "
        "published before that"
    )
    assert moved.alias() == ("1", {})


def test_back_twice_goes_where_the_rollback_came_from(moved: Account) -> None:
    moved.rollback()
    moved.rollback()
    assert moved.alias() == ("2", {})


def test_back_from_a_share_of_calls(account: Account) -> None:
    account.deploy("one", alias="live")
    account.deploy("two", alias="live", weight=0.1)
    rollout = account.rollback()
    assert (rollout.before, rollout.after) == (account.two, account.one)
    assert rollout.notes[0] == (
        "version 1: the move away from it was not finished (10% of calls for 2)"
    )
    assert account.alias() == ("1", {})


def test_no_way_back(account: Account) -> None:
    with pytest.raises(RefusedError, match="there is no function app"):
        account.rollback()
    account.deploy("one", alias="live")
    with pytest.raises(RefusedError, match="no older version is published: there is"):
        account.rollback()
    with pytest.raises(RefusedError, match="function app has no alias other"):
        account.rollback("other")


@pytest.mark.parametrize("unnumbered", ["$LATEST", "$LATEST.PUBLISHED"])
def test_no_version_is_older_than_one_without_a_number(account: Account, unnumbered: str) -> None:
    """``$LATEST.PUBLISHED`` is what a capacity provider runs."""
    account.deploy("one", alias="live")
    client: Any = account.aws.client("lambda")
    client.publish_version(FunctionName="app", PublishTo="LATEST_PUBLISHED")
    client.update_alias(FunctionName="app", Name="live", FunctionVersion=unnumbered)
    with pytest.raises(RefusedError) as refused:
        account.rollback()
    assert str(refused.value) == (f"alias live is on {unnumbered}, and no run says what was before")
    assert account.alias() == (unnumbered, {})


def test_back_to_an_image_that_is_gone(moved: Account) -> None:
    ecr: Any = moved.aws.client("ecr")
    ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageDigest": moved.one}])
    with pytest.raises(RefusedError, match=f"version 1 runs {moved.one[:16]}, which is gone"):
        moved.rollback()
    assert moved.alias() == ("2", {})


def test_on_to_the_end(account: Account) -> None:
    account.deploy("one", alias="live")
    account.deploy("two", alias="live", weight=0.1)
    rollout = account.promote()
    assert (rollout.how, rollout.version, rollout.result) == (How.PROMOTE, "2", Made.CHANGED)
    assert (rollout.before, rollout.after) == (account.one, account.two)
    assert account.alias() == ("2", {})


def test_nothing_to_finish(moved: Account) -> None:
    with pytest.raises(RefusedError, match="alias live is on version 2 alone: there is no move"):
        moved.promote()
