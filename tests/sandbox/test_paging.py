"""Pages: for any listing and any page size, everything once and in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.sandbox.paging import BadTokenError, Pages


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=9))
def test_everything_once_and_in_order(items: list[int], size: int) -> None:
    pages, asked = Pages(), 0
    got: list[int] = []
    token: str | None = None
    world = list(items)
    while True:
        asked += 1
        page, token = pages.take("list", lambda: world, size, token)
        got.extend(page)
        world.clear()  # what goes between pages was there when the listing began
        if token is None:
            break
        assert len(page) == size
    assert got == items
    assert asked == max(1, -(-len(items) // size))


def test_tokens_of_others_and_of_nobody() -> None:
    pages = Pages()
    _, token = pages.take("a", lambda: [1, 2], 1, None)
    for key, wrong in (("b", token), ("a", "page9.1"), ("a", "x"), ("a", "page1.-1")):
        with pytest.raises(BadTokenError):
            pages.take(key, lambda: [], 1, wrong)
    assert pages.take("a", lambda: [], 1, token) == ((2,), None)
