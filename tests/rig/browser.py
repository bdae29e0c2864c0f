"""A real browser for what is drawn: Debian's chromium without a window, driven by Playwright.

Playwright is only the driver: the PyPI package brings no browser, and none is downloaded.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tests.strength import MANY_PLACES

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import CDPSession, ConsoleMessage, Page, Request, Route

OPTIONS = (
    "--no-sandbox",  # as root there is none to be had
    "--disable-gpu",
    "--in-process-gpu",  # a process less, which would only hand on what it is told
    "--js-flags=--no-opt",  # no page lives so long that code which is compiled twice pays
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE = 90_000
"""Milliseconds until a page is given up: a hang, not a slow machine."""
Scheme = Literal["light", "dark"]

_AGAIN = """text => {
  if (!globalThis.ofNewPage) return false;
  for (let id = setTimeout(String); id; id--) clearTimeout(id);
  for (let id = requestAnimationFrame(String); id; id--) cancelAnimationFrame(id);
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, "", location.pathname);
  for (const name of Object.keys(globalThis).filter(name => !globalThis.ofNewPage.has(name))) {
    delete globalThis[name];
  }
  document.open();
  document.write(text);
  document.close();
  return true;
}"""
_NEW = """
  Object.defineProperty(globalThis, "ofNewPage", { value: new Set(Object.keys(globalThis)) }) && 0
"""
_STATE = """[
  matchMedia("print").matches, matchMedia("(prefers-color-scheme: dark)").matches,
  matchMedia("(prefers-reduced-motion)").matches, visualViewport.scale, "ofNewPage" in globalThis,
]"""


@dataclass
class Tab:
    """A page in a context of its own, and all that it asked for and complained of."""

    page: Page
    opened: set[str] = field(default_factory=set)
    """URLs that a test opened."""
    requests: list[str] = field(default_factory=list)
    """URLs that the page asked for; those that no test opened were not answered."""
    refused: list[str] = field(default_factory=list)
    """URLs that the page's own policy did not let it ask for."""
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of the console, violations of the policy, exceptions nobody caught."""
    left: str = ""
    """The URL of the document that the test before left open."""
    shown: str = ""
    """The URL of a document that may be left open."""
    _first: list[CDPSession] = field(default_factory=list)
    """Who runs scripts before those of each page, until they are closed."""

    def run_first(self, script: str) -> None:
        """From the next page on, run this before any script of its own."""
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.send("Page.enable")
        devtools.send("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        self._first.append(devtools)

    def open(
        self, path: Path, fragment: str = "", *, ready: bool = True, loaded: bool = False
    ) -> None:
        """Load a file, and wait until its script says that it is ready (``data-ready``).

        On every day, what the test before left open is written anew, which takes a third of the
        time: it is parsed, and its script is run, as if it had been loaded. Only that the pointer
        left an element is not heard in such a document: what is about that has it ``loaded``.
        """
        url = path.resolve().as_uri()
        self.opened.add(url)
        again = ready and not (fragment or loaded or self._first or MANY_PLACES)
        left, self.left = self.left, ""
        written = again and url == left and self.page.evaluate(_AGAIN, path.read_text("utf-8"))
        if not written:
            if left:
                _empty(self.page)
            elif self.page.url != "about:blank":  # another fragment alone would load nothing
                self.page.goto("about:blank")
            self.page.goto(url + fragment)
        if ready:
            self.page.wait_for_selector("html[data-ready]", state="attached")
        if again and not written:
            self.page.evaluate(_NEW)
        self.shown = url if again else ""

    def close(self) -> None:
        """Run nothing first any more."""
        for devtools in self._first:
            devtools.detach()
            self.shown = ""

    def ask(self, code: str, given: object = None) -> Any:
        """What a JavaScript expression, or a function called with ``given``, is in the page."""
        return self.page.evaluate(code, given)

    def press(self, *keys: str) -> None:
        """Press keys one after another; what is no key's name is put in as one text."""
        for key in keys:
            if len(key) == 1 or key in NAMED or "+" in key:
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.insert_text(key)

    def strangers(self) -> set[str]:
        """URLs that were asked for though no test opened them."""
        return {
            request for request in self.requests if request.partition("#")[0] not in self.opened
        }


NAMED = frozenset(
    {
        "Enter",
        "Escape",
        "Tab",
        "ArrowLeft",
        "ArrowRight",
        "ArrowUp",
        "ArrowDown",
        "Home",
        "End",
        "Space",
    }
)


