"""What the files of an image tell of a commit that is in the history of a part of its commits."""

from __future__ import annotations

import pytest

from jotgraph.graph import build
from jotgraph.queries.answers.where import By, Holder
from jotgraph.queries.where import where
from jotgraph.records import Kind, commit_id
from tests.factories import LONG_AGO, commit, content_match, ecr_image, ecr_repository, inventory
from tests.queries.test_staleness import GIT, LINE, SHAS

ONE, TWO, THREE, FOUR, FIVE = SHAS
CHERRY = "c" * 40
"""Made on the first commit: the change of the third, picked."""
HISTORY = (
    GIT,
    *LINE,
    commit(CHERRY, ONE, committed_at=LONG_AGO),
)
SOURCE = ("org.opencontainers.image.source", "https://github.com/acme/shop")


def held(asked: str, *equal: str, label: str = "", count: int = 0) -> tuple[str, By, str]:
    """(list, by what, reason) of an image that has the files of the commits ``equal``."""
    labels = (("org.opencontainers.image.revision", label), SOURCE) if label else ()
    match = content_match(ecr_image(1).id, *equal, count=count or len(equal), matched=5)
    world = inventory(
        ecr_repository(), ecr_image(1, labels=labels, config_read=True), *HISTORY, match
    )
    answer = where(build(world), commit_id(asked), kinds=(Kind.ECR_IMAGE,))
    lists: dict[str, tuple[Holder, ...]] = {
        word: getattr(answer, word) for word in ("contains", "lacks", "unknown")
    }
    ((word, (holder,)),) = ((word, holders) for word, holders in lists.items() if holders)
    return word, holder.by, holder.because


def test_the_files_are_those_of_the_commit_wherever_it_was_built() -> None:
    files = f"its files are those of {THREE[:9]} and of 1 more"
    assert held(THREE, THREE, CHERRY) == ("contains", By.FILES, files)


def test_the_files_are_those_before_the_commit() -> None:
    files = f"its files are those of {TWO[:9]}, before the commit"
    reverted = f"{files}: reverted by {FOUR[:9]} at the latest"
    assert held(THREE, FOUR, TWO) == ("lacks", By.REVERTED, reverted)


def test_a_commit_that_touches_none_of_the_files_is_neither_there_nor_not() -> None:
    word, by, because = held(THREE, FOUR, THREE, TWO)
    assert (word, by) == ("unknown", By.NOTHING)
    assert because.endswith("the files of the image are the same with and without it")


def test_files_of_later_and_of_much_earlier_commits_tell_nothing() -> None:
    assert held(THREE, FIVE, ONE)[:2] == ("unknown", By.NOTHING)


def test_a_class_that_is_not_listed_whole_tells_nothing() -> None:
    assert held(THREE, THREE, CHERRY, count=9)[:2] == ("unknown", By.NOTHING)


def test_history_tells_where_all_agree() -> None:
    assert held(TWO, FOUR, THREE)[:2] == ("contains", By.HISTORY)
    assert held(FIVE, FOUR, THREE)[:2] == ("lacks", By.HISTORY)


@pytest.mark.parametrize("equal", [(THREE, CHERRY), (FOUR, TWO), (FOUR, THREE, TWO), (FIVE, ONE)])
@pytest.mark.parametrize("asked", [ONE, TWO, THREE, FOUR, FIVE, CHERRY])
def test_equal_files_give_equal_answers_whatever_a_label_says(
    asked: str, equal: tuple[str, ...]
) -> None:
    (answer,) = {held(asked, *equal, label=label) for label in ("", *equal)}
    assert answer[0] in {"contains", "lacks", "unknown"}
