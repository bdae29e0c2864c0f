"""Rows about resources as people see them: one set of columns, each row with its own reason."""

from __future__ import annotations

import io
import re

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from jotgraph.records import ResourceId
from jotgraph.render.answers.grid import Grid, Row, by_place, listing, markdown_rows
from jotgraph.render.answers.short_ids import without_place
from jotgraph.render.answers.text_table import markdown_text
from tests.strength import examples

DIGEST = "sha256:" + "ab12" * 16
A = "111111111111"
B = "222222222222"


def image(repository: str, region: str = "eu-west-1", account: str = A) -> ResourceId:
    return ResourceId(f"ecr-image:{account}/{region}/{repository}@{DIGEST}")


def function(title: str, account: str = A, region: str = "eu-west-1") -> ResourceId:
    return ResourceId(f"function:{account}/{region}/{title}")


ROLE = ResourceId(f"role:{A}/service/basic")
UNUSED = "nothing that was read uses it"
GRID = Grid(
    "Verdict",
    ("Frees",),
    [
        Row("orphan", image("shop/checkout"), ("12.0 MB",), UNUSED),
        Row("orphan", image("shop/checkout", "us-east-1"), ("3 B",), UNUSED),
        Row("orphan", image("shop/cart"), ("5 B",), UNUSED),
        Row("unknown", ResourceId("local-image:" + DIGEST), ("",), "the engine was not read"),
        Row("drift lag", function("cart"), ("",)),
        Row("violation", None, ("",), "12 orphans, 3 allowed", name="(whole estate)"),
        Row("in-use", ROLE, ("",), before="used by", path=(function("b", A, "us-east-1"),)),
    ],
)


