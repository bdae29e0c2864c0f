"""The pages under test, written once for each worker, and the shop's opened in a tab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jotgraph.graph import ResourceGraph
from jotgraph.render import html
from tests.render.estate import crowd
from tests.render.html.estate import hostile, page_options, shop_page
from tests.rig.browser import Tab

APPS = 160
Write = Callable[[str, ResourceGraph], Path]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """``written(name, graph)`` is the graph's page in a file."""
    folder = tmp_path_factory.mktemp("pages")

    def write(name: str, graph: ResourceGraph) -> Path:
        path = folder / f"{name}.html"
        path.write_text(html.render(graph, page_options(graph)), "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop: two accounts, drift, missing things, gaps."""
    return shop_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def crowded(written: Write) -> Path:
    """Apps of 7 resources, which no line connects: it opens folded."""
    return written("crowd", crowd(APPS))


@pytest.fixture(scope="session")
def attacked(written: Write) -> Path:
    """Every name, tag and label is an attack."""
    return written("hostile", hostile())


@pytest.fixture
def shop(tab: Tab, page: Path) -> Tab:
    """The shop's page, just opened."""
    tab.open(page)
    return tab
