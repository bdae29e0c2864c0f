"""No value of a variable stands in a journal or in a message."""

from __future__ import annotations

import pytest

from jotgraph.apply.session import without_values


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("TOKEN=hunter22 is wrong", "TOKEN=*** is wrong"),
        ('{"A":"hunter22"}', '{"A":"***"}'),
        ("hunter22hunter22", "hunter22hunter22"),
        ('"a\\"b" is wrong', '"***" is wrong'),
        ("exit code 1 at line 12", "exit code *** at line 12"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_values_that_stand_as_words(text: str, hidden: str) -> None:
    assert without_values(text, ["hunter22", 'a"b', "1", ""]) == hidden


def test_a_value_that_begins_another() -> None:
    assert without_values("it is ab-c", ["ab", "ab-c"]) == "it is ***"
