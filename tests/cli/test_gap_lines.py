"""What a command says of an inventory: what was not read, its age, what is not shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.cli.answer import hidden_versions, scanned
from jotgraph.cli.not_read import gap_lines, not_asked_for, not_yet, tell_gaps
from jotgraph.records import Gap
from tests.factories import gap


def denied(name: str, action: str = "GetFunction") -> Gap:
    place = {"account": "1", "region": "r"}
    return gap(f"lambda:{action}", resource=name, detail=f"may not read function:{name}", **place)


def test_alike_share_a_line() -> None:
    many = tuple(denied(f"f{n}") for n in range(40))
    assert gap_lines((*many, denied("f1", "GetPolicy"))) == [
        "Not read (41):",
        "  lambda GetFunction in 1/r/f0 and 39 more: denied: may not read function:f0",
        "  lambda GetPolicy in 1/r/f1: denied: may not read function:f1",
    ]


def test_a_long_list_is_cut() -> None:
    lines = gap_lines((*(denied("f", f"Get{n}") for n in range(12)), denied("g", "Get11")))
    assert len(lines) == 12
    assert lines[-1] == "  … and 3 more (--format json lists them)"


def test_nothing() -> None:
    assert gap_lines(()) == []
    assert not_asked_for(()) == ""


def left_out(detail: str, option: str, region: str = "r") -> Gap:
    fields = {"reason": "left-out", "detail": detail, "option": option}
    return gap("lambda:Get", account="1", region=region, **fields)


def test_what_is_still_to_be_read_is_counted_over_all_places() -> None:
    def pending(detail: str, region: str) -> Gap:
        fields = {"reason": "not-yet", "detail": detail}
        return gap("lambda:GetFunction", account="1", region=region, **fields)

    gaps = (
        pending("details of 1,200 of 1,300 functions and versions", "r"),
        pending("details of 1 of 1 functions and versions", "s"),
        pending("details of 1 of 1 functions and versions", "t"),
        pending("tags of functions", "s"),
        pending("tags of functions", "t"),
        denied("f"),
    )
    assert not_yet(gaps) == (
        "Not read yet: details of 1,202 of 1,302 functions and versions, tags of functions"
    )
    assert not_yet((denied("f"),)) == ""
    redacted = [pending("", region) for region in ("r", "s")]
    assert not_yet(redacted) == "Not read yet: lambda GetFunction"


def test_what_was_not_asked_for_is_one_line_with_its_options() -> None:
    gaps = (
        denied("f"),
        left_out("invocations", "--usage"),
        left_out("function policies and URLs", "--usage"),
        left_out("invocations", "--usage", region="s"),
        left_out("states of 7 unchanged functions", "--refresh"),
    )
    assert not_asked_for(gaps) == (
        "Not asked for: invocations, function policies and URLs (--usage); "
        "states of 7 unchanged functions (--refresh)"
    )
    assert gap_lines(gaps) == gap_lines((denied("f"),))
    assert not_asked_for((denied("f"),)) == ""


def test_images_of_several_repositories_are_counted_together() -> None:
    nothing, archived = "layers of {} that nothing runs", "layers of {} in ECR's archive"
    gaps = (
        left_out(nothing.format("1 image of shop/app"), "jotgraph content"),
        left_out(nothing.format("1,200 images of shop/web"), "jotgraph content", region="s"),
        left_out(archived.format("1 image of shop/app"), ""),
    )
    assert not_asked_for(gaps) == (
        "Not asked for: layers of 1,201 images of 2 repositories that nothing runs "
        "(jotgraph content); layers of 1 image of shop/app in ECR's archive"
    )
    assert not_asked_for(gaps[:1]) == (
        "Not asked for: layers of 1 image of shop/app that nothing runs (jotgraph content)"
    )


def test_what_a_stored_inventory_of_before_left_out_is_said_without_an_option() -> None:
    assert not_asked_for((left_out("invocations are left out", ""),)) == (
        "Not asked for: invocations are left out"
    )


def test_gaps_are_printed_plain_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    tell_gaps((denied("f"), left_out("invocations", "--usage")))
    assert capsys.readouterr().err == (
        "Not read (1):\n"
        "  lambda GetFunction in 1/r/f: denied: may not read function:f\n"
        "Not asked for: invocations (--usage)\n"
    )


def test_a_stored_inventory_says_how_old_it_is() -> None:
    taken = datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    assert scanned(taken, taken + timedelta(minutes=20)) == (
        "Scanned 2026-11-26 14:30 UTC (20 min ago)"
    )


def test_older_versions_are_counted() -> None:
    lines = [hidden_versions(count) for count in (0, 1, 2)]
    assert lines == [
        "",
        "1 older version not shown (--all-versions)",
        "2 older versions not shown (--all-versions)",
    ]
