"""A drawn graph for notebooks, which can be saved in the format of a file's suffix."""

from __future__ import annotations

from functools import cached_property
from html import escape
from pathlib import Path

from jotgraph.graph import ResourceGraph
from jotgraph.render import html
from jotgraph.render.files import export
from jotgraph.render.picture.drawing.view import PictureOptions
from jotgraph.store.writing import write_answer

LARGEST = 4_000_000
"""Longest page in a notebook, in characters."""
_FRAME = (
    '<iframe title="{title}" sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" '
    'style="width:100%;height:44em;border:1px solid #8886;border-radius:8px" '
    'srcdoc="{document}"></iframe>'
)


class Picture:
    """A drawn graph; Jupyter shows it as an interactive page, or else as SVG."""

    def __init__(self, graph: ResourceGraph, options: PictureOptions, which: str) -> None:
        self.graph, self.options, self.engine = graph, options, which

    @cached_property
    def svg(self) -> str:
        """The picture as an SVG document."""
        return str(export.render(self.graph, ".svg", self.options, self.engine))

    def save(self, path: str | Path) -> Path:
        """Write the format of the suffix (``export.FORMS``). Raises RenderError for an unknown
        one."""
        target = Path(path)
        written = export.render(self.graph, target.suffix.lower(), self.options, self.engine)
        write_answer(target, written)
        return target

    def _repr_svg_(self) -> str:
        return self.svg.partition("?>\n")[2]

    def _repr_html_(self) -> str:
        """The interactive page in a frame, so that its styles and scripts and the notebook's stay
        apart; the SVG if the page is too long."""
        document = html.render(self.graph, self.options)
        if len(document) > LARGEST:
            document = f"<!doctype html><title>picture</title>{self._repr_svg_()}"
        return _FRAME.format(
            title=escape(self.options.title or "jotgraph"), document=escape(document)
        )
