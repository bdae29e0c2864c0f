"""Cells as machines and as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jotgraph.links import Grade
from jotgraph.records import Kind
from jotgraph.render.answers.text_table import TextTable, csv_text, markdown_text

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_cells_of_csv() -> None:
    row = (Kind.ROLE, 12, 1.5, None, True, NOON, ("a", "b"), (), Grade.PROOF, 'say "a, b"')
    assert csv_text(TextTable(tuple("abcdefghij"), [row])) == (
        'a,b,c,d,e,f,g,h,i,j\nrole,12,1.5,,true,2026-11-26T12:00:00Z,a b,,proof,"say ""a, b"""\n'
    )


def test_no_cell_of_csv_is_a_formula() -> None:
    row = ("=1+1", "+1", "-1", "@x", ("=a", "b"), "a=1", -1, "\t=1")
    assert csv_text(TextTable(tuple("abcdefgh"), [row])) == (
        "a,b,c,d,e,f,g,h\n'=1+1,'+1,'-1,'@x,'=a b,a=1,-1,\ufffd=1\n"
    )


def test_no_cell_of_csv_ends_its_row_or_steers_a_terminal() -> None:
    row = ("a\r=1+1", "b\n=1+1", "c\r\n=1+1", "\x1b[2J\u202e", ("d\r", "\r=e"))
    assert csv_text(TextTable(tuple("abcde"), [row])) == (
        'a,b,c,d,e\na\ufffd=1+1,"b\n=1+1","c\ufffd\n=1+1",\ufffd[2J\ufffd,d\ufffd \ufffd=e\n'
    )


def test_no_cell_of_markdown_is_markup() -> None:
    table = TextTable(("A", "B"), [("a|b", "<script>\nx")])
    assert markdown_text(table) == ("| A | B |\n| --- | --- |\n| a\\|b | &lt;script&gt; x |\n")


def test_no_cell_of_markdown_turns_the_text() -> None:
    table = TextTable(("A",), [("left \u202e right\x1b[31m",)])
    shown = "left \N{REPLACEMENT CHARACTER} right\N{REPLACEMENT CHARACTER}[31m"
    assert markdown_text(table) == f"| A |\n| --- |\n| {shown} |\n"


def test_no_cell_of_markdown_ends_early_or_links() -> None:
    row = ("a\\|b", "![x](http://evil)", "one\r| two |")
    assert markdown_text(TextTable(("A", "B", "C"), [row])) == (
        "| A | B | C |\n| --- | --- | --- |\n"
        "| a\\\\\\|b | ![x]\\(http://evil) | one \\| two \\| |\n"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@acme-org approved", "@\u200bacme-org approved"),
        ("thanks to @team/core", "thanks to @\u200bteam/core"),
        ("(@a), @b", "(@\u200ba), @\u200bb"),
        ("shop/checkout:1.4 @1a2b3c4d5", "shop/checkout:1.4 @\u200b1a2b3c4d5"),
        ("shop/checkout@1a2b3c4d5", "shop/checkout@1a2b3c4d5"),
        ("a@example.org", "a@example.org"),
        ("prod@{2.weeks.ago}", "prod@{2.weeks.ago}"),
        ("at @ last", "at @ last"),
    ],
)
def test_nobody_is_notified(text: str, shown: str) -> None:
    assert markdown_text(TextTable(("A",), [(text,)])) == f"| A |\n| --- |\n| {shown} |\n"
    assert markdown_text(TextTable((text,), [("a",)])) == f"| {shown} |\n| --- |\n| a |\n"
