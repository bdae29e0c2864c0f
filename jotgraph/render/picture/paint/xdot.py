"""A painting as DOT that only contains drawing operations, from which Graphviz writes PNG or PDF.

Graphviz draws the operations in the graph attribute ``_background`` unchanged (its xdot format,
graphviz.org/docs/outputs/canon/#xdot), so pictures look alike in every format; text uses the
engine's own Arial, or a font of the same widths.
"""

from __future__ import annotations

from jotgraph.render.picture.drawing.shapes import Path
from jotgraph.render.picture.paint.colours import INKS
from jotgraph.render.picture.paint.primitives import Painting, Stroke, Text

CAIRO_LIFT = 0.2
"""How far the system's Graphviz places a text above its baseline, relative to its size: it centres
a label (``yoffset_centerline`` of its Pango plugin), which graphviz-pure does not."""


def write(painting: Painting, lift: float = 0.0) -> str:
    """Return DOT for ``neato -n2`` in the light theme, since paper and slides have no other.
    ``lift`` is how far the engine will place texts too high, relative to their size."""
    wide, high = painting.wide, painting.high
    marks = [mark for group in painting.groups for mark in group.marks]
    # Graphviz before 3 refuses a string over 16 KiB, but joins any number of them with a plus
    drawn = '"+\n"'.join(
        _quoted(_stroke(mark, high) if isinstance(mark, Stroke) else _text(mark, high, lift)) + " "
        for mark in marks
    )
    corner = 'style=invis shape=point width=0 height=0 label=""'
    return (
        f'graph {{ pad=0 margin=0 bgcolor="#ffffff" _background="{drawn}"\n'
        f'a [pos="0,0" {corner}]; b [pos="{wide:.0f},{high:.0f}" {corner}] }}\n'
    )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _stroke(mark: Stroke, high: float) -> str:
    ink = INKS[mark.look]
    out = []
    if ink.fill:
        out.append(f"{_string('C', ink.fill.light)} {_string('c', '#ffffff00')}")
        out.append(_shape(mark.path, high, filled=True))
    if ink.stroke:
        out.append(_string("c", ink.stroke.light))
        out.append(_string("S", f"setlinewidth({mark.width or ink.width:g})"))
        out.append(
            _string(
                "S",
                "dashed"
                if mark.dash.startswith(("4", "5", "6"))
                else "dotted"
                if mark.dash
                else "solid",
            )
        )
        out.append(_shape(mark.path, high, filled=False))
    return " ".join(out)


def _shape(path: Path, high: float, *, filled: bool) -> str:
    """One Bézier run; the handles of straight lines lie on them."""
    points: list[tuple[float, float]] = []
    for name, values in (*path, *((("L", path[0][1]),) if path[-1][0] == "Z" else ())):
        if name == "M":
            points.append((values[0], values[1]))
        elif name == "L":
            (a, b), (c, d) = points[-1], (values[0], values[1])
            points += [
                ((2 * a + c) / 3, (2 * b + d) / 3),
                ((a + 2 * c) / 3, (b + 2 * d) / 3),
                (c, d),
            ]
        elif name == "C":
            points += list(zip(values[::2], values[1::2], strict=True))
    spelled = " ".join(f"{x:.1f} {high - y:.1f}" for x, y in points)
    return f"{'b' if filled else 'B'} {len(points)} {spelled}"


def _text(mark: Text, high: float, lift: float) -> str:
    # Pango takes Arial for whatever has its widths, and DejaVu Sans for Helvetica in some places;
    # bold is a flag (xdot 1.5), for graphviz-pure sets any other name in Times
    ink = INKS[mark.look].fill
    align = {"start": -1, "middle": 0, "end": 1}[mark.anchor]
    size = f"{mark.size:g}"
    base = high - mark.y - lift * mark.size
    return (
        f"F {size} 5 -Arial t {int(mark.bold)} {_string('c', ink.light if ink else '#000000')} "
        f"T {mark.x:.1f} {base:.1f} {align} {mark.wide:.1f} {_counted(mark.text)}"
    )


def _string(operation: str, value: str) -> str:
    return f"{operation} {_counted(value)}"


def _counted(value: str) -> str:
    """An xdot string, which includes its length in bytes."""
    return f"{len(value.encode())} -{value}"
