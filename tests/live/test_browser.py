"""The browser of the rig draws and runs a page."""

from __future__ import annotations

from pathlib import Path

from tests.rig.browser import Browser


def test_scripts_run_and_the_picture_is_a_png(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p id=a></p><script>document.getElementById('a').textContent = 6 * 7</script>")
    assert '<p id="a">42</p>' in browser.dom(page)
    picture = browser.screenshot(page, tmp_path / "page.png", (400, 300))
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
