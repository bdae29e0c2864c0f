"""Graph -> a picture in the format that a file's suffix names: text, or bytes for PNG and PDF."""

from __future__ import annotations

from jotgraph.graph import ResourceGraph
from jotgraph.render import engine, page, paint, svg, xdot
from jotgraph.render.drawing import Drawing
from jotgraph.render.view import Options, view

ENLARGE = 2.0
"""PNG pixels per CSS pixel, so that text is sharp on today's screens."""
LARGEST_PNG = 12_000.0
"""Longest side of a PNG; a larger picture is scaled down to it."""


def draw(graph: ResourceGraph, options: Options | None = None) -> Drawing:
    """What will be drawn, folded to the options' budget."""
    return view(graph, options)


def to_svg(drawing: Drawing, *, which: str = engine.PURE, legend: bool = True) -> str:
    """The drawing as an SVG document."""
    return svg.write(paint.paint(page.lay_out(drawing, which), legend))


def to_png(drawing: Drawing, *, which: str = engine.PURE, legend: bool = True) -> bytes:
    """The drawing as a PNG, light, at twice the size of the SVG."""
    painting = paint.paint(page.lay_out(drawing, which), legend)
    longest = max(painting.wide, painting.high)
    dots = 72 * min(ENLARGE, LARGEST_PNG / longest)
    source = xdot.write(painting).replace("graph {", f"graph {{ dpi={dots:.0f}", 1)
    return engine.run(source, "png", engine=which, layout="neato")


def to_pdf(drawing: Drawing, *, legend: bool = True) -> bytes:
    """The drawing as a PDF page. Raises RenderError where the system has no ``dot``."""
    painting = paint.paint(page.lay_out(drawing), legend)
    return engine.run(xdot.write(painting), "pdf", engine=engine.SYSTEM, layout="neato")
