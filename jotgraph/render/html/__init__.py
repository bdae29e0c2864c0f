"""One self-contained HTML page of a graph, which needs no network and allows none.

The page is a fixed program and fixed styles, named by their SHA-256 in a Content-Security-Policy
that allows nothing else, and data in ``<script type="application/json">``, where ``<``, ``>`` and
``&`` are escaped: no foreign text can end the element, and the program shows it by ``textContent``
and ``fillText`` only.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from jotgraph.graph import ResourceGraph
from jotgraph.render.answers.envelope import Json
from jotgraph.render.html.data import payload
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.style import Tone
from jotgraph.render.picture.drawing.view import PictureOptions, view

LIBRARIES = (
    "d3-dispatch", "d3-selection", "d3-drag", "d3-color", "d3-interpolate", "d3-timer", "d3-ease",
    "d3-transition", "d3-zoom",
)  # fmt: skip
"""Vendored scripts in the order of their dependencies; see ``vendor/README.md``."""
SCRIPTS = (
    "model.js", "elements.js", "scene.js", "paint.js", "card.js", "map.js", "view.js", "details.js",
    "list.js", "search.js", "select.js", "keys.js", "pointer.js", "head.js", "print.js",
    "page.js",
)  # fmt: skip
"""The page's own modules, in the order of their dependencies. They are joined into one script,
because a page opened from a file cannot load modules."""
_IMPORT = re.compile(r"^import \{[^}]*\} from \"\./[a-z]+\.js\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const |let |function )", re.MULTILINE)
_TYPES = re.compile(r"^ */\*\*(?:(?!\*/).)*\*/\n", re.MULTILINE | re.DOTALL)


def render(graph: ResourceGraph, options: PictureOptions | None = None) -> str:
    """Return the page as text; the same graph and options give the same bytes."""
    asked = options or PictureOptions()
    drawing = view(graph, asked, brief=asked.brief)
    main, details = payload(graph, drawing, asked)
    libraries, program, sheet = _scripts()
    parts = {
        "policy": _policy((libraries, program), sheet),
        "title": escape(drawing.title),
        "style": sheet,
        "data": _json(main),
        "details": _json(details),
        "libraries": libraries,
        "program": program,
    }
    page = _read(files(__name__) / "page.html")
    head, *rest = page.split("{{")
    return head + "".join(
        parts[name] + tail for name, _, tail in (part.partition("}}") for part in rest)
    )


@cache
def _scripts() -> tuple[str, str, str]:
    """The libraries, the program and the style sheet of every page."""
    folder = files(__name__)
    libraries = "\n".join(
        "\n".join(line for line in _read(folder / "vendor" / f"{library}.js").splitlines() if line)
        for library in LIBRARIES
    )
    program = "\n".join(_bare(_read(folder / name)) for name in SCRIPTS)
    program = f'(() => {{\n"use strict";\n{program}\n}})();'
    return libraries, program, _tokens() + _read(folder / "page.css")


def _bare(module: str) -> str:
    """A module without its imports, exports and types; its names are those of the one script."""
    return _TYPES.sub("", _EXPORT.sub("", _IMPORT.sub("", module)))


def _read(path: Traversable) -> str:
    return path.read_text(encoding="utf-8")


def _policy(scripts: tuple[str, ...], sheet: str) -> str:
    """A policy that allows only these scripts and styles, and the icon in the file."""
    hashes = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src {_hash(sheet)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(value: dict[str, Json]) -> str:
    """JSON for a script element: no character in it has a meaning in HTML."""
    text = msgspec.json.encode(value).decode()
    for character in "<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _tokens() -> str:
    """The colours of ``style`` as CSS variables, in both themes; paper is light."""
    tones: dict[str, Tone] = {
        **style.THEME,
        **{f"rank-{rank}": tone for rank, tone in enumerate(style.RANKS)},
        **{f"pill-{rank}": ground for rank, (ground, _) in enumerate(style.PILLS)},
        **{f"on-pill-{rank}": ink for rank, (_, ink) in enumerate(style.PILLS)},
        **{f"fill-{rank}": fill for rank, (fill, _) in style.CARDS.items()},
        **{f"edge-{rank}": edge for rank, (_, edge) in style.CARDS.items()},
        **{f"mark-{mark}": tone for mark, (_, tone) in style.MARKS.items()},
    }
    light = "".join(f"--{name}:{tone.light};" for name, tone in tones.items())
    dark = "".join(f"--{name}:{tone.dark};" for name, tone in tones.items())
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{color-scheme:dark;{dark}}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
    )
