"""What a command says of an inventory: what was not read, its age, what is not shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from jotgraph.cli.answer import hidden_versions, scanned
from jotgraph.cli.not_read import gap_lines, not_asked_for, not_yet, tell_gaps
from jotgraph.records import Gap
from jotgraph.records.gaps import NO_AMOUNT, Amount
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


def left_out(what: str | Amount, option: str, region: str = "r") -> Gap:
    amount = what if isinstance(what, Amount) else NO_AMOUNT
    detail = amount.words if amount else what
    fields = {"reason": "left-out", "detail": detail, "option": option, "amount": amount}
    return gap("lambda:Get", account="1", region=region, **fields)


def images(number: int, repository: str, form: str) -> Amount:
    return Amount(form, number, "image", place=repository)


def test_what_is_still_to_be_read_is_counted_over_all_places() -> None:
    def pending(what: str | Amount, region: str) -> Gap:
        return msgspec.structs.replace(left_out(what, "", region), reason="not-yet")

    details = "details of {} functions and versions"
    gaps = (
        pending(Amount(details, 1200, whole=1300), "r"),
        pending(Amount(details, 1, whole=1), "s"),
        pending(Amount(details, 1, whole=1), "t"),
        pending("tags of functions", "s"),
        pending("tags of functions", "t"),
        denied("f"),
    )
    assert not_yet(gaps) == (
        "Not read yet: details of 1,202 of 1,302 functions and versions, tags of functions"
    )
    assert not_yet((denied("f"),)) == ""
    redacted = [pending("", region) for region in ("r", "s")]
    assert not_yet(redacted) == "Not read yet: lambda Get"


def test_what_was_not_asked_for_is_one_line_with_its_options() -> None:
    gaps = (
        denied("f"),
        left_out("invocations", "--usage"),
        left_out("function policies and URLs", "--usage"),
        left_out("invocations", "--usage", region="s"),
        left_out(Amount("states of {}", 7, "unchanged function"), "--refresh"),
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
        left_out(images(1, "shop/app", nothing), "jotgraph content"),
        left_out(images(1200, "shop/web", nothing), "jotgraph content", region="s"),
        left_out(images(1, "shop/app", archived), ""),
    )
    assert not_asked_for(gaps) == (
        "Not asked for: layers of 1,201 images of 2 repositories that nothing runs "
        "(jotgraph content); layers of 1 image of shop/app in ECR's archive"
    )
    assert not_asked_for(gaps[:1]) == (
        "Not asked for: layers of 1 image of shop/app that nothing runs (jotgraph content)"
    )


def test_what_is_alike_in_two_places_counts_twice() -> None:
    """Though both have the same words."""
    nothing = "layers of {} that nothing runs"
    one = left_out(images(2, "app", nothing), "jotgraph content")
    other = left_out(images(2, "app", nothing), "jotgraph content", region="s")
    said = "layers of 4 images of 2 repositories that nothing runs (jotgraph content)"
    assert not_asked_for((one, other)) == f"Not asked for: {said}"
    assert not_asked_for((one, one)) == (
        "Not asked for: layers of 2 images of app that nothing runs (jotgraph content)"
    )
    states = Amount("states of {}", 7, "unchanged function")
    unchanged = [left_out(states, "--refresh", region) for region in ("r", "s")]
    assert not_asked_for(unchanged) == (
        "Not asked for: states of 14 unchanged functions (--refresh)"
    )


def test_a_detail_that_only_looks_counted_stays_as_it_is() -> None:
    said = "layers of 2 images of app that nothing runs"
    gaps = (left_out(said, ""), left_out("layers of 3 images of web that nothing runs", ""))
    assert not_asked_for(gaps) == (
        f"Not asked for: {said}, layers of 3 images of web that nothing runs"
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
