"""JMESPath with two functions more, and what an answer mentions."""

from __future__ import annotations

import pytest

from jotgraph.sources.aws.expressions import mentions, search, texts

ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:41"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("after(a, '/')", "web:41"),
        ("before(after(a, '/'), ':')", "web"),
        ("to_number(after(a, ':'))", 41),
        ("after(a, '|')", ARN),
        ("before(a, '|')", ARN),
        ("after(b, '/')", None),
        ("b", None),
    ],
)
def test_text_is_cut(expression: str, value: object) -> None:
    assert search(expression, {"a": ARN}) == value


def test_texts_are_told_once_and_nothing_is_no_text() -> None:
    assert texts(["b", None, "a", "", "b", 1]) == ("b", "a", "1")
    assert texts("a") == ("a",)
    assert texts(None) == ()


def test_names_are_found_at_any_depth_and_values_are_not_kept() -> None:
    role = "arn:aws:iam::123456789012:role/job"
    answer = {"a": [{"value": f"as {role}"}, b"bytes", 1, None], "b": ("hunter2",)}
    assert mentions(answer) == (role,)
