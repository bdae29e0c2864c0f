"""Numbers as words."""

from __future__ import annotations

import pytest

from jotgraph.render.answers.labels import within
from jotgraph.render.words import size


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, ""),
        (0, "0 B"),
        (7, "7 B"),
        (999, "999 B"),
        (1_234, "1.2 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (50_000_000, "50 MB"),
        (4_200_000_000_000, "4.2 TB"),
        (4_200_000_000_000_000, "4200 TB"),
    ],
)
def test_bytes_in_words(count: int | None, words: str) -> None:
    assert size(count) == words
    assert size(count, at_most=True) == (f"≤ {words}" if words else "")


def test_tags_that_have_no_room_are_cut_in_the_middle() -> None:
    long = f"shop/checkout:feature-{'x' * 90}-end"
    assert within((), 40) == ""
    assert within(("v1", "prod", "latest"), 40) == "v1, prod +1"
    assert within(("v1", long, "prod"), 40) == "v1 +2"
    assert within((long,), 40) == "shop/checkout:featu…xxxxxxxxxxxxxxx-end"
    assert within((long, long), 40) == "shop/checkout:feat…xxxxxxxxxxxxxx-end +1"
    assert within(("a" * 40,), 40) == "aaaaaaaaa…", "a whole SHA is shown as one"
