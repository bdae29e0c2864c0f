"""The page in a real browser: what a person does, and what the page must never do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from jotgraph.render import html
from tests.render.estate import PROD, crowd, sha
from tests.render.html.estate import CHECKOUT, hostile, shop_page
from tests.rig.browser import Browser
from tests.rig.tab import Tab

IMAGE = f"ecr-image:{PROD}/eu-west-1/shop/checkout@sha256:{sha('c1')}"
FILE = "file:"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_page(tmp_path_factory.mktemp("page"))


@pytest.fixture
def shop(tab: Tab, page: Path) -> Iterator[Tab]:
    """The shop's page, just opened; afterwards it must not have complained or asked for more."""
    tab.console()
    tab.requests()
    tab.open(page)
    yield tab
    assert tab.console() == []
    assert {each.partition("#")[0] for each in tab.requests()} <= {page.resolve().as_uri()} | {
        each for each in tab.requests() if each.startswith("data:")
    }


def heading(tab: Tab) -> object:
    return tab.script("return document.querySelector('#details h2')?.textContent")


def test_search_finds_and_enter_opens(shop: Tab) -> None:
    shop.press("/", "checkout-a")
    hits = shop.script("return [...document.querySelectorAll('#hits [role=option]')].length")
    assert hits > 0
    shop.press("Enter")
    assert shop.script("return jotgraph.selected()") == CHECKOUT
    assert heading(shop) == "checkout-api"
    assert shop.script("return decodeURIComponent(location.hash)") == f"#{CHECKOUT}"


def test_search_says_when_there_is_nothing(shop: Tab) -> None:
    shop.press("/", "no such thing")
    assert shop.script("return document.getElementById('hits').innerText") == (
        "Nothing is called that."
    )
    shop.press("Escape")
    assert shop.script("return document.getElementById('query').value") == ""


def test_a_click_on_a_card_shows_record_evidence_and_verdict(shop: Tab) -> None:
    stage = shop.script("const b = document.getElementById('canvas').getBoundingClientRect();"
                        "return [b.x, b.y]")  # fmt: skip
    at = shop.script("return jotgraph.at(arguments[0])", IMAGE)
    shop.click(stage[0] + at[0], stage[1] + at[1])
    assert shop.script("return jotgraph.selected()") == IMAGE
    said = shop.script("return document.getElementById('details').innerText").lower()
    for each in ("verdict", "in use", "evidence", "proof", "record", "digest", "comes from"):
        assert each in said
    shop.press("Escape")
    assert shop.script("return jotgraph.selected()") == ""
    assert shop.script("return document.getElementById('details').hidden") is True


def test_a_deep_link_selects_and_the_lineage_is_lit_both_ways(shop: Tab, page: Path) -> None:
    shop.open(page, "#" + quote(IMAGE, safe=""))
    assert shop.script("return jotgraph.selected()") == IMAGE
    kinds = {each.partition(":")[0] for each in shop.script("return jotgraph.lit()")}
    assert {"commit", "local-image", "ecr-image", "function", "version", "role"} <= kinds
    assert "checkout-api" in str(shop.script("return jotgraph.lit()"))
    assert "search" not in str(shop.script("return jotgraph.lit()"))


def test_back_goes_to_what_was_selected_before(shop: Tab) -> None:
    shop.press("/", "checkout-api", "Enter", "/", "mail-sender", "Enter")
    assert heading(shop) == "mail-sender"
    shop.script("history.back()")
    shop.wait("return document.querySelector('#details h2').textContent === 'checkout-api'")


def test_filters_by_kind_state_account_and_region(shop: Tab) -> None:
    whole = len(shop.script("return jotgraph.passing()"))
    shop.click_on("#filter-kind summary")
    shop.click_on("#filter-kind input[value=function]")
    functions = shop.script("return jotgraph.passing()")
    assert functions
    assert all(each.startswith("function:") for each in functions)
    shop.click_on("#filter-region summary")
    shop.click_on("#filter-region input[value=us-east-1]")
    assert shop.script("return jotgraph.passing()") == [
        "function:444455556666/us-east-1/etl-nightly"
    ]
    assert shop.script("return document.querySelectorAll('#jots-body tr').length") == 1
    shop.click_on("#clear")
    assert len(shop.script("return jotgraph.passing()")) == whole
    shop.click_on("#filter-state summary")
    shop.click_on("#filter-state input[value=drift]")
    assert shop.script("return jotgraph.passing()") == [f"function:{PROD}/eu-west-1/search-query"]
    shop.press("Escape")
    shop.press("Escape")
    assert len(shop.script("return jotgraph.passing()")) == whole


def test_the_list_sorts_filters_and_opens(shop: Tab) -> None:
    names = "return [...document.querySelectorAll('#jots-body .row-name')].map(e => e.textContent)"
    found = shop.script(names)
    assert found == sorted(found)
    shop.click_on("[data-sort=name]")
    assert shop.script(names) == found[::-1]
    shop.click_on("[data-sort=state]")
    assert shop.script(names)[0] in {"mail-sender", "search-query"}
    shop.click_on("#jots-filter")
    shop.press("mail")
    assert shop.script(names) == ["mail-sender"]
    shop.click_on("#jots-body .row-name")
    assert heading(shop) == "mail-sender"


