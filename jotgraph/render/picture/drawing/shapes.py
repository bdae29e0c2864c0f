"""The shape of each card, as drawing commands around a corner at (x, y), and in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from jotgraph.records.kinds import Shape

Command: TypeAlias = tuple[str, tuple[float, ...]]
"""``("M", (x, y))``, ``("L", (x, y))``, ``("C", (x1, y1, x2, y2, x, y))`` or ``("Z", ())``."""
Path: TypeAlias = tuple[Command, ...]

_ROUND = 0.5523
"""Handle length of a Bézier quarter circle with radius 1."""


ELSEWHERE: Mapping[Shape, tuple[str, tuple[str, str]]] = MappingProxyType(
    {
        Shape.STADIUM: ("ellipse", ("([", "])")),
        Shape.FOLDED: ("note", ("[", "]")),
        Shape.RIDGED: ("box3d", ("[[", "]]")),
        Shape.CYLINDER: ("cylinder", ("[(", ")]")),
        Shape.RECTANGLE: ("box", ("[", "]")),
        Shape.HEXAGON: ("hexagon", ("{{", "}}")),
        Shape.ROUNDED: ("box", ("(", ")")),
        Shape.TAG: ("cds", (">", "]")),
        Shape.SLANTED: ("parallelogram", ("[/", "/]")),
        Shape.TRAPEZIUM: ("trapezium", ("[/", "\\]")),
        Shape.OCTAGON: ("octagon", ("[\\", "/]")),
        Shape.WAVED: ("tab", ("[[", "]]")),
    }
)
"""Graphviz's most similar shape, and the brackets of a Mermaid flowchart."""


def outline(shape: Shape, x: float, y: float, wide: float, high: float) -> tuple[Path, ...]:
    """Return the closed outline of a shape, and its inner lines."""
    right, low, middle = x + wide, y + high, y + high / 2
    match shape:
        case Shape.STADIUM:
            return (rounded(x, y, wide, high, high / 2),)
        case Shape.ROUNDED:
            return (rounded(x, y, wide, high, min(12.0, high / 3)),)
        case Shape.FOLDED:
            ear = min(11.0, high / 3)
            edge = _polygon((x, y), (right - ear, y), (right, y + ear), (right, low), (x, low))
            return edge, _line((right - ear, y), (right - ear, y + ear), (right, y + ear))
        case Shape.RIDGED:
            bars = (_line((left, y), (left, low)) for left in (x + 5, right - 5))
            return rounded(x, y, wide, high, 2), *bars
        case Shape.CYLINDER:
            return _cylinder(x, y, wide, high)
        case Shape.HEXAGON:
            tip = min(11.0, high / 3)
            return (
                _polygon(
                    (x + tip, y), (right - tip, y), (right, middle),
                    (right - tip, low), (x + tip, low), (x, middle),
                ),
            )  # fmt: skip
        case Shape.TAG:
            tip = min(14.0, high / 3)
            return (
                _polygon((x, y), (right - tip, y), (right, middle), (right - tip, low), (x, low)),
            )
        case Shape.SLANTED:
            lean = min(10.0, high / 3)
            return (_polygon((x + lean, y), (right, y), (right - lean, low), (x, low)),)
        case Shape.TRAPEZIUM:
            lean = min(10.0, high / 3)
            return (_polygon((x + lean, y), (right - lean, y), (right, low), (x, low)),)
        case Shape.OCTAGON:
            cut = min(10.0, high / 4)
            return (
                _polygon(
                    (x + cut, y), (right - cut, y), (right, y + cut), (right, low - cut),
                    (right - cut, low), (x + cut, low), (x, low - cut), (x, y + cut),
                ),
            )  # fmt: skip
        case Shape.WAVED:
            rise = min(5.0, high / 8)
            third, two = x + wide / 3, x + 2 * wide / 3
            wave = ("C", (two, low - 2 * rise, third, low + rise, x, low - rise))
            return (
                (("M", (x, y)), ("L", (right, y)), ("L", (right, low - rise)), wave, ("Z", ())),
            )
        case Shape.RECTANGLE:
            return (rounded(x, y, wide, high, 3),)


def rounded(x: float, y: float, wide: float, high: float, radius: float) -> Path:
    """Return a rectangle with round corners."""
    r, k = radius, radius * (1 - _ROUND)
    right, low = x + wide, y + high
    return (
        ("M", (x + r, y)),
        ("L", (right - r, y)),
        ("C", (right - k, y, right, y + k, right, y + r)),
        ("L", (right, low - r)),
        ("C", (right, low - k, right - k, low, right - r, low)),
        ("L", (x + r, low)),
        ("C", (x + k, low, x, low - k, x, low - r)),
        ("L", (x, y + r)),
        ("C", (x, y + k, x + k, y, x + r, y)),
        ("Z", ()),
    )


def _polygon(*points: tuple[float, float]) -> Path:
    return (("M", points[0]), *(("L", point) for point in points[1:]), ("Z", ()))


def _line(*points: tuple[float, float]) -> Path:
    return (("M", points[0]), *(("L", point) for point in points[1:]))


def _cylinder(x: float, y: float, wide: float, high: float) -> tuple[Path, ...]:
    lip, right = 3.5, x + wide
    a, b = x + wide * 0.2, right - wide * 0.2
    low = y + high - lip
    body: Path = (
        ("M", (x, y + lip)),
        ("C", (x, y - lip * 0.6, right, y - lip * 0.6, right, y + lip)),
        ("L", (right, low)),
        ("C", (right, low + lip * 1.6, x, low + lip * 1.6, x, low)),
        ("Z", ()),
    )
    rim: Path = (("M", (x, y + lip)), ("C", (a, y + 2.2 * lip, b, y + 2.2 * lip, right, y + lip)))
    return body, rim
