"""The stored demo's page, one function selected -> docs/images/page.png:
``python -m tests.render.html.page_picture`` (with Debian's chromium)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from jotgraph import graph as graphs
from jotgraph import store, views
from jotgraph.render import html
from tests.render.goldens import DEMO
from tests.rig.browser import chromium
from tests.rig.live import ROOT

PICTURE = ROOT / "docs" / "images" / "page.png"
FUNCTION = "checkout"
SIZE = (840, 1000)
"""As wide as GitHub shows a picture: its letters are then as large as on the page."""


def main() -> None:
    """What a person sees who looks for a function."""
    graph = graphs.build(store.load(DEMO))
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = Path(folder) / "demo.html"
        page.write_text(html.render(graph, views.options(graph, page=True)), "utf-8")
        with browser.tab(SIZE) as tab:
            tab.open(page)
            tab.press("/", FUNCTION, "Enter")
            tab.page.mouse.move(700, 20)
            tab.page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