def test_the_drop_down_shows_the_versions_of_a_function(shop: Tab) -> None:
    choose = "#jots-body select"
    options = f"return [...document.querySelector('{choose}').options].map(e => e.textContent)"
    found = shop.script(options)
    assert [each.split()[0] for each in found] == ["$LATEST", "v8", "v7"]
    shop.script(
        f"const it = document.querySelector('{choose}'); it.selectedIndex = 2;"
        "it.dispatchEvent(new Event('change'))"
    )
    assert shop.script("return jotgraph.selected()").endswith(":7")
    assert shop.script(f"return document.querySelector('{choose}').selectedIndex") == 2


def test_arrows_walk_the_graph_and_enter_reads(shop: Tab) -> None:
    shop.press("/", "checkout-api", "Enter", "Left")
    assert shop.script("return jotgraph.selected()").startswith("ecr-image:")
    shop.press("Right")
    assert shop.script("return jotgraph.selected()").partition(":")[0] in ("function", "version")
    shop.press("Enter")
    assert shop.script("return document.activeElement.tagName") == "H2"
    assert "comes from" in shop.script("return document.getElementById('status').textContent")


def test_zoom_by_wheel_and_keys(shop: Tab) -> None:
    before = shop.script("return jotgraph.zoom()")
    shop.wheel(900, 500, -300)
    assert shop.script("return jotgraph.zoom()") > before
    shop.script("document.getElementById('canvas').focus()")
    shop.press("-")
    shop.press("0")
    shop.wait("return document.getElementById('zoom-level').textContent.endsWith('%')")


def test_light_and_dark(shop: Tab) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert shop.script(ground) == "rgb(255, 255, 255)"
    shop.media(prefers_color_scheme="dark")
    assert shop.script(ground) == "rgb(13, 17, 23)"
    shop.click_on("#theme")
    assert shop.script(ground) == "rgb(255, 255, 255)"
    shop.media(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    shop.script("localStorage.clear()")


def test_every_control_has_a_name(shop: Tab) -> None:
    shop.press("/", "checkout-api", "Enter")
    nameless = shop.script("""
        return [...document.querySelectorAll('button, input, select, a[href], summary, canvas')]
          .filter(each => each.id !== 'map' && each.checkVisibility())
          .filter(each => !(each.ariaLabel || each.labels?.length && each.labels[0].innerText
            || each.innerText?.trim() || each.title)).map(each => each.outerHTML)""")
    assert nameless == []


AXE = (Path(__file__).parent / "vendor" / "axe-core.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opened", ["", "#details", "#hits"])
def test_axe_finds_nothing_wrong(shop: Tab, scheme: str, opened: str) -> None:
    shop.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    if opened == "#details":
        shop.press("/", "checkout-api", "Enter")
    if opened == "#hits":
        shop.click_on("#filter-state summary")
        shop.press("/", "checkout")
    shop.script(f"{AXE}; window.axe = axe")
    found = shop.script_async("""
        const done = arguments[arguments.length - 1];
        axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>
          done(violations.map(each => [each.impact, each.id, each.nodes.map(n => n.html)])))""")
    shop.media(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    assert found == []


def test_hostile_names_are_text(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(html.render(hostile()), "utf-8")
    tab.console()
    tab.open(path)
    active = "return document.querySelectorAll('script, style, img, iframe, object').length"
    before = tab.script(active)
    for each in tab.script(
        "return JSON.parse(document.getElementById('data').textContent).nodes.map(n => n.i)"
    ):
        tab.script("location.hash = encodeURIComponent(arguments[0])", each)
        tab.wait(f"return jotgraph.selected() === {json.dumps(each)}")
        assert tab.script("return document.querySelectorAll('#details h2').length") == 1
    tab.press("/", "<script")
    assert tab.script("return document.querySelectorAll('#hits [role=option]').length") > 0
    assert tab.script(active) == before
    assert tab.script(
        "return [...document.links].every(each => each.protocol === 'https:' || each.hash)"
    )
    assert tab.console() == []


def test_an_inline_handler_would_be_refused(tab: Tab, page: Path) -> None:
    """The near miss: were markup ever to get in, the policy would stop it."""
    tab.open(page)
    tab.script(
        "document.body.insertAdjacentHTML('beforeend', arguments[0])",
        '<img src="x" onerror="window.evil = 1"><img src="https://example.com/x.png">',
    )
    tab.wait("return true")
    assert tab.script("return window.evil") is None
    assert any("Content Security Policy" in each for each in tab.console())


def test_a_large_estate_opens_folded_and_unfolds_on_demand(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "crowd.html"
    path.write_text(html.render(crowd(150)), "utf-8")
    tab.console()
    tab.open(path)
    folded = tab.script("return jotgraph.cards()")
    assert folded == 150 * 5
    tab.press("/", "app-00077", "Enter")
    assert tab.script("return jotgraph.selected()").endswith("app-00077")
    assert folded < tab.script("return jotgraph.cards()") <= folded + 8
    tab.press("Escape")
    tab.click_on("#unfold")
    assert tab.script("return jotgraph.cards()") == 150 * 7
    assert tab.script("return document.getElementById('unfold').textContent") == "Fold all"
    tab.click_on("#unfold")
    tab.click_on("#filter-kind summary")
    tab.click_on("#filter-kind input[value=version]")
    at = tab.script("return jotgraph.at(jotgraph.passing()[0])")
    assert all(0 < each < 1400 for each in at)
    assert tab.console() == []


@pytest.mark.parametrize("width", [420, 1000])
def test_nothing_is_wider_than_a_narrow_window(browser: Browser, page: Path, width: int) -> None:
    with browser.tab((width, 860)) as tab:
        tab.open(page, "#" + quote(CHECKOUT, safe=""))
        assert tab.script("return document.documentElement.scrollWidth") <= width
        assert tab.console() == []
