"""Estates of many parts: folded first, opened on demand; and those of next to nothing."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from benchmarks.render import estate
from jotgraph import graph as graphs
from tests.render.estate import crowd
from tests.render.html.conftest import APPS, Write
from tests.render.html.seen import at, passing, rows, selected
from tests.rig.browser import Tab


def test_it_opens_folded_and_search_opens_what_it_needs(tab: Tab, crowded: Path) -> None:
    tab.open(crowded)
    folded = tab.ask("jotgraph.cards()")
    assert folded == APPS * 4
    tab.press("/", "app-00077", "Enter")
    assert selected(tab).endswith("app-00077")
    assert folded < tab.ask("jotgraph.cards()") <= folded + 8


def test_all_is_opened_and_folded(tab: Tab, crowded: Path) -> None:
    tab.open(crowded)
    tab.page.get_by_role("button", name="Open all").click()
    assert tab.ask("jotgraph.cards()") == APPS * 6
    tab.page.get_by_role("button", name="Fold all").click()
    assert tab.ask("jotgraph.cards()") == APPS * 4


def test_the_keys_reach_a_stack_and_enter_opens_it(tab: Tab, crowded: Path) -> None:
    tab.open(crowded)
    tab.page.locator("#canvas").focus()
    status = tab.page.locator("#status")
    tab.press("Enter", "ArrowRight", "ArrowDown", "ArrowDown")
    expect(status).to_contain_text("Enter opens them")
    before = tab.ask("jotgraph.cards()")
    tab.press("Enter")
    assert tab.ask("jotgraph.cards()") > before
    assert selected(tab) != ""


def test_what_filters_leave_is_in_view(tab: Tab, crowded: Path) -> None:
    tab.open(crowded)
    tab.page.locator("#filter-kind summary").click()
    tab.page.locator("#filter-kind input[value=version]").check()
    found = tab.ask("jotgraph.at(jotgraph.passing()[0])")
    assert all(0 < coordinate < 1400 for coordinate in found)
    assert len(passing(tab)) == APPS


def test_the_list_shows_more_when_asked(tab: Tab, crowded: Path) -> None:
    tab.open(crowded)
    assert len(rows(tab)) == 150
    tab.page.get_by_role("button", name="Show 10 more").click()
    assert len(rows(tab)) == APPS


def test_a_large_estate_opens_on_what_is_wrong(tab: Tab, written: Write) -> None:
    tab.open(written("wrong", graphs.build(estate(1_000))))
    worst = tab.page.locator("#jots-body .row-name").first.get_attribute("title")
    assert worst is not None
    x, y = at(tab, worst)
    stage = tab.page.locator("#canvas").bounding_box()
    assert stage is not None
    assert stage["x"] < x < stage["x"] + stage["width"]
    assert stage["y"] < y < stage["y"] + stage["height"]
    assert tab.ask("jotgraph.view().k") >= 0.5


def test_an_estate_of_nothing_says_so(tab: Tab, written: Write) -> None:
    tab.open(written("empty", crowd(0)))
    expect(tab.page.locator("#nothing")).to_contain_text("Nothing was read")
    expect(tab.page.locator("#legend")).to_be_hidden()
    tab.press("/", "x")
    expect(tab.page.locator("#hits")).to_have_text("No match.")
    tab.press("Escape", "Enter", "ArrowDown", "0")


def test_an_estate_of_one_thing(tab: Tab, written: Write) -> None:
    tab.open(written("one", crowd(1)))
    first = tab.ask("jotgraph.passing()[0]")
    tab.page.mouse.click(*at(tab, first))
    assert selected(tab) == first


def test_the_legend_explains_stacks_when_there_are_any(tab: Tab, crowded: Path) -> None:
    tab.open(crowded)
    expect(tab.page.locator("#legend")).to_contain_text("several: click to open")


def test_folded_rows_dash_what_they_share_and_say_where_a_place_goes_on(
    tab: Tab, written: Write
) -> None:
    tab.open(written("varied", graphs.build(estate(1_000))))
    for name in ("Open all", "Fold all"):  # the worst was open
        tab.page.get_by_role("button", name=name).click()
    shared = {resource.rpartition("/")[2] for resource in tab.ask("jotgraph.shared()")}
    assert {"shared-0", "shared-1"} <= shared
    assert not any(name.endswith("-role") for name in shared)
    panels = tab.ask("jotgraph.panels()")
    accounts = [panel for panel in panels if panel.startswith("account ")]
    assert len(accounts) == len(set(accounts)) > 2
    assert any(account.endswith(", continued") for account in accounts)
