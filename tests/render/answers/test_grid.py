"""Rows about resources as people see them: by place, with shared reasons below."""

from __future__ import annotations

import io

from rich.console import Console

from jotgraph.records import Place, ResourceId
from jotgraph.render.answers.grid import Grid, Row, listing, markdown_rows, name
from jotgraph.render.answers.text_table import markdown_text

DIGEST = "sha256:" + "ab12" * 16
A = "111111111111"
B = "222222222222"


def image(repository: str, region: str = "eu-west-1") -> ResourceId:
    return ResourceId(f"ecr-image:{A}/{region}/{repository}@{DIGEST}")


def function(title: str, account: str = A, region: str = "eu-west-1") -> ResourceId:
    return ResourceId(f"function:{account}/{region}/{title}")


ROLE = ResourceId(f"role:{A}/service/basic")
GRID = Grid(
    "Verdict",
    ("Frees",),
    [
        Row("orphan", image("shop/checkout"), ("12.0 MB",), "nothing read uses it"),
        Row("orphan", image("shop/checkout", "us-east-1"), ("3 B",), "nothing read uses it"),
        Row("in-use", ROLE, ("",), before="used by", path=(function("a"), function("b", B))),
        Row("orphan", image("shop/cart"), ("5 B",), "nothing read uses it"),
        Row("unknown", ResourceId("local-image:" + DIGEST), ("",), "the engine was not read"),
        Row("drift lag", function("cart"), ("",)),
        Row("violation", None, ("",), "12 orphans, 3 allowed"),
    ],
)


def shown(grid: Grid) -> str:
    out = io.StringIO()
    Console(file=out, width=80, highlight=False).print(listing(grid))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def test_for_a_terminal() -> None:
    assert shown(GRID) == (
        "Verdict    Kind         Name                       Frees\n"
        "unknown    local-image  ab12ab12ab12\n"
        "             the engine was not read\n"
        "violation\n"
        "             12 orphans, 3 allowed\n"
        "111111111111 eu-west-1\n"
        "orphan     ecr-image    shop/checkout@ab12ab12a  12.0 MB\n"
        "orphan     ecr-image    shop/cart@ab12ab12a          5 B\n"
        "             nothing read uses it\n"
        "drift lag  function     cart\n"
        "111111111111 us-east-1\n"
        "orphan     ecr-image    shop/checkout@ab12ab12a      3 B\n"
        "             nothing read uses it\n"
        "111111111111 IAM\n"
        "in-use     role         service/basic\n"
        "             used by function a in eu-west-1 → function 222222222222/eu-west-1/b\n"
    )


def test_nothing_is_shown_of_nothing() -> None:
    assert shown(Grid("Verdict", (), [])) == ""


def test_a_report_has_short_names() -> None:
    grid = Grid("Verdict", ("Frees",), GRID.rows[:1])
    assert markdown_text(markdown_rows(grid)) == (
        "| Verdict | Resource | Frees | Because |\n| --- | --- | --- | --- |\n"
        f"| orphan | ecr-image {A}/eu-west-1/shop/checkout@ab12ab12a | 12.0 MB | "
        "nothing read uses it |\n"
    )


def test_a_name_says_where_only_if_it_is_elsewhere() -> None:
    assert name(function("a"), Place(A, "eu-west-1")) == "a"
    assert name(function("a"), Place(A, "us-east-1")) == f"{A}/eu-west-1/a"
    assert name(ROLE, Place(A, "us-east-1")) == "service/basic"
    assert name(ROLE, Place(B, "us-east-1")) == f"{A}/service/basic"
    assert name(ResourceId("commit:" + "a" * 40), Place("", "")) == "a" * 12
