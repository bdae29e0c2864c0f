"""A painting as SVG: both themes, tooltips, links; no foreign text becomes markup."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from jotgraph.render.picture.drawing.shapes import Path
from jotgraph.render.picture.drawing.style import FONT
from jotgraph.render.picture.paint.colours import INKS, Ink
from jotgraph.render.picture.paint.primitives import Group, Painting, Stroke, Text
from jotgraph.render.words import clean

_ROOT = "jotgraph"
"""The class in every rule, so that a picture inline in a page styles only itself. For the same
reason it has no ids, which two pictures in one page would share."""
_QUOTES = {'"': "&quot;", "'": "&#39;"}


def write(painting: Painting) -> str:
    """Return a whole SVG document; the same painting gives the same bytes."""
    wide, high = f"{painting.wide:.0f}", f"{painting.high:.0f}"
    used = {"ground"} | {mark.look for group in painting.groups for mark in group.marks}
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
            f'viewBox="0 0 {wide} {high}" class="{_ROOT}" role="img">',
            f"<title>{text(painting.title)}</title>",
            f"<desc>{text(painting.about)}</desc>",
            f"<style>{_css(used)}</style>",
            f'<rect class="ground" width="{wide}" height="{high}"/>',
            *(line for group in painting.groups for line in _group(group)),
            "</svg>",
            "",
        ]
    )


def text(value: str) -> str:
    """Return text escaped for element content and attributes."""
    return escape(value, _QUOTES)


def _css(used: set[str]) -> str:
    """Rules for the looks in use; dark if the reader prefers it. In a narrow window the whole
    picture is as wide as that."""
    light = "".join(_rule(name, INKS[name], 0) for name in sorted(used))
    dark = "".join(_rule(name, INKS[name], 1) for name in sorted(used))
    shared = (
        f".{_ROOT}{{max-width:100%;height:auto}}"
        f".{_ROOT} text{{font-family:{FONT};white-space:pre}}.{_ROOT} .b{{font-weight:bold}}"
        f".{_ROOT} .m{{text-anchor:middle}}.{_ROOT} .e{{text-anchor:end}}"
        f".{_ROOT} path{{stroke-linejoin:round}}"
        f".{_ROOT} a:hover path,.{_ROOT} .node:hover path{{stroke-width:2.4}}"
    )
    return f"{shared}{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _rule(name: str, ink: Ink, theme: int) -> str:
    fill = ink.fill[theme] if ink.fill else "none"
    stroke = f";stroke:{ink.stroke[theme]}" if ink.stroke else ""
    wide = f";stroke-width:{ink.width:g}" if ink.stroke and theme == 0 else ""
    return f".{_ROOT} .{name}{{fill:{fill}{stroke}{wide}}}"


def _group(group: Group) -> Iterator[str]:
    if not group.marks:
        return
    data = f' data-id="{text(clean(group.id, 2000))}"' if group.id else ""
    yield f'<g class="{group.kind}"{data}>'
    if group.tooltip:
        yield f"<title>{text(group.tooltip)}</title>"
    if group.href.startswith("https://"):
        yield f'<a href="{text(group.href)}" target="_blank" rel="noopener">'
    for mark in group.marks:
        yield _stroke(mark) if isinstance(mark, Stroke) else _text(mark)
    if group.href.startswith("https://"):
        yield "</a>"
    yield "</g>"


def _stroke(mark: Stroke) -> str:
    extra = f' stroke-dasharray="{mark.dash}"' if mark.dash else ""
    # a style, for a class would win over the attribute
    extra += f' style="stroke-width:{mark.width:g}"' if mark.width else ""
    return f'<path class="{mark.look}"{extra} d="{_path(mark.path)}"/>'


def _text(mark: Text) -> str:
    """A text; ``textLength`` keeps it inside its shape whatever font the viewer has."""
    kind = mark.look + (" b" if mark.bold else "")
    kind += {"middle": " m", "end": " e"}.get(mark.anchor, "")
    return (
        f'<text class="{kind}" x="{_number(mark.x)}" y="{_number(mark.y)}" '
        f'font-size="{mark.size:g}" textLength="{_number(mark.wide)}" '
        f'lengthAdjust="spacingAndGlyphs">{text(mark.text)}</text>'
    )


def _path(path: Path) -> str:
    return "".join(name + " ".join(_number(value) for value in values) for name, values in path)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
