"""The HTML page by size: time to write it, time until it can be used, time of a frame.

usage: python -m benchmarks.html_page [most resources, default 10000]

The estate is a fleet: apps of 49 resources (16 commits, 10 local images, 16 registry images, 5
functions, their roles), one role of each account shared by all. ``ready`` is measured by the page
itself, from the start of navigation to the second frame after everything is drawn, and ``select``
from a search's Enter to the frame that shows the details (the first selection reads them). Frames
are the times between animation frames while a mouse that Playwright moves drags the view, turns its
wheel out and in, and points at one thing after another, folded and with every part open, in a
headless Chromium that paints without a GPU.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.graph import ResourceGraph
from jotgraph.links import Link, Relation
from jotgraph.records import Role
from jotgraph.render import html
from tests.factories import (
    commit,
    days_ago,
    ecr_image,
    function,
    inventory,
    local_image,
    role,
)
from tests.render.estate import DATA, EAST, PROD, WEST, chain, link
from tests.rig.browser import Browser, Tab, chromium

SIZES = (300, 1_000, 10_000, 100_000)
OPENINGS = 3
WORDS = ("billing", "checkout", "search", "ledger", "media", "thumbs", "invoices", "mailer")
WATCH = """() => {
  const times = [];
  let before = 0;
  globalThis.watching = true;
  globalThis.times = times;
  const step = (now) => {
    if (before) times.push(now - before);
    before = now;
    if (globalThis.watching) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""
SELECT = """() => new Promise((done) => {
  const began = performance.now();
  const id = jotgraph.passing().find((each) => each.startsWith('function:'));
  location.hash = encodeURIComponent(id);
  const wait = () => jotgraph.selected() === id
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)))
    : requestAnimationFrame(wait);
  wait();
})"""


def fleet(apps: int) -> ResourceGraph:
    """An estate of apps as a large company has them."""
    commits, locals_, images, functions = [], [], [], []
    roles: dict[str, Role] = {}
    links: list[Link] = []
    for number in range(apps):
        name = f"{WORDS[number % len(WORDS)]}-{number:04}"
        account, region = (PROD, DATA)[number % 3 == 0], (WEST, EAST)[number % 4 == 0]
        built = [
            commit(
                f"{name} {n}",
                subject=f"Release {n}",
                committed_at=days_ago(n),
                repositories=(f"team-{number % 7}",),
            )
            for n in range(16)
        ]
        pushed = [
            ecr_image(
                f"{name} {n}",
                f"v{n}",
                repository=f"team-{number % 7}/{name}",
                account=account,
                region=region,
            )
            for n in range(16)
        ]
        kept = [local_image(f"local{name} {n}", f"{name}:v{n}") for n in range(10)]
        for n in range(16):
            links += chain(built[n], kept[n - 6] if n >= 6 else None, pushed[n])
        for n in range(5):
            named = f"{name}-role" if n else "basic-execution"
            made = function(
                f"{name}-{n}",
                f"{name} {15 - n}",
                tag=None,
                invocations=None,
                role=named,
                account=account,
                region=region,
            )
            owner = role(named, account=account)
            roles[owner.id] = owner
            functions.append(made)
            links.append(link(made.id, pushed[15 - n].id, Relation.RUNS))
            links.append(link(made.id, owner.id, Relation.ASSUMES))
            if number % 9 == 0 and n == 0:
                links.append(link(made.id, pushed[14].id, Relation.FOLLOWS))
        commits += built
        locals_ += kept
        images += pushed
    places = tuple((account, region) for account in (PROD, DATA) for region in (EAST, WEST))
    whole = inventory(*commits, *locals_, *images, *functions, *roles.values(), places=places)
    return graphs.build(whole, links)


def main(most: int) -> None:
    print(
        "resources | write s, CPU s of Python | file MB | ready ms | select ms | folded: cards, "
        "frame ms (median, worst) of a drag, of zooming, of pointing | all open: the same"
    )
    with tempfile.TemporaryDirectory() as folder, chromium("chromium") as browser:
        for size in (count for count in SIZES if count <= most):
            graph = fleet(max(1, size // 49))
            known = views.options(graph, page=True)
            start, cpu = time.perf_counter(), time.process_time()
            page = html.render(graph, known)
            written = time.perf_counter() - start
            cpu = time.process_time() - cpu
            path = Path(folder) / "page.html"
            path.write_text(page, "utf-8")
            megabytes = len(page.encode()) / 1e6
            columns = _measure(browser, path)
            print(f"{len(graph):9,} | {written:7.2f}, {cpu:6.2f} | {megabytes:7.2f} | {columns}")


def _measure(browser: Browser, path: Path) -> str:
    ready = []
    for _ in range(OPENINGS - 1):
        with browser.tab() as tab:
            ready.append(_opened(tab, path))
    with browser.tab() as tab:
        ready.append(_opened(tab, path))
        cards = tab.ask("jotgraph.cards()")
        folded = _moved(tab)
        selecting = tab.ask(SELECT)
        columns = f"{median(ready):8.0f} | {selecting:9.0f} | {cards:5} | {folded}"
        if tab.page.locator("#unfold").is_hidden():
            return f"{columns} | -"
        tab.press("Escape")
        tab.page.locator("#unfold").click()
        return f"{columns} | {tab.ask('jotgraph.cards()'):6}, {_moved(tab)}"


def _opened(tab: Tab, path: Path) -> int:
    tab.open(path)
    return int(tab.ask("document.documentElement.dataset.ready"))


def _moved(tab: Tab) -> str:
    return f"{_drag(tab)}, {_zoom(tab)}, {_point(tab)}"


def _drag(tab: Tab) -> str:
    """Drag the view to the left and back."""
    tab.page.mouse.move(1000, 500)
    tab.page.mouse.down()
    tab.ask(WATCH)
    for step in range(60):
        tab.page.mouse.move(1000 - 12 * min(step, 60 - step), 500 - step)
    frames = _told(tab)
    tab.page.mouse.up()
    return frames


def _zoom(tab: Tab) -> str:
    """Zoom out, a hundredfold or until all is seen from afar, and in again."""
    tab.page.mouse.move(900, 500)
    tab.ask(WATCH)
    for step in range(60):
        tab.page.mouse.wheel(0, 120 if step < 30 else -120)
    return _told(tab)


def _point(tab: Tab) -> str:
    """Move the mouse over cards and lines: what is under it is looked for at each step."""
    tab.ask(WATCH)
    for step in range(60):
        tab.page.mouse.move(500 + 12 * step, 200 + 9 * step)
    return _told(tab)


def _told(tab: Tab) -> str:
    times = tab.ask("() => { watching = false; return times; }")
    return f"{median(times):.1f} {max(times):.1f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
