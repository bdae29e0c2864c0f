"""Columns give way, names do not break."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from tests.strength import examples

STEPS = (
    Narrowing("Image"),
    Narrowing("Name", Shortening.OWN_LINE),
    Narrowing("Aliases", Shortening.BELOW),
    Narrowing("Image", Shortening.OUT),
    Narrowing("State", Shortening.OUT),
)


def drawn(table: Fitted, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None, markup=False)
    with console.capture() as captured:
        console.print(table, soft_wrap=True)
    return [line.rstrip() for line in captured.get().splitlines()]


def table(*rows: tuple[str, str, str, tuple[str, str]]) -> Fitted:
    def cells(*words: str) -> list[Text]:
        return [Text(word) for word in words]

    return Fitted(
        (
            Column("State", [cells(*(row[0] for row in rows))]),
            Column("Name", [cells(*(row[1] for row in rows))]),
            Column("Aliases", [cells(*(row[2] for row in rows))]),
            Column("Image", [cells(*(row[3][n] for row in rows)) for n in (0, 1)]),
        ),
        STEPS,
        "Name",
        8,
    )


ROWS = (
    ("drift", "checkout", "prod 90%", ("shop/checkout:v1 @abc", "shop/checkout:v1")),
    ("", "a-rather-long-name", "", ("", "")),
)


def test_in_full() -> None:
    assert drawn(table(*ROWS), 80) == [
        "State  Name                Aliases   Image",
        "drift  checkout            prod 90%  shop/checkout:v1 @abc",
        "       a-rather-long-name",
    ]


def test_shorter_then_a_line_of_its_own_then_below_then_out() -> None:
    assert drawn(table(*ROWS), 54) == [
        "State  Name                Aliases   Image",
        "drift  checkout            prod 90%  shop/checkout:v1",
        "       a-rather-long-name",
    ]
    long = (*ROWS, ("", "another-rather-long-name", "live", ("a:b @c", "a:b")))
    assert drawn(table(*long), 46) == [
        "State  Name      Aliases   Image",
        "drift  checkout  prod 90%  shop/checkout:v1",
        "       a-rather-long-name",
        "       another-rather-long-name",
        "                 live      a:b",
    ]
    assert drawn(table(*ROWS), 34) == [
        "State  Name      Image",
        "drift  checkout  shop/checkout:v1",
        "         prod 90%",
        "       a-rather-long-name",
    ]
    assert drawn(table(*ROWS), 20) == [
        "State  Name",
        "drift  checkout",
        "         prod 90%",
        "       a-rather-long-name",
    ]


def test_a_column_with_nothing_to_say_is_left_out() -> None:
    assert drawn(table(("", "checkout", "", ("", ""))), 80) == ["Name", "checkout"]


words = st.text("abc-/@ ", max_size=30).map(str.strip)


@given(
    rows=st.lists(st.tuples(words, words.filter(bool), words, st.tuples(words, words))),
    width=st.integers(20, 90),
)
@examples(40, many=100)
def test_no_name_is_lost_or_broken_and_lines_fit_where_names_do(
    rows: list[tuple[str, str, str, tuple[str, str]]], width: int
) -> None:
    lines = drawn(table(*rows), width)
    for _, name, aliases, _ in rows:
        assert any(name in line for line in lines)
        assert any(aliases in line for line in lines)
    longest = max((len(part) for row in rows for part in row[:3]), default=0)
    if longest + 36 <= width:
        assert all(len(line) <= width for line in lines)


def test_lines_of_a_reason_stay_lines() -> None:
    def cells(words: str) -> list[Text]:
        return [Text(words)]

    reasons = cells("AssertionError: 1 != 2\n  File app.py, line 3")
    fitted = Fitted([Column("Case", [cells("adds")])], (), "Case", 8, reasons, "Details")
    assert drawn(fitted, 60) == [
        "Case  Details",
        "adds  AssertionError: 1 != 2",
        "        File app.py, line 3",
    ]
