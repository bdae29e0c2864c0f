"""Whoever looks, and on whatever: eyes, keys, screen readers, paper, small and large windows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.render.html.estate import CHECKOUT
from tests.render.html.seen import heading, selected
from tests.rig.browser import Browser, Scheme, Tab
from tests.strength import MANY_PLACES, some

AXE = (Path(__file__).parent / "vendor" / "axe-core.js").read_text("utf-8")
GROUND = "getComputedStyle(document.body).backgroundColor"
WIDTHS = "document.documentElement.scrollWidth"


COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe that look at colours, of those that it has unless told."""


def axe(tab: Tab, rules: tuple[str, ...] = (), part: str = "html") -> list[Any]:
    """What axe finds wrong by all of its rules, or by some: impact, rule, elements. With CI=true in
    all of the page, else in the part that a look is about."""
    if not tab.ask("'axe' in window"):
        tab.ask(f"() => {{ {AXE}; window.axe = axe; }}")
    asked = {"resultTypes": ["violations"], **({"runOnly": [*rules]} if rules else {})}
    found = tab.ask(
        """([part, asked]) => axe.run(part, asked).then((all) =>
      all.violations.map((each) => [each.impact, each.id, each.nodes.map((n) => n.html)]))""",
        ["html" if MANY_PLACES else part, asked],
    )
    assert isinstance(found, list)
    return found


def looks(tab: Tab, rules: tuple[str, ...]) -> None:
    """Every look of the page, axe run on each."""
    assert axe(tab, rules) == []
    tab.press("/", "checkout")
    assert axe(tab, rules, ".search") == [], "the hits"
    tab.press("Enter")
    assert axe(tab, rules, "#details") == [], "the details of a resource"
    tab.page.locator("#filter-state summary").click()
    assert axe(tab, rules, "#filter-state") == [], "a menu"
    tab.press("Escape", "Escape", "?")
    assert axe(tab, rules, "#keys") == [], "the keys"


@pytest.mark.parametrize(
    ("scheme", "rules"), some("schemes that axe looks at", [("light", ()), ("dark", COLOURS)], 2)
)
def test_axe_finds_nothing_wrong(
    browser: Browser, page: Path, scheme: Scheme, rules: tuple[str, ...]
) -> None:
    """In the dark mostly by its rules of colour: little else of the page is another. How the page
    opens in the dark, the next test looks at."""
    with browser.tab(scheme=scheme) as tab:
        tab.open(page)
        looks(tab, rules)
        tab.press("Escape")
        tab.page.locator("#caption .gaps").first.click()
        assert axe(tab, rules, "#details") == [], "the gaps"
        tab.page.locator("#tally button").first.click()
        assert axe(tab, (), ".bar") == [], "a count that is a filter, by all rules in any light"
        assert tab.complaints == []


def test_axe_finds_letters_that_are_hard_to_read_in_the_dark(browser: Browser, page: Path) -> None:
    with browser.tab(scheme="dark") as tab:
        tab.open(page)
        name = tab.page.locator("#jots-body .row-name").first
        name.evaluate("it => it.style.setProperty('color', '#222', 'important')")
        assert [rule for _, rule, _ in axe(tab, COLOURS)] == ["color-contrast"]


def test_axe_finds_nothing_wrong_on_a_phone(browser: Browser, page: Path) -> None:
    with browser.tab((390, 844), touch=True) as tab:
        tab.open(page)
        assert axe(tab) == [], "the list"
        tab.page.locator("#toggle-list").click()
        assert axe(tab, (), ".stage") == [], "the graph"
        tab.page.locator("#toggle-list").click()
        tab.page.locator("#jots-body .row-name", has_text="checkout-api").click()
        expect(tab.page.locator("#jots")).to_be_hidden()
        assert heading(tab) == "checkout-api"
        assert axe(tab, (), "#details") == [], "the details"


def test_light_and_dark(shop: Tab) -> None:
    assert shop.ask(GROUND) == "rgb(255, 255, 255)"
    shop.page.emulate_media(color_scheme="dark")
    assert shop.ask(GROUND) == "rgb(13, 17, 23)"
    shop.page.locator("#theme").click()
    assert shop.ask(GROUND) == "rgb(255, 255, 255)"
    shop.page.reload()
    assert shop.ask(GROUND) == "rgb(255, 255, 255)"


