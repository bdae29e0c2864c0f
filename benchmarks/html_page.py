"""The HTML page by size: time to write it, time until it can be used, time of a frame.

usage: python benchmarks/html_page.py [most resources, default 10000]

The estate is a fleet: apps of 49 resources (16 commits, 10 local images, 16 registry images, 5
functions, their roles), one role of each account shared by all. ``ready`` is measured by the page
itself, from the start of navigation to the second frame after everything is drawn; frames are the
times between animation frames while the view pans, folded and with every part open, in a headless
Chromium that paints without a GPU.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.links import Link, Relation
from jotgraph.records import Inventory, Role, Scope
from jotgraph.render import html
from jotgraph.render.states import states
from jotgraph.render.view import Options
from tests.render.estate import (
    DATA,
    EAST,
    NOW,
    PROD,
    WEST,
    chain,
    commit,
    function,
    image,
    link,
    local,
)
from tests.rig.browser import Browser
from tests.rig.tab import Tab

SIZES = (300, 1_000, 10_000, 100_000)
OPENINGS = 3
WORDS = ("billing", "checkout", "search", "ledger", "media", "thumbs", "invoices", "mailer")
PAN = """
const done = arguments[arguments.length - 1];
const canvas = document.getElementById('canvas'), times = [];
const fire = (type, x) => canvas.dispatchEvent(new MouseEvent(type,
  {bubbles: true, view: window, clientX: x, clientY: 500, buttons: 1}));
let before = 0, at = 900;
fire('mousedown', at);
const step = (now) => {
  if (before) times.push(now - before);
  before = now;
  at -= 3;
  window.dispatchEvent(new MouseEvent('mousemove', {clientX: at, clientY: 500, view: window}));
  if (times.length < 60) requestAnimationFrame(step);
  else { window.dispatchEvent(new MouseEvent('mouseup', {view: window})); done(times); }
};
requestAnimationFrame(step);
"""


def fleet(apps: int) -> ResourceGraph:
    """An estate of apps as a large company has them."""
    commits, locals_, images, functions = [], [], [], []
    roles: dict[str, Role] = {}
    links: list[Link] = []
    for number in range(apps):
        name = f"{WORDS[number % len(WORDS)]}-{number:04}"
        account, region = (PROD, DATA)[number % 3 == 0], (WEST, EAST)[number % 4 == 0]
        built = [commit(f"team-{number % 7}", f"{name} {n}", f"Release {n}", n) for n in range(16)]
        pushed = [
            image(account, region, f"team-{number % 7}/{name}", f"{name} {n}", f"v{n}")
            for n in range(16)
        ]
        kept = [local(f"{name} {n}", f"{name}:v{n}") for n in range(10)]
        for n in range(16):
            links += chain(built[n], kept[n - 6] if n >= 6 else None, pushed[n])
        for n in range(5):
            named = f"{name}-role" if n else "basic-execution"
            made = function(account, region, f"{name}-{n}", f"{name} {15 - n}", named)
            role = Role(account=account, name=named)
            roles[role.id] = role
            functions.append(made)
            links.append(link(made.id, pushed[15 - n].id, Relation.RUNS))
            links.append(link(made.id, role.id, Relation.ASSUMES))
            if number % 9 == 0 and n == 0:
                links.append(link(made.id, pushed[14].id, Relation.FOLLOWS))
        commits += built
        locals_ += kept
        images += pushed
    places = tuple((account, region) for account in (PROD, DATA) for region in (EAST, WEST))
    inventory = Inventory(
        taken_at=NOW,
        scope=Scope(accounts=(PROD, DATA), places=places),
        commits=tuple(commits),
        local_images=tuple(locals_),
        ecr_images=tuple(images),
        functions=tuple(functions),
        roles=tuple(roles.values()),
    )
    return graphs.build(inventory, links)


def main(most: int) -> None:
    print("resources | write s | file MB | ready ms | cards | frame ms folded: median, worst |"
          " all open: cards, median, worst")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for size in (each for each in SIZES if each <= most):
            graph = fleet(max(1, size // 49))
            start = time.perf_counter()
            page = html.render(graph, Options(states=states(graph)))
            written = time.perf_counter() - start
            path = Path(folder) / "page.html"
            path.write_text(page, "utf-8")
            with Browser(Path(folder) / f"profile-{size}").tab() as tab:
                print(
                    f"{len(graph):9,} | {written:7.2f} | {len(page.encode()) / 1e6:7.2f} | "
                    + _measure(tab, path)
                )


def _measure(tab: Tab, path: Path) -> str:
    ready = []
    for _ in range(OPENINGS):
        tab.open(path)
        ready.append(int(tab.script("return document.documentElement.dataset.ready")))
    cards = tab.script("return jotgraph.cards()")
    folded = _frames(tab)
    said = f"{median(ready):8.0f} | {cards:5} | {median(folded):6.1f} {max(folded):6.1f}"
    if tab.script("return document.getElementById('unfold').hidden"):
        return f"{said} | -"
    tab.script("document.getElementById('unfold').click()")
    opened = _frames(tab)
    cards = tab.script("return jotgraph.cards()")
    tab.script("document.getElementById('fit').click()")
    time.sleep(0.5)
    far = _frames(tab)
    return (
        f"{said} | {cards:6} {median(opened):6.1f} {max(opened):6.1f}, "
        f"seen whole {median(far):6.1f} {max(far):6.1f}"
    )


def _frames(tab: Tab) -> list[float]:
    """Milliseconds between animation frames while the view pans."""
    found = tab.script_async(PAN)
    assert isinstance(found, list)
    return [float(each) for each in found]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
