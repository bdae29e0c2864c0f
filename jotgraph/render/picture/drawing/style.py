"""Tables of appearances. Shape expresses the kind; a word and a colour express the state.

Every text colour has a contrast of at least 4.5:1 on its card and background in both themes (WCAG
2.2 AA, 1.4.3); accents have 3:1 (1.4.11). ``tests/render/picture/test_style.py`` measures it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from jotgraph.links import Grade, Relation
from jotgraph.records import KINDS, Kind
from jotgraph.records.kinds import Shape
from jotgraph.render.picture.drawing.shapes import ELSEWHERE


class Tone(NamedTuple):
    """One colour on a light and on a dark background."""

    light: str
    dark: str


class Look(NamedTuple):
    """The appearance of one kind. Its words, column and shape are in its row of ``KINDS``."""

    shape: Shape
    graphviz: str
    """Graphviz's most similar shape, for DOT files."""
    mermaid: tuple[str, str]
    """The brackets around it in a Mermaid flowchart."""
    rounded: bool
    """Whether Graphviz's shape gets round corners."""


def _look(kind: Kind) -> Look:
    shape = KINDS[kind].shape
    return Look(shape, *ELSEWHERE[shape], shape is Shape.ROUNDED)


LOOKS: Mapping[Kind, Look] = MappingProxyType({kind: _look(kind) for kind in Kind})

_COLUMNS: Mapping[Kind, str] = MappingProxyType(
    {Kind.ECR_REPO: "registry", Kind.ECR_IMAGE: "registry", Kind.VERSION: "function"}
)
"""Kinds whose column is not titled by their own words."""

GRADES: Mapping[Grade, tuple[str, float, str]] = MappingProxyType(
    {
        Grade.PROOF: ("", 1.6, "PROOF: equal bytes, a full id"),
        Grade.STRONG: ("", 1.0, "STRONG: a full revision"),
        Grade.SUPPORT: ("6 3", 1.0, "SUPPORT: partial"),
        Grade.HINT: ("1.5 3", 1.0, "HINT: names, times"),
    }
)
"""Dash pattern, width and words of each grade."""

MAY_RUN = "2 5"
"""Dash pattern for what may run and does not today."""

GRAPHVIZ_GRADES: Mapping[Grade, str] = MappingProxyType(
    {
        Grade.PROOF: "bold",
        Grade.STRONG: "solid",
        Grade.SUPPORT: "dashed",
        Grade.HINT: "dotted",
    }
)

WRONG, LOOK, REMARK = 0, 1, 2
"""The severity rank of a state, which is the index of its colour in ``RANKS``."""

RANKS: tuple[Tone, ...] = (
    Tone("#b3261e", "#ff8a80"),
    Tone("#7a5200", "#f2c14e"),
    Tone("#57606a", "#a5aebb"),
)
"""Colour of a state's word by rank; only the first is red."""

PILLS: tuple[tuple[Tone, Tone], ...] = (
    (Tone("#c62018", "#ff8a80"), Tone("#ffffff", "#0d1117")),
    (Tone("#ffb01f", "#f2c14e"), Tone("#241a00", "#0d1117")),
    (Tone("#57606a", "#a5aebb"), Tone("#ffffff", "#0d1117")),
)
"""Background and text colour of a state's pill by rank."""

CARDS: Mapping[int, tuple[Tone, Tone]] = MappingProxyType(
    {
        WRONG: (Tone("#ffd6d1", "#5a1c1a"), Tone("#c62018", "#ff8a80")),
        LOOK: (Tone("#fff0c2", "#433409"), Tone("#a86b00", "#f2c14e")),
    }
)
"""Fill and outline of a card by the rank of its worst state, visible from a distance. All other
cards are plain."""

CARD_WORDS: Mapping[int, str] = MappingProxyType({WRONG: "wrong", LOOK: "worth a look"})

MARKS: Mapping[str, tuple[str, Tone]] = MappingProxyType(
    {
        "delete": ("to delete", Tone("#b3261e", "#ff8a80")),
        "aside": ("to set aside", Tone("#6d3fd1", "#b69cff")),
        "left": ("left to sweep", Tone("#57606a", "#a5aebb")),
        "blocked": ("blocked", Tone("#7a5200", "#f2c14e")),
        "kept": ("kept", Tone("#1a6b34", "#6fd08c")),
        "added": ("added", Tone("#1a6b34", "#6fd08c")),
        "removed": ("removed", Tone("#b3261e", "#ff8a80")),
        "changed": ("changed", Tone("#7a5200", "#f2c14e")),
        "contains": ("contains it", Tone("#1a6b34", "#6fd08c")),
        "lacks": ("lacks it", Tone("#7a5200", "#f2c14e")),
        "unknown": ("not known", Tone("#57606a", "#a5aebb")),
    }
)
"""Words and colours of the overlays."""

THEME: Mapping[str, Tone] = MappingProxyType(
    {
        "ground": Tone("#ffffff", "#0d1117"),
        "account": Tone("#f6f7f9", "#12171f"),
        "region": Tone("#eef1f5", "#171d26"),
        "box": Tone("#ffffff", "#0f141b"),
        "rim": Tone("#ccd3dc", "#343d49"),
        "card": Tone("#ffffff", "#1b222c"),
        "edge": Tone("#76818f", "#7f8a98"),
        "ink": Tone("#1b222c", "#e6ebf1"),
        "quiet": Tone("#57606a", "#a5aebb"),
        "line": Tone("#6b7684", "#8a94a2"),
        "wrong": Tone("#b3261e", "#ff8a80"),
    }
)

FONT = "Helvetica, Arial, Arimo, 'Liberation Sans', sans-serif"

RELATION_WORDS: Mapping[Relation, str] = MappingProxyType(
    {
        Relation.ROUTES_TO: "routes to",
        Relation.RUNS: "runs",
        Relation.FOLLOWS: "was deployed from a tag that now names",
        Relation.MAY_RUN: "may run",
        Relation.ASSUMES: "assumes",
        Relation.LOGS_TO: "logs to",
        Relation.PART_OF: "is part of",
        Relation.INVOKES: "invokes",
        Relation.CONTAINS: "contains",
        Relation.DESCRIBES: "describes",
        Relation.STORED_IN: "is stored in",
        Relation.COPY_OF: "is a copy of",
        Relation.BASED_ON: "is based on",
        Relation.USES: "uses",
        Relation.MENTIONS: "names",
        Relation.BUILT_FROM: "was built from",
        Relation.CONTENT_EQUALS: "has the content of",
    }
)


def heading(column: tuple[int, int], kinds: Collection[Kind]) -> str:
    """What stands in a column, of the kinds that are drawn: ``function, workload``. A lane beside
    the first of a column has its own."""
    stage, lane = column
    lanes = {KINDS[kind].lane for kind in KINDS if KINDS[kind].stage == stage}
    own = lane if lane in lanes else 0
    words = (
        _COLUMNS.get(kind, info.title)
        for kind, info in KINDS.items()
        if kind in kinds and info.stage == stage and (info.lane or 0) == own
    )
    return ", ".join(dict.fromkeys(words))


def headings(at: Mapping[tuple[int, int], float], kinds: Collection[Kind]) -> dict[str, float]:
    """The word over each column that has another than those before it, and the column's left."""
    words: dict[str, float] = {}
    for column, x in sorted(at.items()):
        words.setdefault(heading(column, kinds), x)
    return words


def counted(kind: Kind, count: int) -> str:
    """Return the noun for one or several of a kind."""
    return KINDS[kind].title if count == 1 else KINDS[kind].plural