def test_motion_is_reduced_when_asked(browser: Browser, page: Path) -> None:
    with browser.tab(still=True) as tab:
        tab.open(page)
        tab.press("/", "checkout-api", "Enter")
        drawn = tab.ask("""() => new Promise((done) => {
          const before = jotgraph.painted();
          setTimeout(() => done(jotgraph.painted() - before), 400);
        })""")
        assert drawn <= 3, "nothing flows"
        tab.page.emulate_media(reduced_motion="no-preference")
        tab.press("/", "mail-sender", "Enter")
        tab.page.wait_for_function("before => jotgraph.painted() > before + 8", arg=drawn)


def test_tab_goes_through_the_page_in_order_and_is_seen(shop: Tab) -> None:
    seen: list[str] = []
    ring: list[bool] = []
    for _ in range(40):
        shop.press("Tab")
        at = shop.ask("document.activeElement.id || document.activeElement.parentElement.id")
        if seen and at == seen[0]:
            break
        seen.append(at)
        ring.append(shop.ask(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1.5; })()"
        ))  # fmt: skip
    order = ["query", "toggle-list", "theme", "help", "filter-kind", "filter-region", "jots-filter"]
    assert [element for element in seen if element in order] == order
    assert all(ring), [element for element, good in zip(seen, ring, strict=True) if not good]


def focused(tab: Tab) -> str:
    """Which element has the focus, in words."""
    return str(
        tab.ask("""(() => { const it = document.activeElement;
      return it.id || it.getAttribute("aria-label") || it.textContent; })()""")
    )


def test_the_focus_is_never_lost(shop: Tab) -> None:
    pane = shop.page.locator("#details")
    shop.press("/", "checkout-api", "Enter", "Enter")
    assert focused(shop) == "checkout-api"
    pane.get_by_role("button", name="checkout-role").first.press("Enter")
    assert focused(shop) == "checkout-role", "whoever follows a link reads on from the heading"
    shop.press("Escape")
    assert focused(shop) == "canvas"
    shop.page.get_by_label("Version of checkout-api").select_option(index=1)
    shop.page.get_by_label("Version of checkout-api").focus()
    shop.press("ArrowDown")
    assert focused(shop) == "Version of checkout-api"
    pane.get_by_role("combobox").select_option(index=0)
    pane.get_by_role("button", name="Close the details").press("Enter")
    assert focused(shop) == "canvas"
    shop.page.locator("#filter-state summary").press("Enter")
    shop.press("Tab", "Space", "Shift+Tab", "Shift+Tab")
    expect(shop.page.locator("#filter-state fieldset")).to_be_hidden()
    shop.page.get_by_role("button", name="Clear filters").press("Enter")
    assert focused(shop) == "Kind"


def test_the_skip_link_leads_to_the_list(shop: Tab) -> None:
    shop.press("Tab")
    link = shop.page.get_by_role("link", name="Skip to the list of deployments")
    expect(link).to_be_in_viewport()
    shop.press("Enter")
    assert shop.ask("document.activeElement.id") == "jots"
    assert selected(shop) == ""


def test_a_screen_reader_has_a_name_for_all(shop: Tab) -> None:
    shop.press("/", "checkout-api", "Enter")
    tree = shop.page.locator("body").aria_snapshot()
    for line in (
        '- heading "2 accounts · 2026-03-01" [level=1]',
        '- combobox "Search every resource by name, tag, digest or id"',
        '- button "Switch between light and dark"',
        '- region "Filters and scope"',
        '- group "Zoom"',
        '- columnheader "Deployment"',
        '- combobox "Version of checkout-api"',
        '- complementary "Details"',
        '- heading "checkout-api" [level=2]',
        '- heading "Evidence" [level=3]',
        '- status: function checkout-api',
    ):  # fmt: skip
        assert line in tree, tree
    assert "- button:" not in tree
    assert "- button\n" not in tree


