"""A real browser for what is drawn: Debian's chromium without a window, driven by Playwright.

Playwright is only the driver: the PyPI package brings no browser, and none is downloaded.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import ConsoleMessage, Page, Request, Route

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


@dataclass(frozen=True)
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
    scripts: list[str] = field(default_factory=list)
    """What is run before those of each page."""

    def run_first(self, script: str) -> None:
        """From the next page on, run this before any script of its own."""
        self.scripts.append(script)
        self.page.add_init_script(script)

    def open(self, path: Path, fragment: str = "", *, ready: bool = True) -> None:
        """Load a file, and wait until its script says that it is ready (``data-ready``)."""
        url = path.resolve().as_uri()
        self.opened.add(url)
        if self.page.url != "about:blank":  # another fragment alone would load nothing
            self.page.goto("about:blank")
        self.page.goto(url + fragment)
        if ready:
            self.page.wait_for_selector("html[data-ready]", state="attached")

    def ask(self, code: str, given: object = None) -> Any:
        """What a JavaScript expression, or a function called with ``given``, is in the page."""
        return self.page.evaluate(code, given)

    def press(self, *keys: str) -> None:
        """Press keys one after another; what is no key's name is typed."""
        for key in keys:
            if len(key) == 1 or key in NAMED or "+" in key:
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)

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


@dataclass(frozen=True)
class Browser:
    """One chromium; its tabs share nothing. One that a test is done with is emptied for the next:
    a new one is a new process, and costs as much as two pages."""

    chromium: Chromium
    _idle: dict[tuple[Scheme, bool, bool], list[Page]] = field(default_factory=dict)
    """Empty pages, by scheme, whether they are still, and whether they are touched."""

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
        if not idle:
            page = self._new(size, scheme, still=still, touch=touch)
        else:
            page = idle.pop()
            page.set_viewport_size({"width": size[0], "height": size[1]})
        tab = Tab(page)
        heard = _watched(tab)
        try:
            yield tab
        except BaseException:
            tab.scripts.append("")  # who knows what it left behind
            raise
        finally:
            if tab.scripts:
                page.context.close()
            else:
                _emptied(page, heard, scheme, still=still)
                idle.append(page)

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


Heard = dict[str, Callable[..., None]]
"""What hears of a page, by the event."""


def _emptied(page: Page, heard: Heard, scheme: Scheme, *, still: bool) -> None:
    """Leave a page as a new one is: no document, nothing stored, and the mouse in its corner."""
    page.mouse.move(0, 0)
    page.goto("about:blank")
    for event, hear in heard.items():
        page.remove_listener(event, hear)
    page.unroute_all()
    motion: Literal["reduce", "no-preference"] = "reduce" if still else "no-preference"
    page.emulate_media(media="null", color_scheme=scheme, reduced_motion=motion)
    devtools = page.context.new_cdp_session(page)
    stored = {"origin": "file://", "storageTypes": "all"}
    devtools.send("Storage.clearDataForOrigin", stored)
    devtools.send("Page.enable")
    devtools.send("Page.resetNavigationHistory")
    devtools.detach()


def _watched(tab: Tab) -> Heard:
    """Record every request of a page, and answer it only if a test opened it."""

    def route(intercepted: Route) -> None:
        if intercepted.request.url.partition("#")[0] in tab.opened:
            intercepted.continue_()
        else:
            intercepted.abort()

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            tab.complaints.append(message.text)

    def failed(request: Request) -> None:
        if request.failure == "csp":
            tab.requests.remove(request.url)
            tab.refused.append(request.url)

    heard: Heard = {
        "request": lambda request: tab.requests.append(request.url),
        "requestfailed": failed,
        "console": hear,
        "pageerror": lambda error: tab.complaints.append(str(error)),
    }
    for event, listener in heard.items():
        tab.page.on(event, listener)  # type: ignore[call-overload]  # the stubs want a literal
    tab.page.route("**/*", route)
    return heard


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
