"""A browser's tab driven as a person would: by chromedriver, over loopback, with its log kept."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "Left": "\ue012", "Up": "\ue013",
        "Right": "\ue014", "Down": "\ue015"}  # fmt: skip
"""Keys that are no character (W3C WebDriver, 17.4.2 Keyboard Actions)."""


@dataclass(frozen=True)
class Tab:
    """One tab. Every call waits until the browser did it; a failed one raises RuntimeError."""

    port: int
    session: str

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a file, and wait until its script says that it is ready."""
        self._call("POST", "url", {"url": "about:blank"})
        self._call("POST", "url", {"url": page.resolve().as_uri() + fragment})
        self.wait("return document.documentElement.dataset.ready")

    def script(self, code: str, *given: object) -> Any:
        """Run a function's body in the page; what it returns."""
        return self._call("POST", "execute/sync", {"script": code, "args": list(given)})

    def script_async(self, code: str, *given: object) -> Any:
        """Run a function's body in the page; what it gives to its last argument, a callback."""
        return self._call("POST", "execute/async", {"script": code, "args": list(given)})

    def wait(self, code: str, seconds: float = 20.0) -> Any:
        """What a function's body returns, once that is true."""
        end = time.monotonic() + seconds
        while not (found := self.script(code)):
            if time.monotonic() > end:
                raise RuntimeError(f"not true within {seconds} s: {code}")
            time.sleep(0.03)
        return found

    def press(self, *keys: str) -> None:
        """Press keys one after another; text is typed, ``KEYS`` are named."""
        steps = []
        for each in keys:
            for character in [KEYS[each]] if each in KEYS else list(each):
                steps.append({"type": "keyDown", "value": character})
                steps.append({"type": "keyUp", "value": character})
        self._act({"type": "key", "id": "keys", "actions": steps})

    def click(self, x: float, y: float) -> None:
        """Click at a point of the window."""
        self._act(
            {
                "type": "pointer",
                "id": "mouse",
                "parameters": {"pointerType": "mouse"},
                "actions": [
                    {"type": "pointerMove", "x": round(x), "y": round(y)},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    def click_on(self, selector: str) -> None:
        """Click the middle of the first element that a CSS selector names."""
        found = self.script(
            "const it = document.querySelector(arguments[0]);"
            "it.scrollIntoView({block: 'nearest'}); const box = it.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]",
            selector,
        )
        self.click(*found)

    def wheel(self, x: float, y: float, by: int) -> None:
        """Turn the wheel over a point of the window."""
        step = {"type": "scroll", "x": round(x), "y": round(y), "deltaX": 0, "deltaY": by}
        self._act({"type": "wheel", "id": "wheel", "actions": [step]})

    def media(self, **features: str) -> None:
        """Emulate media features: ``media(prefers_color_scheme="dark")``."""
        found = [{"name": n.replace("_", "-"), "value": v} for n, v in features.items()]
        self.devtools("Emulation.setEmulatedMedia", {"features": found})

    def screenshot(self) -> bytes:
        """A PNG of what is seen."""
        return base64.b64decode(self._call("GET", "screenshot"))

    def console(self) -> list[str]:
        """Warnings, errors and policy violations since the last call."""
        return [each["message"] for each in self._call("POST", "se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """URLs asked for since the last call."""
        found = []
        for each in self._call("POST", "se/log", {"type": "performance"}):
            message = json.loads(each["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def devtools(self, command: str, given: dict[str, Any]) -> Any:
        """A command of the Chrome DevTools Protocol."""
        return self._call("POST", "goog/cdp/execute", {"cmd": command, "params": given})

    def _act(self, *sources: dict[str, Any]) -> None:
        self._call("POST", "actions", {"actions": list(sources)})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return call(self.port, method, f"/session/{self.session}/{path}", body)


def call(port: int, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One WebDriver command. Raises RuntimeError with what the driver says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        text = json.dumps(body or {}) if method == "POST" else None
        connection.request(method, path, text, {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
    finally:
        connection.close()
    if isinstance(value, dict) and "error" in value:
        raise RuntimeError(f"{value['error']}: {value.get('message', '')[:600]}")
    return value


@contextmanager
def driven(options: Sequence[str], size: tuple[int, int]) -> Iterator[Tab]:
    """A tab in a browser of its own, of a size in pixels; both end with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = shutil.which("chromedriver") or "chromedriver"
    driver = subprocess.Popen(
        [program, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _answering(port)
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": list(options)},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        made = call(port, "POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        tab = Tab(port, made["sessionId"])
        screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        tab.devtools("Emulation.setDeviceMetricsOverride", screen)
        tab.media(prefers_color_scheme="light", prefers_reduced_motion="reduce")
        try:
            yield tab
        finally:
            call(port, "DELETE", f"/session/{tab.session}")
    finally:
        driver.terminate()
        driver.wait(timeout=20)


def _answering(port: int) -> None:
    for _ in range(200):
        try:
            call(port, "GET", "/status")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("chromedriver does not answer")
