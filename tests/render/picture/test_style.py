"""Colours can be read: WCAG 2.2 contrast, in both themes."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from jotgraph.analysis.health import TABLE, Code
from jotgraph.records import Kind
from jotgraph.records.kind_traits import Stage
from jotgraph.render import html
from jotgraph.render.picture.drawing.states import RANK
from jotgraph.render.picture.drawing.style import (
    CARDS,
    LOOK,
    LOOKS,
    MARKS,
    PILLS,
    RANKS,
    REMARK,
    THEME,
    WRONG,
    heading,
    headings,
)
from jotgraph.render.picture.paint.colours import INKS


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_has_at_least_4_5(theme: int) -> None:
    for ground in ("ground", "account", "region", "box", "card"):
        for ink in ("ink", "quiet"):
            assert contrast(THEME[ink][theme], THEME[ground][theme]) >= 4.5
    text = INKS["on-pill"].fill
    assert text is not None
    for tone in (*(tone for _, tone in MARKS.values()), THEME["quiet"]):
        assert contrast(text[theme], tone[theme]) >= 4.5
    for pill, on_pill in PILLS:
        assert contrast(on_pill[theme], pill[theme]) >= 4.5
    for fill, _ in CARDS.values():
        for ink_name in ("ink", "quiet"):
            assert contrast(THEME[ink_name][theme], fill[theme]) >= 4.5
    for tone in RANKS:
        assert contrast(tone[theme], THEME["ground"][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
def test_what_is_not_lit_can_still_be_read(theme: int) -> None:
    script = (files(html) / "card.js").read_text("utf-8")
    found = re.search(r"UNLIT = ([\d.]+)", script)
    assert found
    share = float(found[1])
    card = mixed(THEME["card"][theme], THEME["box"][theme], share)
    assert contrast(mixed(THEME["ink"][theme], card, share), card) >= 3


def mixed(colour: str, ground: str, share: float) -> str:
    """A colour drawn over another, letting some of it through."""
    parts = (
        round(int(colour[at : at + 2], 16) * share + int(ground[at : at + 2], 16) * (1 - share))
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


@pytest.mark.parametrize("theme", [0, 1])
def test_shapes_and_lines_have_at_least_3(theme: int) -> None:
    for ground in ("ground", "account", "region", "box", "card"):
        edges = (edge for _, edge in CARDS.values())
        for tone in (THEME["edge"], *edges, THEME["line"], THEME["wrong"]):
            assert contrast(tone[theme], THEME[ground][theme]) >= 3


def test_kinds_differ_by_shape_and_not_by_colour_alone() -> None:
    shapes = {LOOKS[kind].shape for kind in Kind}
    assert len(shapes) == len(Kind)


RUNS = (Stage.RUNTIME, 0)


@pytest.mark.parametrize(
    ("column", "kinds", "expected"),
    [
        (RUNS, {Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.ROLE}, "function"),
        (RUNS, {Kind.WORKLOAD, Kind.COMMIT}, "workload"),
        (RUNS, {Kind.FUNCTION, Kind.WORKLOAD}, "function, workload"),
        ((Stage.RUNTIME, 1), {Kind.FUNCTION, Kind.ALIAS}, "alias"),
        ((Stage.ENGINE, 2), {Kind.LOCAL_IMAGE, Kind.CONTAINER}, "local image, container"),
        ((Stage.REGISTRY, 1), {Kind.ECR_IMAGE}, "registry"),
        ((Stage.ROLE, 0), {Kind.ROLE, Kind.LOG_GROUP}, "role, log group"),
    ],
)
def test_a_column_is_titled_by_what_it_holds(
    column: tuple[int, int], kinds: set[Kind], expected: str
) -> None:
    assert heading(column, kinds) == expected
    assert headings({column: 7.0}, kinds) == {expected: 7.0}


def test_only_what_is_wrong_ranks_as_red() -> None:
    codes = (Code.BROKEN, Code.DRIFT, Code.ORPHAN, Code.LAG, Code.IDLE, Code.ELSEWHERE)
    ranks = [RANK[TABLE[code].severity] for code in codes]
    assert ranks == [WRONG, WRONG, LOOK, LOOK, REMARK, REMARK]