def cut(tab: Tab) -> list[str]:
    """What an edge of the window cuts off."""
    found = tab.ask("""() => [...document.querySelectorAll('button, input, select, summary, h2, '
      + '#hits, #hits li, fieldset, label')].filter((each) => each.checkVisibility())
      .filter((each) => {
        const box = each.getBoundingClientRect();
        return box.left < -1 || box.right > innerWidth + 1;
      }).map((each) => each.outerHTML.slice(0, 120))""")
    assert isinstance(found, list)
    return found


COUNTS_BELOW = """(() => {
  const end = (element) => element.getBoundingClientRect().bottom;
  const last = end(document.querySelector('#tally')) + 1;
  const counts = [...document.querySelectorAll('#tally button')];
  return counts.filter((count) => end(count) > last).length;
})()"""
"""Counts of what is wrong and orphaned that are cut off, for they have no room in the first row."""

SIZES = some("windows", [(320, 568), (3840, 2160), (768, 1024), (920, 860)], 3)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_it_fits_any_window(browser: Browser, page: Path, size: tuple[int, int]) -> None:
    with browser.tab(size) as tab:
        tab.open(page)
        assert tab.ask(WIDTHS) <= size[0]
        stage = tab.page.locator("#canvas").bounding_box()
        assert stage is not None
        assert stage["height"] > size[1] * 0.6
        assert tab.ask(COUNTS_BELOW) == 0
        tab.open(page, "#" + quote(CHECKOUT, safe=""))
        assert tab.ask(WIDTHS) <= size[0]
        assert cut(tab) == []
        tab.press("/", "checkout")
        assert cut(tab) == [], "the hits"
        tab.press("Escape", "Escape")
        for menu in tab.page.locator("details.menu summary").all():
            menu.click()
            assert cut(tab) == [], menu
        assert tab.complaints == []


def test_on_paper_the_graph_the_list_and_the_details_are_whole(shop: Tab) -> None:
    shop.press("/", "checkout-api", "Enter")
    shop.page.emulate_media(media="print", color_scheme="dark")
    assert shop.ask(GROUND) == "rgb(255, 255, 255)"
    for hidden in (".search", ".tools", "#filters", ".zoom"):
        expect(shop.page.locator(hidden)).to_be_hidden()
    assert shop.ask("getComputedStyle(document.body).overflow") == "visible"
    assert shop.ask(
        "[...document.querySelectorAll('.rows, .details')]"
        ".every(each => each.scrollHeight <= each.clientHeight + 1)"
    )
    expect(shop.page.locator("#canvas")).to_be_visible()


def test_on_paper_the_graph_is_on_the_first_page(shop: Tab) -> None:
    for wide, high in ((1100, 720), (720, 1100)):
        shop.page.set_viewport_size({"width": wide, "height": high})
        shop.page.emulate_media(media="print")
        box = shop.page.locator(".stage").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= high
        assert box["x"] + box["width"] <= wide
        shop.page.emulate_media(media="screen")


def test_keys_of_one_character_can_be_kept_to_the_graph(shop: Tab) -> None:
    """WCAG 2.1.4: whoever dictates must not trigger them."""
    shop.press("?")
    everywhere = shop.page.get_by_label("Single-key shortcuts work outside the graph")
    everywhere.uncheck()
    shop.page.get_by_role("button", name="Close", exact=True).click()
    for again in (False, True):
        if again:
            shop.page.reload()
            shop.page.wait_for_selector("html[data-ready]", state="attached")
        shop.page.locator("#help").focus()
        shop.press("l", "/", "?")
        expect(shop.page.locator("#jots")).to_be_visible()
        expect(shop.page.locator("#keys")).to_be_hidden()
        assert shop.ask("document.activeElement.id") == "help"
        shop.page.locator("#canvas").focus()
        shop.press("l")
        expect(shop.page.locator("#jots")).to_be_hidden()
    shop.page.locator("#help").click()
    everywhere.check()
    shop.page.get_by_role("button", name="Close", exact=True).click()
    shop.press("l")
    expect(shop.page.locator("#jots")).to_be_visible()
