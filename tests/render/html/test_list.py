"""The list of jots beside the graph."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.render.html.estate import CHECKOUT
from tests.render.html.seen import heading, rows, selected
from tests.rig.browser import Tab


def test_it_sorts_filters_and_opens(shop: Tab) -> None:
    worst_first = rows(shop)
    assert worst_first[0] in {"mail-sender", "search-query"}
    expect(shop.page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    shop.page.locator("[data-sort=name]").click()
    found = rows(shop)
    assert found == sorted(found)
    shop.page.locator("[data-sort=name]").click()
    assert rows(shop) == found[::-1]
    expect(shop.page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    shop.page.locator("[data-sort=state]").click()
    assert rows(shop) == worst_first
    shop.page.locator("[data-sort=commit]").click()
    assert sorted(rows(shop)) == found
    shop.page.locator("#jots-filter").fill("mail")
    assert rows(shop) == ["mail-sender"]
    expect(shop.page.locator("#jots-count")).to_have_text("1 of 9")
    shop.page.locator("#jots-body .row-name").click()
    assert heading(shop) == "mail-sender"
    expect(shop.page.locator("tr.current")).to_have_count(1)


def test_the_drop_down_shows_the_versions_of_a_function(shop: Tab) -> None:
    choose = shop.page.get_by_label("Version of checkout-api")
    words = choose.locator("option").all_inner_texts()
    assert [text.split()[0] for text in words] == ["$LATEST", "v8", "v7"]
    choose.select_option(index=2)
    assert selected(shop).endswith("checkout-api:7")
    assert choose.evaluate("it => it.selectedIndex") == 2
    shown = shop.page.get_by_label("Versions and aliases of this function")
    shown.select_option(label="$LATEST")
    assert selected(shop) == CHECKOUT


def test_images_that_nothing_runs_are_listed_when_asked_for(shop: Tab) -> None:
    found = rows(shop)
    shop.page.get_by_label("images that nothing runs").check()
    assert len(rows(shop)) > len(found)


def test_it_is_shown_and_hidden(shop: Tab) -> None:
    button = shop.page.get_by_role("button", name="List", exact=True)
    button.click()
    expect(shop.page.locator("#jots")).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "false")
    shop.press("l")
    expect(shop.page.locator("#jots")).to_be_visible()


def test_the_legend_explains_dashed_cards(shop: Tab) -> None:
    legend = shop.page.locator("#legend")
    expect(legend).to_contain_text("shared: drawn in each part")
    expect(legend).to_contain_text("referenced, not found")
