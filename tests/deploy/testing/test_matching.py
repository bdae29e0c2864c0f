"""Answers held to what is expected: exact, a part, by paths, and errors."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.deploy.testing.matching import differences, read_expectation
from jotgraph.errors import OptionError
from jotgraph.queries.answers.testing import Mismatch

ANSWER = {"status": 200, "items": [{"id": 1, "price": 2.5}, {"id": 2, "price": 4}], "ok": True}


def found(expectation: Any, answer: Any = ANSWER, match: str = "exact") -> tuple[Mismatch, ...]:
    return differences(read_expectation(expectation, match, "expect.json"), answer)


@pytest.mark.parametrize(
    ("expectation", "match"),
    [
        (ANSWER, "exact"),
        ({"$exact": ANSWER}, "exact"),
        ({"status": 200}, "subset"),
        ({"$subset": {"items": [{"id": 1}, {"price": 4.0}]}}, "exact"),
        ({"$path": {"items[?price > `3`].id": [2], "length(items)": 2, "absent": None}}, "exact"),
        ({"items[0].id": 1}, "path"),
        ({"$subset": {"ok": True}, "$path": {"items[-1].id": 2}}, "exact"),
        ({"$exact": {**ANSWER, "status": 200.0}}, "exact"),
    ],
)
def test_what_is_as_expected_differs_nowhere(expectation: Any, match: str) -> None:
    assert found(expectation, match=match) == ()


@pytest.mark.parametrize(
    ("expectation", "answer", "expected"),
    [
        ({"a": 1}, {"a": 2}, [Mismatch("a", "1", "2")]),
        ({"a": 1}, {}, [Mismatch("a", "1", "")]),
        ({}, {"a b": None}, [Mismatch('"a b"', "", "null")]),
        ({"a": [1, 2]}, {"a": [1]}, [Mismatch("a[1]", "2", "")]),
        ({"$subset": {"a": [1]}}, {"a": [1, 2]}, [Mismatch("a[1]", "", "2")]),
        ({"a": {"b": 1}}, {"a": [1]}, [Mismatch("a", '{"b": 1}', "[1]")]),
        (1, True, [Mismatch("", "1", "true")]),
        (True, 1, [Mismatch("", "true", "1")]),
        (None, 0, [Mismatch("", "null", "0")]),
        ({"$path": {"a.b": 1}}, {"a": {"b": "1"}}, [Mismatch("a.b", "1", '"1"')]),
        (
            {"$path": {"a": 1}, "$subset": {"b": 2}},
            {},
            [Mismatch("b", "2", ""), Mismatch("a", "1", "null")],
        ),
        ("x" * 300, "y", [Mismatch("", '"' + "x" * 198 + "…", '"y"')]),
        (  # both are long: around the place where they begin to differ
            "x" * 500 + "A" + "x" * 500,
            "x" * 500 + "B",
            [Mismatch("", "…" + "x" * 24 + "A" + "x" * 47 + "…", "…" + "x" * 24 + 'B"')],
        ),
        (  # they differ near their beginning, or one is short: as ever
            "A" + "x" * 300,
            "B" + "x" * 300,
            [Mismatch("", '"A' + "x" * 197 + "…", '"B' + "x" * 197 + "…")],
        ),
    ],
)
def test_where_an_answer_differs(expectation: Any, answer: Any, expected: list[Mismatch]) -> None:
    assert found(expectation, answer) == tuple(expected)


def test_a_path_that_fits_no_such_value_says_so() -> None:
    (difference,) = found({"$path": {"length(status)": 3}})
    assert (difference.path, difference.expected) == ("length(status)", "3")
    assert "invalid type" in difference.answered


@pytest.mark.parametrize(
    ("expectation", "reason"),
    [
        ({"$sub": 1}, "'\\$sub' is none of"),
        ({"$path": {"a[": 1}}, "'a\\[' is not a JMESPath expression"),
        ({"$path": {}}, "is an object of JMESPath expressions"),
        ({"$path": 1}, "is an object of JMESPath expressions"),
        ({"$error": "KeyError", "$exact": 1}, "must be alone"),
        ({"$error": 1}, "names a type of error"),
    ],
)
def test_a_malformed_expectation_is_refused(expectation: Any, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        read_expectation(expectation, "exact", "expect.json")


def test_an_object_of_other_keys_is_what_it_says() -> None:
    assert read_expectation({"$exact": 1, "a": 2}, "subset", "x") == {
        "$subset": {"$exact": 1, "a": 2}
    }
