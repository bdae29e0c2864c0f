"""The browser of the rig runs a page, and hears all that it does."""

from __future__ import annotations

from pathlib import Path

from tests.rig.browser import Browser, Tab


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


def test_a_tab_is_as_new_whatever_was_done_in_the_one_before(
    browser: Browser, tmp_path: Path
) -> None:
    """A page that is emptied for the next test, and one that an init script has changed."""
    page = written(tmp_path, "<p>text</p>")
    state_of_page = """() => [
        history.length, localStorage.length, sessionStorage.length, window.name, innerWidth,
        matchMedia("(prefers-color-scheme: dark)").matches, matchMedia("print").matches,
        document.querySelectorAll("p:hover").length, globalThis.odd ?? "",
    ]"""
    with browser.tab((800, 600), "dark", still=False) as tab:
        tab.open(page, ready=False)
        new = tab.ask(state_of_page)
        tab.ask("localStorage.a = sessionStorage.a = 1; location.hash = 'there'")
        tab.page.emulate_media(media="print", color_scheme="light")
        tab.page.set_viewport_size({"width": 300, "height": 300})
        tab.page.mouse.move(20, 20)
        first = tab.page
    with browser.tab((800, 600), "dark", still=False) as tab:
        assert tab.page is first
        tab.open(page, ready=False)
        assert tab.ask(state_of_page) == new
        assert (tab.requests, tab.complaints) == ([page.resolve().as_uri()], [])
        tab.run_first("globalThis.odd = 'odd'")
        tab.open(page, ready=False)
        assert tab.ask("odd") == "odd"
    with browser.tab((800, 600), "dark", still=False) as tab:
        tab.open(page, ready=False)
        assert tab.ask(state_of_page) == new


def test_nothing_is_left_of_a_document_that_the_test_before_left_open(
    browser: Browser, tmp_path: Path
) -> None:
    ready = "<script>document.documentElement.dataset.ready = 1</script>"
    page = written(tmp_path, "<p>text</p>" + ready)
    other = tmp_path / "other.html"
    other.write_text(page.read_text("utf-8"), "utf-8")
    state_of_page = """() => new Promise(done => {
      dispatchEvent(new Event("odd"));
      setTimeout(() => done([
        document.body.textContent, location.hash, localStorage.length, sessionStorage.length,
        document.activeElement.tagName, innerWidth, globalThis.odd ?? "",
      ]), 20);
    })"""
    with browser.tab() as tab:
        tab.open(page)
        new = tab.ask(state_of_page)
    for following in (page, other):
        with browser.tab() as tab:
            tab.open(page)
            tab.ask("""() => {
              localStorage.a = sessionStorage.a = 1; location.hash = "there"; globalThis.odd = 1;
              addEventListener("odd", () => { document.body.textContent = "heard"; });
              setInterval(() => { document.body.append("late"); }, 1);
            }""")
        with browser.tab() as tab:
            tab.open(following)
            assert tab.ask(state_of_page) == new
            assert (tab.complaints, tab.strangers()) == ([], set())
