"""The browser of the rig runs a page, and hears all that it does."""

from __future__ import annotations

from pathlib import Path

from tests.rig.browser import Tab


def written(folder: Path, text: str) -> Path:
    page = folder / "page.html"
    page.write_text(f"<!doctype html><html lang=en><title>page</title>{text}", "utf-8")
    return page


def test_scripts_run_and_a_picture_is_taken(tab: Tab, tmp_path: Path) -> None:
    page = written(tmp_path, "<p>no</p><script>document.body.textContent = 6 * 7</script>")
    tab.open(page, ready=False)
    assert tab.page.inner_text("body") == "42"
    assert tab.page.screenshot()[:8] == b"\x89PNG\r\n\x1a\n"


def test_what_a_page_asks_for_and_complains_of_is_kept(tab: Tab, tmp_path: Path) -> None:
    page = written(
        tmp_path,
        "<img src='https://example.com/x.png'><img src='other.png'>"
        "<script>console.warn('careful'); throw new Error('broken')</script>",
    )
    tab.open(page, ready=False)
    tab.page.wait_for_load_state("load")
    beside = (tmp_path / "other.png").resolve().as_uri()
    assert tab.strangers() == {"https://example.com/x.png", beside}
    assert {"careful", "broken"} <= {*tab.complaints}
    tab.requests.clear()
    tab.complaints.clear()
