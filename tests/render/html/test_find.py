"""Finding something, and sharing what was found: search, filters, addresses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import expect

from tests.factories import digest
from tests.render.estate import DATA, PROD
from tests.render.html.estate import CHECKOUT, shop_page
from tests.render.html.seen import at, heading, lit, passing, rows, selected
from tests.rig.browser import Tab
from tests.strength import MANY_PLACES

IMAGE = f"ecr-image:{PROD}/eu-west-1/shop/checkout@{digest('c1')}"


def test_search_finds_and_enter_opens(shop: Tab) -> None:
    shop.press("/", "checkout-a")
    expect(shop.page.get_by_role("option").first).to_contain_text("checkout-api")
    shop.press("Enter")
    assert selected(shop) == CHECKOUT
    assert heading(shop) == "checkout-api"
    assert shop.ask("decodeURIComponent(location.hash)") == f"#{CHECKOUT}"


def test_search_is_walked_by_arrows_and_let_go_by_escape(shop: Tab) -> None:
    shop.press("/", "checkout")
    options = shop.page.get_by_role("option")
    assert options.count() > 2
    shop.press("ArrowDown", "ArrowDown", "ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert shop.page.locator("#query").get_attribute("aria-activedescendant") == "hit-1"
    wanted = options.nth(1).locator(".hit-name").inner_text()
    shop.press("Enter")
    assert heading(shop) == wanted
    expect(shop.page.locator("#query")).to_have_value("")
    shop.press("/", "no such thing")
    expect(shop.page.locator("#hits")).to_have_text("No match.")
    shop.press("Escape")
    expect(shop.page.locator("#hits")).to_be_hidden()
    expect(shop.page.locator("#query")).to_have_value("")


def test_a_hit_is_taken_by_a_click(shop: Tab) -> None:
    shop.press("/", *"mail")
    expect(shop.page.locator("#jots")).to_be_visible()  # though l is the key that hides it
    shop.page.get_by_role("option").first.click()
    assert "mail" in selected(shop)


def test_a_deep_link_selects_also_after_a_reload(shop: Tab, page: Path) -> None:
    shop.open(page, "#" + quote(IMAGE, safe=""))
    for again in (False, True):
        if again:
            shop.page.reload()
            shop.page.wait_for_selector("html[data-ready]", state="attached")
        assert selected(shop) == IMAGE
        kinds = {resource.partition(":")[0] for resource in lit(shop)}
        assert {"commit", "local-image", "ecr-image", "function", "version", "role"} <= kinds
        assert any("checkout-api" in resource for resource in lit(shop))
        assert not any("search" in resource for resource in lit(shop))


def test_an_address_that_names_nothing_says_so(shop: Tab, page: Path) -> None:
    notice = shop.page.locator("#notice")
    for number, fragment in enumerate(("%E0%A4%A", "function:nowhere", "<img src=x onerror=a()>")):
        if MANY_PLACES or not number:
            shop.open(page, f"#{fragment}")
        else:  # typed behind the address of an open page
            shop.press("/", "checkout-api", "Enter")
            expect(notice).to_be_hidden()
            shop.ask("fragment => { location.hash = fragment; }", fragment)
        expect(notice).to_contain_text("not in this page")
        assert selected(shop) == ""


def test_back_goes_to_what_was_selected_before(shop: Tab) -> None:
    shop.press("/", "checkout-api", "Enter", "/", "mail-sender", "Enter")
    assert heading(shop) == "mail-sender"
    shop.page.go_back()
    expect(shop.page.locator("#details h2")).to_have_text("checkout-api")


def choose(tab: Tab, menu: str, value: str) -> None:
    """Tick a value of a menu of filters."""
    box = tab.page.locator(f"#filter-{menu} input[value={json.dumps(value)}]")
    if not box.is_visible():
        tab.page.locator(f"#filter-{menu} summary").click()
    box.check()


def test_filters_by_kind_and_region(shop: Tab) -> None:
    whole = len(passing(shop))
    choose(shop, "kind", "function")
    assert all(resource.startswith("function:") for resource in passing(shop))
    choose(shop, "region", "us-east-1")
    assert passing(shop) == ["function:444455556666/us-east-1/etl-nightly"]
    assert len(rows(shop)) == 1
    shop.page.get_by_role("button", name="Clear filters").click()
    assert len(passing(shop)) == whole


def test_filters_by_account(shop: Tab) -> None:
    whole = passing(shop)
    choose(shop, "account", DATA)
    found = passing(shop)
    assert found == [resource for resource in whole if f":{DATA}/" in resource]
    assert rows(shop) == ["etl-nightly", "etl-nightly"]
    choose(shop, "account", PROD)
    assert len(passing(shop)) > len(found)


def test_filters_by_state_until_escape(shop: Tab) -> None:
    whole = len(passing(shop))
    choose(shop, "state", "drift")
    assert passing(shop) == [f"function:{PROD}/eu-west-1/search-query"]
    at(shop, f"function:{PROD}/eu-west-1/search-query")
    shop.press("Escape")
    expect(shop.page.locator("#filter-state fieldset")).to_be_hidden()
    shop.press("Escape")
    assert len(passing(shop)) == whole


def test_filters_that_leave_nothing_say_so(shop: Tab) -> None:
    choose(shop, "region", "us-east-1")
    choose(shop, "state", "drift")
    assert passing(shop) == []
    expect(shop.page.locator("#nothing")).to_be_visible()
    expect(shop.page.locator("#jots-body")).to_have_text("Nothing matches.")


def test_the_counts_are_filters(shop: Tab) -> None:
    wrong = shop.page.locator("#tally .wrong")
    words = re.fullmatch(r"2 deployments wrong \((\d+) resources\)", wrong.inner_text())
    assert words
    count = int(words[1])
    wrong.click()
    assert len(passing(shop)) == count
    expect(wrong).to_have_attribute("aria-pressed", "true")
    wrong.click()
    assert len(passing(shop)) > count
    expect(wrong).to_have_attribute("aria-pressed", "false")


def test_marks_are_counted_told_and_filtered_by(tab: Tab, tmp_path: Path) -> None:
    marks = {CHECKOUT: "delete", IMAGE: "kept"}
    tab.open(shop_page(tmp_path, marks=marks, overlay="plan"))
    expect(tab.page.locator("#legend")).to_contain_text("to delete")
    tab.page.get_by_role("button", name="1 to delete").click()
    assert passing(tab) == [CHECKOUT]
    assert rows(tab) == ["checkout-api"]
    expect(tab.page.locator("#jots-count")).to_have_text("3 of 9")
    choose(tab, "mark", "kept")
    assert passing(tab) == sorted([CHECKOUT, IMAGE])


def test_a_function_is_found_before_what_is_called_like_it(shop: Tab) -> None:
    shop.press("/", "checkout-")
    first = shop.page.locator("#hits li").first
    expect(first).to_contain_text("checkout-api")
    expect(first).to_contain_text("function")
