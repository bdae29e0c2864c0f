"""The colours and line widths of every look, for fill and stroke in both themes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from jotgraph.render.picture.drawing.style import CARDS, MARKS, PILLS, THEME, WRONG, Tone


class Ink(NamedTuple):
    """Fill and stroke, None for neither; ``text`` colours text by its fill."""

    fill: Tone | None
    stroke: Tone | None = None
    width: float = 1.0


_PILL_TEXT = Tone("#ffffff", "#0d1117")

INKS: Mapping[str, Ink] = MappingProxyType(
    {
        "ground": Ink(THEME["ground"]),
        "account": Ink(THEME["account"], THEME["rim"]),
        "region": Ink(THEME["region"], THEME["rim"]),
        "box": Ink(THEME["box"], THEME["rim"]),
        "line": Ink(None, THEME["line"], 1.2),
        "wrong-line": Ink(None, THEME["wrong"], 1.6),
        "label": Ink(THEME["box"]),
        "rule": Ink(None, THEME["rim"]),
        "missing": Ink(*CARDS[WRONG], 2.0),
        "unread": Ink(THEME["card"], THEME["quiet"], 1.2),
        "ghost": Ink(THEME["card"], THEME["quiet"], 1.0),
        "ink": Ink(THEME["ink"]),
        "quiet": Ink(THEME["quiet"]),
        "faint": Ink(THEME["quiet"]),
        "on-pill": Ink(_PILL_TEXT),
        "count": Ink(THEME["quiet"]),
        **{f"state-{rank}": Ink(ground) for rank, (ground, _) in enumerate(PILLS)},
        **{f"on-state-{rank}": Ink(ink) for rank, (_, ink) in enumerate(PILLS)},
        "card": Ink(THEME["card"], THEME["edge"], 1.2),
        "rim": Ink(None, THEME["edge"], 1.0),
        **{f"card-{rank}": Ink(fill, edge, 2.4) for rank, (fill, edge) in CARDS.items()},
        **{f"rim-{rank}": Ink(None, edge, 1.2) for rank, (_, edge) in CARDS.items()},
        **{f"ring-{mark}": Ink(None, tone, 2.6) for mark, (_, tone) in MARKS.items()},
        **{f"mark-{mark}": Ink(tone) for mark, (_, tone) in MARKS.items()},
    }
)
