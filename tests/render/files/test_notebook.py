"""A drawn graph shows and saves itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

import jotgraph
from jotgraph.errors import RenderError
from tests.render.estate import shop_graph
from tests.rig.browser import Tab


def test_a_notebook_gets_svg_without_a_prolog(tmp_path: Path) -> None:
    drawn = jotgraph.draw(shop_graph()[0], title="shop")
    assert drawn._repr_svg_().startswith("<svg ")
    assert drawn._repr_html_().startswith("<iframe ")
    assert drawn.save(tmp_path / "shop.svg").read_text().startswith("<?xml")
    with pytest.raises(RenderError, match="no picture is written"):
        drawn.save(tmp_path / "shop.doc")


NOTEBOOK = """<!doctype html><html lang="en" data-ready="1"><title>notebook</title>
<style>.box { color: rgb(1, 2, 3) }</style>
<h1 class="box">Notebook</h1><svg><path id="mine" d="M0 0H9"/><text id="said">mine</text></svg>
<main>%s</main></html>"""

STYLED = """[getComputedStyle(document.getElementById('mine')).strokeLinejoin,
  getComputedStyle(document.querySelector('h1')).color]"""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    shown = jotgraph.draw(shop_graph()[0], title='shop "</iframe>')
    path = tmp_path / "notebook.html"
    path.write_text(NOTEBOOK % shown._repr_html_(), "utf-8")
    return path


def test_a_notebook_shows_the_page_and_is_not_touched_by_it(tab: Tab, notebook: Path) -> None:
    tab.open(notebook)
    inner = tab.page.frame_locator("iframe")
    inner.locator("html[data-ready]").wait_for(state="attached")
    inner.locator("#query").fill("checkout-a")
    inner.locator("#query").press("Enter")
    expect(inner.locator("#details h2")).to_have_text("checkout-api")
    expect(inner.get_by_role("button", name="Copy link")).to_have_count(0)
    inner.get_by_role("button", name="Close the details").click()
    expect(inner.locator("#details")).to_be_hidden()
    styled = tab.ask(STYLED)
    assert styled == ["miter", "rgb(1, 2, 3)"], "the notebook's own"
    assert tab.page.url.partition("#")[2] == ""
    frame = tab.page.frames[1]
    reached = "(() => { try { return parent.document.title; } catch { return 'refused'; } })()"
    assert frame.evaluate(reached) == "refused"


def test_what_is_too_heavy_for_a_notebook_is_its_picture(
    tab: Tab, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jotgraph.render.files.notebook.LARGEST", 1000)
    shown = jotgraph.draw(shop_graph()[0])._repr_html_()
    notebook.write_text(NOTEBOOK % shown, "utf-8")
    tab.open(notebook)
    expect(tab.page.frame_locator("iframe").locator("svg title").first).to_have_text(
        "2 accounts · 2026-03-01"
    )
    assert tab.ask(STYLED) == ["miter", "rgb(1, 2, 3)"]


def test_pictures_placed_inline_style_only_themselves(tab: Tab, tmp_path: Path) -> None:
    graph = shop_graph()[0]
    shown = [jotgraph.draw(graph, title=title)._repr_svg_() for title in ("one", "two")]
    path = tmp_path / "inline.html"
    path.write_text(NOTEBOOK % "".join(shown), "utf-8")
    tab.open(path)
    assert tab.ask(STYLED) == ["miter", "rgb(1, 2, 3)"], "the notebook's own"
    assert tab.ask("[...document.querySelectorAll('[id]')].map((each) => each.id)") == [
        "mine",
        "said",
    ], "two pictures share no ids, for they have none"
    for title in ("one", "two"):
        expect(tab.page.get_by_role("img", name=title)).to_have_count(1)
    ground = "getComputedStyle(document.querySelector('.jotgraph .ground')).fill"
    assert tab.ask(ground) == "rgb(255, 255, 255)"
    tab.page.emulate_media(color_scheme="dark")
    assert tab.ask(ground) == "rgb(13, 17, 23)"
