"""An account that was asked for and not signed in to: a doubt about what it could use."""

from __future__ import annotations

from typing import Any

from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Gap, Inventory
from tests.factories import (
    HERE,
    LONG_AGO,
    OTHER_ACCOUNT,
    ecr_image,
    ecr_repository,
    gap,
    inventory,
    role,
    scope,
)
from tests.queries.test_orphans import shown, statement

DENIED = gap("sts:AssumeRole", account=OTHER_ACCOUNT, region="", facts=("*",))


def _judged(policy: str = "", gaps: tuple[Gap, ...] = (DENIED,), **fields: Any) -> dict[str, str]:
    return shown(orphans(build(_world(policy, gaps, **fields))))


def _world(policy: str, gaps: tuple[Gap, ...], **fields: Any) -> Inventory:
    return inventory(
        ecr_repository(policy=policy),
        ecr_image(5),
        role("app", created_at=LONG_AGO),
        scope=scope(HERE, **fields),
        gaps=gaps,
    )


def test_all_that_was_asked_for_was_read() -> None:
    assert _judged(gaps=()) == {
        "ecr-image:app@0005": "orphan",
        "ecr-repo:app": "unknown not-empty",
        "role:app": "orphan",
    }


def test_an_unread_account_could_use_any_image_and_no_role_of_another() -> None:
    assert _judged(unread_accounts=(OTHER_ACCOUNT,)) == {
        "ecr-image:app@0005": "unknown gap",
        "ecr-repo:app": "unknown gap not-empty",
        "role:app": "orphan",
    }


def test_an_admitted_account_that_nobody_asked_for_is_a_doubt_of_that_repository() -> None:
    assert _judged(statement({"AWS": OTHER_ACCOUNT}), gaps=())["ecr-image:app@0005"] == (
        "unknown outside-account"
    )


def test_the_reason_names_the_account_and_what_to_accept() -> None:
    world = _world(
        "", (DENIED,), unread_accounts=(OTHER_ACCOUNT,), names=((OTHER_ACCOUNT, "billing"),)
    )
    (image,) = (
        judgement
        for judgement in orphans(build(world)).all()
        if judgement.id.startswith("ecr-image")
    )
    assert [(doubt.statement, doubt.unread) for doubt in image.doubts] == [
        (
            f"account {OTHER_ACCOUNT} (billing) was not read (denied): a function or workload "
            "there may run it",
            "sts:AssumeRole",
        )
    ]
