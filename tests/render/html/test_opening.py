"""A page opens on what is wrong, where it can be read."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.render.estate import DATA
from tests.render.html.estate import CHECKOUT, shop_page
from tests.render.html.seen import at, lit, rows, selected
from tests.rig.browser import Browser, Scheme, Tab

ETL = f"function:{DATA}/us-east-1/etl-nightly"
READABLE = 0.36
"""Zoom at which the names of cards can still be read."""


def inside(tab: Tab, point: tuple[float, float]) -> bool:
    """Whether a point of the window is on the part of the graph that no pane covers."""
    stage = tab.page.locator("#canvas").bounding_box()
    pane = tab.page.locator("#details").bounding_box()
    assert stage is not None
    right = pane["x"] if pane else stage["x"] + stage["width"]
    return stage["x"] < point[0] < right and stage["y"] < point[1] < stage["y"] + stage["height"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_shows_the_worst_with_nothing_in_the_way(
    browser: Browser, page: Path, scheme: Scheme
) -> None:
    with browser.tab((1440, 900), scheme) as tab:
        tab.open(page)
        first = tab.page.locator("#jots-body .row-name").first
        worst = first.get_attribute("title")
        assert worst is not None
        assert rows(tab)[0] == "mail-sender"
        assert tab.page.locator("#jots-body tr").first.locator(".pill.rank-0").count()
        assert (selected(tab), lit(tab), tab.page.locator("#details").is_visible()) == (
            "",
            [],
            False,
        )
        assert tab.page.locator("#legend details").evaluate("it => it.open") is False
        assert inside(tab, at(tab, worst))
        assert tab.ask("jotgraph.view().k") > READABLE
        assert tab.ask("jotgraph.view().y") <= 60, "no empty window above the worst, which is first"
        assert tab.complaints == []


def test_a_plan_opens_on_what_it_deletes(browser: Browser, tmp_path: Path) -> None:
    with browser.tab((1440, 900)) as tab:
        tab.open(shop_page(tmp_path, marks={CHECKOUT: "kept", ETL: "delete"}, overlay="plan"))
        assert inside(tab, at(tab, ETL))
        assert tab.ask("jotgraph.view().k") > READABLE


def test_a_selection_is_shown_with_its_neighbours(browser: Browser, page: Path) -> None:
    with browser.tab((1440, 900)) as tab:
        tab.open(page)
        tab.page.locator("#jots-body .row-name", has_text="checkout-api").first.click()
        assert selected(tab) == CHECKOUT
        assert tab.ask("jotgraph.view().k") >= READABLE
        near = [resource for resource in lit(tab) if resource.startswith(("ecr-image:", "role:"))]
        assert near
        assert [
            resource for resource in (CHECKOUT, *near) if not inside(tab, at(tab, resource))
        ] == []


def test_what_is_wrong_is_said_on_a_light_ground(shop: Tab) -> None:
    shop.page.locator("#jots-body .row-name").first.click()
    finding = shop.page.locator("#details .finding.rank-0").first
    ground = "it => getComputedStyle(it).backgroundColor"
    assert finding.evaluate(ground) != finding.locator(".pill").evaluate(ground)


def test_a_phone_opens_with_the_list_and_a_link_with_the_graph(
    browser: Browser, page: Path
) -> None:
    with browser.tab((390, 844), touch=True) as phone:
        phone.open(page)
        expect(phone.page.locator("#jots")).to_be_visible()
        phone.open(page, "#" + quote(CHECKOUT, safe=""))
        phone.page.reload()
        expect(phone.page.locator("#jots")).to_be_hidden()
        assert selected(phone) == CHECKOUT


def test_a_narrow_frame_opens_with_the_graph(browser: Browser, page: Path) -> None:
    with browser.tab((700, 700)) as tab:
        tab.open(page)
        expect(tab.page.locator("#jots")).to_be_hidden()


def test_paper_has_the_legend(shop: Tab) -> None:
    legend = shop.page.locator("#legend details")
    shop.page.emulate_media(media="print")  # the page hears of it with the next frame
    expect(legend).to_have_attribute("open", "")
    shop.page.emulate_media(media="screen")
    expect(legend).not_to_have_attribute("open", "")
