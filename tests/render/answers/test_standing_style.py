"""Which colour says how far behind something is."""

from __future__ import annotations

import pytest

from jotgraph.analysis.lag import LagDoubt, LagState, Standing
from jotgraph.render.answers.labels import standing_rank, standing_style


@pytest.mark.parametrize(
    ("stands", "style"),
    [
        (Standing(LagState.CURRENT, 0, "main", "shop"), "green"),
        (Standing(LagState.BEHIND, 3, "main", "shop", touching=1), "yellow"),
        (Standing(LagState.BEHIND, 3, "main", "shop"), "yellow"),
        (Standing(LagState.BEHIND, 3, "main", "shop", touching=0), "dim"),
        (Standing(LagState.BEHIND, 3, "main", "shop", dirty=True, touching=0), "yellow"),
        (Standing(LagState.BEHIND, 3, "main", doubt=LagDoubt.HINT, touching=0), "yellow"),
        (Standing(LagState.UNKNOWN), "dim"),
        (Standing(LagState.UNKNOWN, dirty=True), "yellow"),
        (Standing(LagState.NOT_IN_REPOSITORIES), "yellow"),
    ],
)
def test_only_what_would_change_stands_out(stands: Standing, style: str) -> None:
    assert standing_style(stands) == style
    assert {1: "yellow", 2: "dim", 3: "green"}[standing_rank(stands)] == style


@pytest.mark.parametrize(
    ("stands", "words"),
    [
        (Standing(LagState.UNKNOWN), "lag unknown"),
        (Standing(LagState.UNKNOWN, dirty=True), "dirty, lag unknown"),
        (Standing(LagState.BEHIND, 3, "unknown", "shop"), "≥ 3 behind unknown"),
        (Standing(LagState.CURRENT, 0, "main", "shop"), "current"),
    ],
)
def test_what_is_said_of_a_lag_that_nobody_knows(stands: Standing, words: str) -> None:
    """And not of one against a branch that is called so."""
    assert stands.words(unknown="lag unknown") == words
