"""Counts, ages and lists in words."""

from __future__ import annotations

import pytest

from jotgraph.records.phrases import age, ahead, counted, days, listed


@pytest.mark.parametrize(
    ("number", "noun", "plural", "words"),
    [
        (0, "resource", "", "0 resources"),
        (1, "resource", "", "1 resource"),
        (2, "resource", "", "2 resources"),
        (1204, "repository", "repositories", "1,204 repositories"),
        (1, "repository", "repositories", "1 repository"),
    ],
)
def test_a_noun_agrees_with_its_number(number: int, noun: str, plural: str, words: str) -> None:
    assert counted(number, noun, plural) == words


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 day"), (30, "30 days"), (0.5, "0.5 days"), (0, "0 days")]
)
def test_a_span_of_days(number: float, words: str) -> None:
    assert days(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (-0.01, "in the future"),
        (0, "just now"),
        (0.9 / 1440, "just now"),
        (20 / 1440, "20 min ago"),
        (59.9 / 1440, "59 min ago"),
        (1 / 24, "1 h ago"),
        (1.99, "47 h ago"),
        (2, "2 days ago"),
        (300.2, "300 days ago"),
    ],
)
def test_an_age_in_the_unit_that_fits(number: float, words: str) -> None:
    assert age(number) == words


def test_a_long_list_is_cut_and_says_so() -> None:
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert listed(["a", "b"], 1) == "a and 1 more"
    assert listed([]) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (-0.01, "over"),
        (0, "over"),
        (0.5 / 1440, "in less than a minute"),
        (50 / 1440, "in 50 min"),
        (1 / 24, "in 1 h"),
        (1.99, "in 47 h"),
        (2, "in 2 days"),
    ],
)
def test_how_long_there_is(number: float, words: str) -> None:
    assert ahead(number) == words
