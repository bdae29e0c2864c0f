"""Numbers as words."""

from __future__ import annotations

import pytest

from jotgraph.render.words import size


@pytest.mark.parametrize(
    ("count", "said"),
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
def test_bytes_in_words(count: int | None, said: str) -> None:
    assert size(count) == said
    assert size(count, at_most=True) == (f"≤ {said}" if said else "")
