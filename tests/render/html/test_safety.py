"""What the page must never do: run what it shows, or ask for anything."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import expect

from tests.render.html.seen import passing, rows, selected
from tests.rig.browser import Tab
from tests.strength import one_in

ACTIVE = "document.querySelectorAll('script, style, img, iframe, object, embed, form').length"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def test_hostile_names_are_text(tab: Tab, attacked: Path) -> None:
    tab.open(attacked)
    before = tab.ask(ACTIVE)
    title = tab.page.title()
    shown = tab.page.locator("#details")
    odd = tab.ask(
        """async step => {
          const odd = [];
          for (const id of jotgraph.passing().filter((_, number) => number % step === 0)) {
            location.hash = encodeURIComponent(id);
            await new Promise((done) => addEventListener("hashchange", done, { once: true }));
            const headings = document.querySelectorAll("#details h2").length;
            if (jotgraph.selected() !== id || headings !== 1) odd.push(id);
          }
          return odd;
        }""",
        one_in(3),
    )
    assert odd == []
    for text in (shown.inner_text(), tab.page.locator("#jots").inner_text()):
        assert not CONTROLS.search(text)
    assert any("<img src=x onerror=alert(1)>" in row for row in rows(tab))
    assert any("日本語の名前" in row for row in rows(tab))
    tab.press("/", "<script")
    expect(tab.page.get_by_role("option").first).to_contain_text("<script>alert(1)</script>")
    for menu in tab.page.locator("details.menu summary").all():
        menu.click()
    assert tab.ask(ACTIVE) == before
    assert tab.page.title() == title
    assert tab.ask("[...document.links].every(each => each.protocol === 'https:' || each.hash)")


def test_a_hostile_id_is_a_deep_link(tab: Tab, attacked: Path) -> None:
    tab.open(attacked)
    ids = passing(tab)
    for resource in (
        max(ids, key=len),
        next(resource for resource in ids if "onerror" in resource),
    ):
        tab.open(attacked, "#" + quote(resource, safe=""))
        assert selected(tab) == resource


def test_the_policy_would_stop_what_got_in(tab: Tab, page: Path) -> None:
    """The near miss: were markup ever to get in, nothing of it would run or be asked for."""
    tab.open(page)
    tab.ask(
        """() => {
          const inline = document.createElement('script');
          inline.textContent = 'window.evil = 1';
          document.body.append(inline);
          const far = document.createElement('script');
          far.src = 'https://example.com/evil.js';
          document.body.append(far);
          const sheet = document.createElement('style');
          sheet.textContent = 'body { display: none }';
          document.body.append(sheet);
          document.body.insertAdjacentHTML('beforeend',
            '<img src="https://example.com/x.png" onerror="window.evil = 2">'
            + '<b style="position: fixed">styled</b><iframe src="https://example.com/"></iframe>');
        }"""
    )
    for code in ("eval('1')", "new Function('return 1')()", "fetch('https://example.com/')"):
        found = tab.ask(
            "code => { const s = document.createElement('script'); s.textContent = code;"
            " document.body.append(s); return window.evil ?? null; }",
            f"window.evil = {code}",
        )
        assert found is None
    refused = tab.ask("fetch('https://example.com/').then(() => 'came', () => 'refused')")
    assert refused == "refused"
    assert tab.ask("window.evil ?? null") is None
    assert tab.ask("getComputedStyle(document.body).display") == "flex"
    assert tab.ask("getComputedStyle(document.querySelector('b[style]')).position") == "static"
    assert {"https://example.com/evil.js", "https://example.com/x.png"} <= {*tab.refused}
    assert sum("Content Security Policy" in complaint for complaint in tab.complaints) >= 8
    tab.complaints.clear()


def test_links_leave_only_by_a_click_and_tell_nothing(tab: Tab, page: Path) -> None:
    tab.open(page)
    tab.press("/", "checkout-api", "Enter")
    link = tab.page.get_by_role("link", name="Open the console")
    assert (link.get_attribute("href") or "").startswith("https://")
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert tab.strangers() == set()