def shown(grid: Grid, width: int = 120) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(listing(grid), soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def test_reasons_stand_beside_their_rows_where_there_is_room() -> None:
    assert (
        shown(GRID)
        == f"""\
{A}
Verdict    Kind         Name                       Frees  Place      Because
orphan     ecr-image    shop/checkout@ab12ab12a  12.0 MB  eu-west-1  nothing that was read uses it
orphan     ecr-image    shop/checkout@ab12ab12a      3 B  us-east-1  ″
orphan     ecr-image    shop/cart@ab12ab12a          5 B  eu-west-1  ″
unknown    local-image  ab12ab12a                                    the engine was not read
drift lag  function     cart                              eu-west-1
violation               (whole estate)                               12 orphans, 3 allowed
in-use     role         service/basic                                used by function b in us-east-1
"""
    )


def test_digests_that_begin_alike_are_told_apart_by_more_digits() -> None:
    alike = [ResourceId(f"local-image:sha256:{'ab12' * 3}{digit * 52}") for digit in "cd"]
    grid = Grid("Verdict", (), [Row("orphan", resource) for resource in (*alike, ROLE)])
    for text in (shown(grid), markdown_text(markdown_rows(grid))):
        for name in ("ab12ab12ab12c", "ab12ab12ab12d"):
            assert re.search(rf"\b{name}\b", text), text
    assert "service/basic" in shown(grid)


def test_reasons_stand_below_in_a_narrow_terminal_and_once_for_equal_ones() -> None:
    assert (
        shown(GRID, 80)
        == f"""\
{A}
Verdict    Kind         Name                       Frees  Place
orphan     ecr-image    shop/checkout@ab12ab12a  12.0 MB  eu-west-1
             nothing that was read uses it
orphan     ecr-image    shop/checkout@ab12ab12a      3 B  us-east-1  ″
orphan     ecr-image    shop/cart@ab12ab12a          5 B  eu-west-1  ″
unknown    local-image  ab12ab12a
             the engine was not read
drift lag  function     cart                              eu-west-1
violation               (whole estate)
             12 orphans, 3 allowed
in-use     role         service/basic
             used by function b in us-east-1
"""
    )


LONG = "checkout-" * 5


def test_what_is_less_important_gives_way_and_names_stay_whole() -> None:
    rows = [
        Row("orphan", image(name), ("12.0 MB", "205 d"), UNUSED) for name in (f"shop/{LONG}", "a")
    ]
    assert (
        shown(Grid("Verdict", ("Frees", "Age"), rows), 60)
        == f"""\
{A} eu-west-1
Verdict  Kind       Name           Frees    Age
orphan   ecr-image  shop/{LONG}@ab12ab12a
                                 12.0 MB  205 d
           {UNUSED}
orphan   ecr-image  a@ab12ab12a  12.0 MB  205 d  ″
"""
    )
    assert (
        shown(Grid("Verdict", ("Frees", "Age"), rows), 40)
        == f"""\
{A} eu-west-1
Verdict  Name           Frees
orphan   shop/{LONG}@ab12ab12a
                      12.0 MB
           {UNUSED}
orphan   a@ab12ab12a  12.0 MB  ″
"""
    )


def test_accounts_are_in_the_place_where_there_are_several() -> None:
    rows = [Row("orphan", image("shop/cart", account=account)) for account in (A, B)]
    assert (
        shown(Grid("Verdict", (), rows))
        == f"""\
Verdict  Kind       Name                 Place
orphan   ecr-image  shop/cart@ab12ab12a  {A} eu-west-1
orphan   ecr-image  shop/cart@ab12ab12a  {B} eu-west-1
"""
    )


def test_several_states_give_way_to_the_worst() -> None:
    grid = Grid("State", (), [Row(("broken", "drift", "idle"), function("f" * 27))])
    assert shown(grid, 80).splitlines()[2] == "broken, drift, idle  function  " + "f" * 27
    assert shown(grid, 50).splitlines()[2] == "broken +2  function  " + "f" * 27


def test_nothing_is_shown_of_nothing() -> None:
    assert shown(Grid("Verdict", (), [])) == ""


def test_a_report_has_short_names_and_their_places() -> None:
    grid = Grid("Verdict", ("Frees",), [GRID.rows[0], GRID.rows[-1]])
    assert markdown_text(markdown_rows(grid)) == (
        "| Verdict | Kind | Name | Frees | Place | Because |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        f"| orphan | ecr-image | shop/checkout@ab12ab12a | 12.0 MB | {A} eu-west-1 | {UNUSED} |\n"
        f"| in-use | role | service/basic |  | {A} | "
        f"used by function b in us-east-1 |\n"
    )


def test_what_is_in_aws_comes_before_the_engine_and_kinds_stand_together() -> None:
    local = ResourceId("local-image:" + DIGEST)
    west, east = image("shop/b"), image("shop/a", "us-east-1")
    assert sorted([local, ROLE, east, function("a"), west], key=by_place) == [
        west,
        east,
        function("a"),
        ROLE,
        local,
    ]


NAMES = st.text("abcdefgh-/", min_size=1, max_size=70)
REASONS = st.lists(st.text("abcde", min_size=1, max_size=40), max_size=12).map(" ".join)


@examples(25, many=100)
@given(rows=st.lists(st.tuples(NAMES, REASONS), min_size=1, max_size=8), width=st.integers(40, 200))
def test_every_name_and_every_word_of_a_reason_is_whole(
    rows: list[tuple[str, str]], width: int
) -> None:
    grid = Grid(
        "Verdict",
        ("Frees",),
        [Row("orphan", image(name), ("3 B",), because) for name, because in rows],
    )
    words = shown(grid, width).split()
    for name, _ in rows:
        assert f"{name}@ab12ab12a" in words
    reasons = [because for _, because in rows]
    for because in reasons:
        assert set(because.split()) <= set(words)
    same = [
        reason
        for reason, above in zip(reasons[1:], reasons, strict=False)
        if reason and reason == above
    ]
    assert words.count("″") == len(same)


def test_what_a_list_names_is_in_its_file_and_not_elsewhere() -> None:
    pod = ResourceId("workload:elsewhere/shop=pods.json/kubernetes/pod/edge/gateway")
    row = Row("in-use", image("shop/gateway"), ("",), before="used by", path=(pod,))
    reason = shown(Grid("Verdict", ("Frees",), [row])).splitlines()[-1]
    assert reason.endswith("used by workload kubernetes/pod/edge/gateway in shop=pods.json")
    assert without_place(f"{str(pod).replace(':', ' ', 1)} uses it") == (
        "workload shop=pods.json/kubernetes/pod/edge/gateway uses it"
    )
