"""Gaps of older snapshots: how much was not read, from their detail."""

from __future__ import annotations

import pytest

from jotgraph.records import Gap
from jotgraph.records.gaps import Amount
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
    assert with_amount(told("tags of 1 function", "error")).amount is None


def test_an_amount_that_is_there_stays() -> None:
    known = told("tags of 1 function", amount=Amount("tags of {}", 2, "function"))
    assert with_amount(known) is known