@dataclass
class _Kept:
    """A page that one test after another gets, and the tab of the one that has it."""

    page: Page
    tab: Tab


@dataclass(frozen=True)
class Browser:
    """One chromium; its tabs share nothing. One that a test is done with is emptied for the next:
    a new one is a new process, and costs as much as two pages."""

    chromium: Chromium
    _idle: dict[tuple[Scheme, bool, bool], list[_Kept]] = field(default_factory=dict)
    """Pages that no test has, by scheme, whether they are still, and whether they are touched."""

    @contextmanager
    def tab(
        self,
        size: tuple[int, int] = (1400, 900),
        scheme: Scheme = "light",
        *,
        still: bool = True,
        touch: bool = False,
    ) -> Iterator[Tab]:
        """A tab of a size in pixels; ``still`` prefers reduced motion."""
        idle = self._idle.setdefault((scheme, still, touch), [])
        if idle:
            kept = idle.pop()
            kept.page.set_viewport_size({"width": size[0], "height": size[1]})
            kept.tab = Tab(kept.page, left=kept.tab.shown)
        else:
            page = self._new(size, scheme, still=still, touch=touch)
            kept = _Kept(page, Tab(page))
            _listen(kept)
        try:
            yield kept.tab
            _leave(kept, scheme, still=still)
        except BaseException:
            kept.page.context.close()  # who knows what it left behind
            raise
        idle.append(kept)

    def _new(self, size: tuple[int, int], scheme: Scheme, *, still: bool, touch: bool) -> Page:
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            reduced_motion="reduce" if still else "no-preference",
            has_touch=touch,
            locale="en-GB",
            service_workers="block",
        )
        context.set_default_timeout(PATIENCE)
        return context.new_page()


def _leave(kept: _Kept, scheme: Scheme, *, still: bool) -> None:
    """Leave a page as a new one is, or with a document that stands still and can be written again:
    the mouse in its corner, and nothing else that a test did to it but in the document."""
    page, tab = kept.page, kept.tab
    page.mouse.move(0, 0)
    tab.close()
    as_given = [False, scheme == "dark", True, 1, True]
    if still and tab.shown and page.evaluate(_STATE) == as_given:
        return
    tab.shown = ""
    _empty(page)
    motion: Literal["reduce", "no-preference"] = "reduce" if still else "no-preference"
    page.emulate_media(media="null", color_scheme=scheme, reduced_motion=motion)


def _empty(page: Page) -> None:
    """No document, nothing stored, no history."""
    page.goto("about:blank")
    devtools = page.context.new_cdp_session(page)
    stored = {"origin": "file://", "storageTypes": "all"}
    devtools.send("Storage.clearDataForOrigin", stored)
    devtools.send("Page.enable")
    devtools.send("Page.resetNavigationHistory")
    devtools.detach()


def _listen(kept: _Kept) -> None:
    """Record every request of a page, and answer it only if a test opened it."""

    def route(intercepted: Route) -> None:
        if intercepted.request.url.partition("#")[0] in kept.tab.opened:
            intercepted.continue_()
        else:
            intercepted.abort()

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            kept.tab.complaints.append(message.text)

    def failed(request: Request) -> None:
        if request.failure == "csp":
            kept.tab.requests.remove(request.url)
            kept.tab.refused.append(request.url)

    kept.page.on("request", lambda request: kept.tab.requests.append(request.url))
    kept.page.on("requestfailed", failed)
    kept.page.on("console", hear)
    kept.page.on("pageerror", lambda error: kept.tab.complaints.append(str(error)))
    kept.page.route("**/*", route)


HEADLESS = "chromium-headless-shell"
"""The same engine without what draws a window: a new tab costs a quarter of the CPU time."""
PROGRAMS = (HEADLESS, "chromium", "chromium-browser")


def installed(*names: str) -> str | None:
    """The path of the first of these programs that there is."""
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def chromium(*names: str) -> Iterator[Browser]:
    """A running browser, closed with the block: the first that is installed of ``names``, or of
    all that would do."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 -- slow to import

    expect.set_options(timeout=PATIENCE)
    program = installed(*(names or PROGRAMS))
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=[*OPTIONS], timeout=PATIENCE)
        try:
            yield Browser(started)
        finally:
            started.close()
