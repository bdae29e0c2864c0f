"""The graph itself: clicks, keys, moving and zooming."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.factories import digest
from tests.render.estate import PROD
from tests.render.html.estate import CHECKOUT
from tests.render.html.seen import at, heading, lit, on_line, selected
from tests.rig.browser import Browser, Tab

IMAGE = f"ecr-image:{PROD}/eu-west-1/shop/checkout@{digest('c1')}"


def test_a_click_on_a_card_shows_record_evidence_and_verdict(shop: Tab) -> None:
    shop.page.mouse.click(*at(shop, IMAGE))
    assert selected(shop) == IMAGE
    said = shop.page.locator("#details").inner_text().lower()
    for word in ("verdict", "in use", "evidence", "proof", "record", "digest", "comes from"):
        assert word in said
    first = shop.page.locator("details.evidence").first
    first.locator("summary").click()
    expect(first.locator(".claim")).to_contain_text("as read")
    shop.press("Escape")
    assert selected(shop) == ""
    expect(shop.page.locator("#details")).to_be_hidden()


def test_lineage_is_lit_both_ways(shop: Tab) -> None:
    shop.page.mouse.click(*at(shop, IMAGE))
    kinds = {resource.partition(":")[0] for resource in lit(shop)}
    assert {"commit", "local-image", "function", "role"} <= kinds
    pane = shop.page.locator("#details")
    expect(pane.get_by_role("heading", name="Comes from")).to_be_visible()
    pane.locator("section", has_text="Leads to").get_by_role(
        "button", name="checkout-api"
    ).first.click()
    assert selected(shop) == CHECKOUT


def test_a_click_on_a_line_shows_its_evidence(shop: Tab) -> None:
    shop.page.mouse.click(*on_line(shop, CHECKOUT, f"role:{PROD}/shop/checkout-role"))
    assert heading(shop) == "assumes"
    for end in (CHECKOUT, f"role:{PROD}/shop/checkout-role"):
        assert at(shop, end)[0] < 980, "beside the pane, not under it"
    said = shop.page.locator("#details").inner_text()
    assert "assumes as read" in said
    assert "proof" in said.lower()
    assert len(lit(shop)) == 2
    shop.page.get_by_role("button", name="Close the details").click()
    assert lit(shop) == []


def test_a_click_beside_everything_lets_go(shop: Tab) -> None:
    shop.page.mouse.click(*at(shop, CHECKOUT))
    assert selected(shop) == CHECKOUT
    box = shop.page.locator("#canvas").bounding_box()
    assert box is not None
    shop.page.mouse.click(box["x"] + 6, box["y"] + box["height"] - 60)
    assert selected(shop) == ""


def test_hovering_tells_what_is_there(tab: Tab, page: Path) -> None:
    shop = tab
    shop.open(page, loaded=True)
    shop.page.mouse.move(*at(shop, CHECKOUT))
    expect(shop.page.locator("#tip")).to_contain_text("checkout-api")
    assert shop.page.locator("#canvas").evaluate("it => getComputedStyle(it).cursor") == "pointer"
    shop.page.mouse.move(*on_line(shop, CHECKOUT, f"role:{PROD}/shop/checkout-role"))
    expect(shop.page.locator("#tip")).to_contain_text("click for the evidence")
    shop.page.mouse.move(5, 5)
    expect(shop.page.locator("#tip")).to_be_hidden()


def test_arrows_walk_the_graph_and_enter_reads(shop: Tab) -> None:
    shop.press("/", "checkout-api", "Enter", "ArrowLeft")
    assert selected(shop).startswith("ecr-image:")
    shop.press("ArrowRight")
    assert selected(shop).partition(":")[0] in ("function", "version")
    function = selected(shop)
    shop.press("ArrowDown")
    assert selected(shop) != function
    shop.press("ArrowUp")
    assert selected(shop) == function
    shop.press("Enter")
    assert shop.ask("document.activeElement.tagName") == "H2"
    expect(shop.page.locator("#status")).to_contain_text("comes from")


def test_the_wheel_zooms_to_where_it_is(shop: Tab) -> None:
    where = at(shop, IMAGE)
    before = shop.ask("jotgraph.view().k")
    shop.page.mouse.move(*where)
    shop.page.mouse.wheel(0, -300)
    shop.page.wait_for_function("before => jotgraph.view().k > before * 1.2", arg=before)
    there = at(shop, IMAGE)
    assert abs(there[0] - where[0]) < 2
    assert abs(there[1] - where[1]) < 2


def test_keys_and_buttons_zoom_and_fit(shop: Tab) -> None:
    level = shop.page.locator("#zoom-level")
    shop.page.get_by_role("button", name="Fit").click()
    whole = level.inner_text()
    shop.press("+")
    expect(level).not_to_have_text(whole)
    shop.press("0")
    expect(level).to_have_text(whole)
    shop.page.get_by_role("button", name="Zoom out").click()
    expect(level).not_to_have_text(whole)
    shop.press("f")
    expect(level).to_have_text(whole)


def test_dragging_moves_the_view_and_selects_nothing(shop: Tab) -> None:
    x, y = at(shop, IMAGE)
    shop.page.mouse.move(x, y)
    shop.page.mouse.down()
    shop.page.mouse.move(x + 60, y + 30, steps=4)
    shop.page.mouse.up()
    there = at(shop, IMAGE)
    assert abs(there[0] - x - 60) < 2
    assert abs(there[1] - y - 30) < 2
    assert selected(shop) == ""


def fingers(tab: Tab, *steps: list[tuple[float, float]]) -> None:
    """Set fingers down, move them from step to step, and lift them."""
    devtools = tab.page.context.new_cdp_session(tab.page)
    for number, points in enumerate([*steps, []]):
        kind = "touchEnd" if not points else "touchMove" if number else "touchStart"
        found = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": found})


def test_two_fingers_zoom_one_moves_and_a_tap_selects(browser: Browser, page: Path) -> None:
    with browser.tab((412, 860), touch=True) as phone:
        phone.open(page)
        phone.page.locator("#toggle-list").tap()
        before = phone.ask("jotgraph.view()")
        fingers(phone, [(200, 500)], [(170, 520)], [(140, 540)])
        moved = phone.ask("jotgraph.view()")
        assert (moved["k"], moved["x"] < before["x"]) == (before["k"], True)
        fingers(phone, [(150, 500), (250, 500)], [(120, 500), (280, 500)])
        assert phone.ask("jotgraph.view().k") > moved["k"] * 1.4
        phone.page.get_by_role("button", name="Fit").tap()
        phone.page.touchscreen.tap(*at(phone, CHECKOUT))
        expect(phone.page.locator("#details h2")).to_have_text("checkout-api")
        assert phone.complaints == []
