"""How things look: tables only. Shape tells the kind, a word tells the state, colour only helps.

Every text colour has at least 4.5:1 on its card and ground in both themes (WCAG 2.2 AA, 1.4.3);
accents have 3:1 (1.4.11). ``tests/render/picture/test_style.py`` measures it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from jotgraph.links import Grade, Relation
from jotgraph.records import Kind
from jotgraph.render.picture.drawing.model import State


class Tone(NamedTuple):
    """One colour, on a light and on a dark ground."""

    light: str
    dark: str


class Look(NamedTuple):
    """One kind: its column, outline, accent and words."""

    column: int
    shape: str
    """An outline of ``outline.py``."""
    graphviz: str
    """The nearest of Graphviz's own shapes, for DOT files."""
    accent: Tone
    word: str
    plural: str


KINDS: Mapping[Kind, Look] = MappingProxyType(
    {
        Kind.COMMIT: Look(0, "stadium", "ellipse", Tone("#57606a", "#9ea7b3"), "commit", "commits"),
        Kind.LOCAL_IMAGE: Look(
            1, "folded", "note", Tone("#0f766e", "#2dd4bf"), "local image", "local images"
        ),
        Kind.CONTAINER: Look(
            1, "ridged", "box3d", Tone("#0f766e", "#2dd4bf"), "container", "containers"
        ),
        Kind.ECR_REPO: Look(
            2, "cylinder", "cylinder", Tone("#1d5fd1", "#74a9ff"), "ECR repository", "repositories"
        ),
        Kind.ECR_IMAGE: Look(
            2, "rect", "box", Tone("#1d5fd1", "#74a9ff"), "registry image", "registry images"
        ),
        Kind.FUNCTION: Look(
            3, "hexagon", "hexagon", Tone("#b45309", "#f0a04b"), "function", "functions"
        ),
        Kind.VERSION: Look(3, "rounded", "box", Tone("#b45309", "#f0a04b"), "version", "versions"),
        Kind.ALIAS: Look(3, "tag", "cds", Tone("#b45309", "#f0a04b"), "alias", "aliases"),
        Kind.TRIGGER: Look(
            3, "slanted", "parallelogram", Tone("#a21caf", "#e38bf0"), "trigger", "triggers"
        ),
        Kind.ROLE: Look(4, "octagon", "octagon", Tone("#6d3fd1", "#b69cff"), "role", "roles"),
    }
)

COLUMNS: tuple[str, ...] = ("commit", "local image", "registry", "function", "role")
"""Headings of the major columns, left to right as work flows."""

HEADINGS: Mapping[tuple[int, int], str] = MappingProxyType({(3, 1): "alias", (3, 2): "trigger"})
"""Headings of minor columns that have one of their own."""

GRADES: Mapping[Grade, tuple[str, float, str]] = MappingProxyType(
    {
        Grade.PROOF: ("", 1.6, "proof: equal bytes, a full id"),
        Grade.STRONG: ("", 1.0, "strong: a full revision"),
        Grade.SUPPORT: ("6 3", 1.0, "support: partial"),
        Grade.HINT: ("1.5 3", 1.0, "hint: names, times"),
    }
)
"""Dash pattern, width and words of each grade."""

GRAPHVIZ_GRADES: Mapping[Grade, str] = MappingProxyType(
    {
        Grade.PROOF: "bold",
        Grade.STRONG: "solid",
        Grade.SUPPORT: "dashed",
        Grade.HINT: "dotted",
    }
)

ROUND = frozenset({Kind.VERSION})
"""Kinds whose Graphviz shape gets round corners."""

MERMAID: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        Kind.COMMIT: ("([", "])"),
        Kind.LOCAL_IMAGE: ("[", "]"),
        Kind.CONTAINER: ("[[", "]]"),
        Kind.ECR_REPO: ("[(", ")]"),
        Kind.ECR_IMAGE: ("[", "]"),
        Kind.FUNCTION: ("{{", "}}"),
        Kind.VERSION: ("(", ")"),
        Kind.ALIAS: (">", "]"),
        Kind.TRIGGER: ("[/", "/]"),
        Kind.ROLE: ("[\\", "/]"),
    }
)
"""Brackets of each kind in a Mermaid flowchart."""

WRONG, LOOK, REMARK = 0, 1, 2
STATES: Mapping[str, int] = MappingProxyType(
    {
        "broken": WRONG,
        "missing": WRONG,
        "conflict": WRONG,
        "drift": WRONG,
        "failed": WRONG,
        "rescuable": LOOK,
        "orphan": LOOK,
        "lag": LOOK,
        "behind": LOOK,
        "dirty": LOOK,
        "diverged": LOOK,
        "archived": LOOK,
        "quarantined": LOOK,
        "recreated": LOOK,
        "idle": REMARK,
        "unknown": REMARK,
        "unread": REMARK,
        "current": REMARK,
    }
)

RANKS: tuple[Tone, ...] = (
    Tone("#b3261e", "#ff8a80"),
    Tone("#7a5200", "#f2c14e"),
    Tone("#57606a", "#a5aebb"),
)
"""Colour of a state's pill by rank; only the first is red."""

MARKS: Mapping[str, tuple[str, Tone]] = MappingProxyType(
    {
        "delete": ("will be deleted", Tone("#b3261e", "#ff8a80")),
        "aside": ("will be set aside", Tone("#6d3fd1", "#b69cff")),
        "left": ("left for the sweep", Tone("#57606a", "#a5aebb")),
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
        Relation.ASSUMES: "assumes",
        Relation.PART_OF: "is part of",
        Relation.INVOKES: "invokes",
        Relation.CONTAINS: "contains",
        Relation.DESCRIBES: "describes",
        Relation.STORED_IN: "is stored in",
        Relation.COPY_OF: "is a copy of",
        Relation.BASED_ON: "is based on",
        Relation.USES: "uses",
        Relation.BUILT_FROM: "was built from",
        Relation.CONTENT_EQUALS: "has the content of",
    }
)


def counted(kind: Kind, count: int) -> str:
    """The word for one or for several of a kind."""
    return KINDS[kind].word if count == 1 else KINDS[kind].plural


def state(word: str) -> State:
    """Rank a state's word by the table."""
    rank = next((STATES[each] for each in called(word) if each in STATES), REMARK)
    return State(rank=rank, word=word)


def called(word: str) -> tuple[str, ...]:
    """A state's word and the shorter ones it goes by: ``12 behind`` is ``behind`` and ``lag``,
    ``conflict: stale label`` is ``conflict``."""
    last = word.rpartition(" ")[2]
    return (word, word.partition(":")[0], last, *(("lag",) if last == "behind" else ()))
