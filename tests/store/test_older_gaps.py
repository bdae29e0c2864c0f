"""Gaps of older snapshots: how much was not read, from their detail."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.records import Gap
from jotgraph.records.gaps import NO_AMOUNT, Amount
from jotgraph.store.older_gaps import with_amount
from tests.factories import gap

NOTHING, ARCHIVED = "layers of {} that nothing runs", "layers of {} in ECR's archive"


def told(detail: str, reason: str = "left-out", **fields: object) -> Gap:
    return gap("lambda:Get", reason=reason, detail=detail, **fields)


@pytest.mark.parametrize(
    ("detail", "amount"),
    [
        ("layers of 1 image of shop/app that nothing runs",
         Amount(NOTHING, 1, "image", place="shop/app")),
        ("layers of 1,200 images of web in ECR's archive",
         Amount(ARCHIVED, 1200, "image", place="web")),
        ("details of 3 of 1,300 functions and versions",
         Amount("details of {} functions and versions", 3, whole=1300)),
        ("states of 7 unchanged functions", Amount("states of {}", 7, "unchanged function")),
        ("tags of 1 function", Amount("tags of {}", 1, "function")),
    ],
)  # fmt: skip
def test_what_a_detail_counts(detail: str, amount: Amount) -> None:
    assert with_amount(told(detail)).amount == amount
    assert with_amount(told(detail, "not-yet")).amount == amount
    assert amount.words == detail


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "invocations",
        "tags of functions",
        "layers of 1 images of app that nothing runs",
        "layers of 2 images of app that somebody runs",
        "details of 3 functions and versions",
        "states of 7 unchanged functions, or more",
    ],
)
def test_what_is_worded_otherwise_has_no_amount(detail: str) -> None:
    assert with_amount(told(detail)) == told(detail)


def test_what_failed_is_never_counted() -> None:
    assert with_amount(told("tags of 1 function", "error")).amount == NO_AMOUNT


def test_an_amount_that_is_there_stays() -> None:
    known = told("tags of 1 function", amount=Amount("tags of {}", 2, "function"))
    assert with_amount(known) is known


def test_gaps_with_an_amount_and_without_have_an_order() -> None:
    """They are sorted wherever scans are put together."""
    bare = told("tags of 1 function")
    one = told("tags of 1 function", amount=Amount("tags of {}", 1, "function"))
    of_two = told("tags of 1 function", amount=Amount("tags of {}", 1, "function", whole=2))
    assert sorted([of_two, one, bare]) == [bare, one, of_two]


def test_a_gap_without_an_amount_is_written_as_ever() -> None:
    counted = told("tags of 1 function", amount=Amount("tags of {}", 1, "function"))
    assert msgspec.json.encode(counted.written) == msgspec.json.encode(told("tags of 1 function"))
    assert msgspec.json.decode(msgspec.json.encode(counted), type=Gap) == counted
