"""A real browser for what is drawn: a page in, its DOM or a picture of it out."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.rig.tab import Tab, driven

OPTIONS = (
    "--headless",
    "--no-sandbox",  # as root there is none to be had
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True)
class Browser:
    """Chromium without a window; ``profile`` is a folder that it may fill."""

    profile: Path

    def dom(self, page: Path | str, *options: str) -> str:
        """The page's DOM after its scripts ran. ``page`` is a file or a loopback URL."""
        return self._run("--dump-dom", *options, _url(page))

    def screenshot(
        self, page: Path | str, picture: Path, size: tuple[int, int] = (1280, 800)
    ) -> Path:
        """Write a PNG of the page, ``size`` in pixels."""
        window = f"--window-size={size[0]},{size[1]}"
        self._run(f"--screenshot={picture}", window, "--hide-scrollbars", _url(page))
        return picture

    @contextmanager
    def tab(self, size: tuple[int, int] = (1400, 900)) -> Iterator[Tab]:
        """A tab to click and type in, by chromedriver."""
        with driven((*OPTIONS, f"--user-data-dir={self.profile}"), size) as tab:
            yield tab

    def _run(self, *words: str) -> str:
        program = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
        done = subprocess.run(
            [
                program,
                *OPTIONS,
                f"--user-data-dir={self.profile}",
                *words,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"chromium ended with code {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout


def _url(page: Path | str) -> str:
    return page.resolve().as_uri() if isinstance(page, Path) else page
