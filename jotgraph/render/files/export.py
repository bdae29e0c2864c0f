"""Writes a graph to a file in the format of its suffix: text, or bytes for PNG and PDF."""

from __future__ import annotations

import math
from collections.abc import Callable

from msgspec.structs import replace

from jotgraph.errors import RenderError
from jotgraph.gc_pause import collector_off
from jotgraph.graph import ResourceGraph
from jotgraph.render import html
from jotgraph.render.files import dot, graph_formats, slide
from jotgraph.render.picture.drawing.edges import with_evidence
from jotgraph.render.picture.drawing.fold import fold
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.nodes import with_details
from jotgraph.render.picture.drawing.view import PictureOptions, plain_view
from jotgraph.render.picture.layout import graphviz_engine, page
from jotgraph.render.picture.paint import paint, svg, xdot
from jotgraph.render.picture.paint.primitives import Painting

ENLARGE = 2.0
"""PNG pixels per CSS pixel, so that text is sharp on today's screens."""
LARGEST_PNG, MOST_PIXELS = 12_000.0, 64e6
"""Longest side and area of a PNG (256 MB while it is drawn); a larger picture is scaled down."""
MANY = 5_000
"""Number of resources above which tooltips of lines are added after folding, to those that are
left."""

FORMS = (
    ".svg",
    ".png",
    ".pdf",
    ".html",
    ".dot",
    ".gv",
    ".mmd",
    ".graphml",
    ".json",
    ".cyjs",
    ".zip",
)
"""Suffixes that ``render`` writes; ``.zip`` holds openCypher CSV."""
PICTURES = (".svg", ".png", ".pdf")
"""The suffixes of pictures."""


def render(
    graph: ResourceGraph,
    suffix: str,
    options: PictureOptions | None = None,
    which: str = graphviz_engine.PURE,
) -> str | bytes:
    """Return a graph in the format of a file's suffix. Raises RenderError for an unknown one, and
    for what the engine cannot do."""
    asked = options or PictureOptions()
    data: dict[str, Callable[[ResourceGraph, PictureOptions], str | bytes]] = {
        ".graphml": graph_formats.graphml,
        ".json": graph_formats.node_link,
        ".cyjs": graph_formats.cytoscape,
        ".zip": graph_formats.opencypher,
        ".html": html.render,
    }
    if suffix in data:
        return data[suffix](graph, asked)
    if suffix not in FORMS:
        raise RenderError(f"no picture is written as {suffix or 'that'!r}; try {' '.join(FORMS)}")
    if asked.slide and suffix in PICTURES:
        whole = draw(graph, replace(asked, budget=0))
        engine = graphviz_engine.PURE if suffix == ".pdf" else which
        painting = slide.on_a_slide(whole, which=engine, legend=asked.legend)
        return _written(painting, suffix, which)
    drawing = draw(graph, asked)
    match suffix:
        case ".svg":
            return to_svg(drawing, which=which, legend=asked.legend)
        case ".png":
            return to_png(drawing, which=which, legend=asked.legend)
        case ".pdf":
            return to_pdf(drawing, legend=asked.legend)
        case ".mmd":
            return graph_formats.mermaid(drawing)
        case _:
            return dot.write(drawing)


def draw(graph: ResourceGraph, options: PictureOptions | None = None) -> Drawing:
    """Return the drawing, folded to the options' budget."""
    asked = options or PictureOptions()
    with collector_off():
        drawing = plain_view(graph, asked, brief=asked.brief)
        if len(graph) <= MANY:
            drawing = with_evidence(graph, drawing)
        drawing = fold(drawing, asked.budget, asked.collapse)
        if len(graph) > MANY:
            drawing = with_evidence(graph, drawing)
        return with_details(graph, drawing)


def _written(painting: Painting, suffix: str, which: str) -> str | bytes:
    match suffix:
        case ".svg":
            return svg.write(painting)
        case ".png":
            return _png(painting, which)
        case _:
            return _pdf(painting)


def to_svg(drawing: Drawing, *, which: str = graphviz_engine.PURE, legend: bool = True) -> str:
    """Return the drawing as an SVG document."""
    return svg.write(paint.paint(page.lay_out(drawing, which), legend))


def to_png(drawing: Drawing, *, which: str = graphviz_engine.PURE, legend: bool = True) -> bytes:
    """Return the drawing as a PNG, light, at twice the size of the SVG."""
    return _png(paint.paint(page.lay_out(drawing, which), legend), which)


def _png(painting: Painting, which: str) -> bytes:
    dots = resolution(painting.wide, painting.high)
    lift = xdot.CAIRO_LIFT if which == graphviz_engine.SYSTEM else 0.0
    source = xdot.write(painting, lift).replace("graph {", f"graph {{ dpi={dots:.2f}", 1)
    return graphviz_engine.run(source, "png", engine=which, layout="neato")


def resolution(wide: float, high: float) -> float:
    """Return the dots per inch for the PNG of a picture with this size in CSS pixels."""
    most = LARGEST_PNG / max(wide, high), math.sqrt(MOST_PIXELS / (wide * high))
    return 72 * min(ENLARGE, *most)


def to_pdf(drawing: Drawing, *, legend: bool = True) -> bytes:
    """Return the drawing as a PDF page. Raises RenderError if the system has no ``dot``."""
    return _pdf(paint.paint(page.lay_out(drawing), legend))


def _pdf(painting: Painting) -> bytes:
    source = xdot.write(painting, xdot.CAIRO_LIFT)
    return graphviz_engine.run(source, "pdf", engine=graphviz_engine.SYSTEM, layout="neato")
