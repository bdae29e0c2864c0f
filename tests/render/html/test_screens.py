"""The example estate's page and pictures on phones, laptops and large screens, light and dark.

What can be measured is asserted; with CI=true what is seen is kept in ``build/screens``, to be
looked at.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from jotgraph import graph as graphs
from jotgraph import store, views
from jotgraph.analysis.health import findings
from jotgraph.analysis.health.model import Severity
from jotgraph.graph import ResourceGraph
from jotgraph.records import ResourceId
from jotgraph.render import html
from jotgraph.render.files import export
from jotgraph.render.picture.layout.geometry import HIGH, WIDE
from tests.render.goldens import DEMO
from tests.render.html.drawn_texts import Painted, listen, painted, written
from tests.render.html.seen import lit
from tests.rig.browser import Browser, Scheme, Tab
from tests.rig.live import ROOT
from tests.strength import MANY_PLACES, one_in, some

SCREENS = ROOT / "build" / "screens"
ALL_SIZES = ((390, 844), (768, 1024), (1280, 800), (1440, 900), (1920, 1080))
SIZES = ALL_SIZES[:: one_in(3)]
"""A phone and a laptop; with CI=true all."""
SCHEMES = some("schemes", ["light", "dark"], 2)
"""What is measured is the same in any light."""
SMALLEST = 11.0
"""Pixels of a letter's height that can be read on any screen."""
README = 840.0
"""How wide a picture is in a README on GitHub."""
SVG = "{http://www.w3.org/2000/svg}"
Rim = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def demo() -> ResourceGraph:
    return graphs.build(store.load(DEMO))


@pytest.fixture(scope="module")
def demo_page(demo: ResourceGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("screens") / "demo.html"
    path.write_text(html.render(demo, views.options(demo, page=True)), "utf-8")
    return path


@pytest.fixture(params=SIZES, ids=lambda size: str(size[0]))
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    chosen: tuple[int, int] = request.param
    return chosen


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> Scheme:
    chosen: Scheme = request.param
    return chosen


@pytest.fixture
def screen(
    browser: Browser, demo_page: Path, size: tuple[int, int], scheme: Scheme
) -> Iterator[Tab]:
    """The page in a window, and what its canvas writes is heard."""
    with browser.tab(size, scheme, touch=size[0] < 560) as tab:
        listen(tab)
        tab.open(demo_page)
        yield tab
        assert tab.complaints == []


@pytest.fixture
def unheard(browser: Browser, demo_page: Path, size: tuple[int, int]) -> Iterator[Tab]:
    """The page in a window, in the light: for what a test does that colours say nothing of."""
    with browser.tab(size, touch=size[0] < 560) as tab:
        tab.open(demo_page)
        yield tab
        assert tab.complaints == []


_MEASURED = """(() => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(it).font;
  return pen.measureText(it.placeholder).width;
})()"""


def test_a_page_opens_on_the_worst(screen: Tab, size: tuple[int, int]) -> None:
    keep(screen, f"page-{size[0]}-{theme(screen)}")
    worst = screen.page.locator("#jots-body .row-name").first
    if size[0] < 560:
        assert worst.is_visible()
        box = worst.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < size[1]
    else:
        resource = worst.get_attribute("title")
        assert resource is not None
        assert uncovered(screen, card(screen, resource)), "the card of the worst is seen whole"
    cut = screen.page.locator("#jots-body .pill").evaluate_all(
        "them => them.filter(it => it.scrollWidth > it.clientWidth).map(it => it.textContent)"
    )
    assert [word for word in cut if not word.startswith("conflict")] == []
    readable(screen)
    apart_on(screen)
    if size[0] > 900:
        assert screen.ask("document.querySelector('.bar').offsetHeight") < 60, "one line"
        assert screen.page.locator("#tally button").last.bounding_box() is not None
        assert screen.page.locator("#query").evaluate(
            f"it => it.clientWidth - 67 >= {_MEASURED}"
        ), "what to type is read whole"
    assert screen.page.locator("#legend details").evaluate("it => it.open") is False


def test_a_selection_says_first_what_is_wrong(
    screen: Tab, size: tuple[int, int], demo: ResourceGraph
) -> None:
    if size[0] < 900 and not screen.page.locator("#jots").is_visible():
        screen.page.locator("#toggle-list").click()
    screen.page.locator("#jots-body .row-name", has_text="checkout").first.click()
    keep(screen, f"selected-{size[0]}-{theme(screen)}")
    chosen = ResourceId(screen.ask("jotgraph.selected()"))
    known = [
        finding for finding in findings(demo, chosen) if finding.severity is not Severity.UNKNOWN
    ]
    lines = screen.page.locator("#details > *:not(header)").first.inner_text().splitlines()
    assert lines[0].startswith(f"{known[0].word} {known[0].statement}")
    assert [line for line in lines if line in ("runs", "its tag now names")] == [
        "runs",
        "its tag now names",
    ]
    assert lines[-1] == str(known[0].next)
    last = screen.page.locator("#details section").last.inner_text()
    assert "In use" in last
    assert uncovered(screen, card(screen, chosen))
    near = [resource for resource in lit(screen) if resource.startswith("ecr-image:")]
    if size[0] > 1300:
        assert all(uncovered(screen, card(screen, image)) for image in near), (
            "the lineage is fitted"
        )
    readable(screen)


def test_arrow_keys_work_after_a_click_in_the_list(unheard: Tab, size: tuple[int, int]) -> None:
    if size[0] < 900 and not unheard.page.locator("#jots").is_visible():
        unheard.page.locator("#toggle-list").click()
    unheard.page.locator("#jots-body .row-name", has_text="checkout").first.click()
    before = unheard.ask("jotgraph.selected()")
    unheard.press("ArrowLeft")
    assert unheard.ask("jotgraph.selected()").startswith("ecr-image:")
    unheard.press("ArrowRight")
    assert unheard.ask("jotgraph.selected()") == before


def test_a_count_is_that_of_what_it_shows(unheard: Tab) -> None:
    """Of what is wrong the last number is that of resources, after that of deployments."""
    for button in unheard.page.locator("#tally button").all():
        numbers = re.findall(r"\d+", button.inner_text().replace(",", ""))
        button.click()
        assert len(unheard.ask("jotgraph.passing()")) == int(numbers[-1])
        button.click()


def test_pictures_can_be_read(
    browser: Browser, demo: ResourceGraph, tmp_path: Path, scheme: Scheme
) -> None:
    whole = tmp_path / "whole.svg"
    whole.write_text(str(export.render(demo, ".svg", views.options(demo))), "utf-8")
    readme = ROOT / "docs" / "images" / "demo.svg"
    pictures = ((whole, "picture", 1920), (readme, "readme", int(README)))
    for path, name, wide in pictures if MANY_PLACES else ():  # to be looked at
        page = tmp_path / f"{name}.html"
        address = path.resolve().as_uri()
        page.write_text(f'<body style="margin:0"><img src="{address}" width="{wide}">', "utf-8")
        with browser.tab((wide, 900), scheme) as tab:
            tab.opened.add(address)
            tab.open(page, ready=False)
            keep(tab, f"{name}-{scheme}")
    root = ElementTree.fromstring(readme.read_text("utf-8"))
    sizes = [float(text.get("font-size", "0")) for text in root.iter(f"{SVG}text")]
    assert min(sizes) * README / float(root.get("width", "0")) >= SMALLEST
    page_wide = int.from_bytes((ROOT / "docs" / "images" / "page.png").read_bytes()[16:20], "big")
    assert page_wide <= README, "shown as large as the page is"
    root = ElementTree.fromstring(whole.read_text("utf-8"))
    across, down = float(root.get("width", "0")), float(root.get("height", "0"))
    assert min(1920 / across, 1200 / down) > 0.42, "the size of letters on a slide"
    assert 0.6 < across / down < 2.1, "the shape of a page"


def keep(tab: Tab, name: str) -> None:
    if not MANY_PLACES:
        return
    SCREENS.mkdir(parents=True, exist_ok=True)
    tab.page.screenshot(path=SCREENS / f"{name}.png", full_page=name.startswith("picture"))


def theme(tab: Tab) -> str:
    dark = tab.ask("matchMedia('(prefers-color-scheme: dark)').matches")
    return "dark" if dark else "light"


def readable(tab: Tab) -> None:
    """No letter is too small, and no text of the graph lies over another."""
    assert [text for text in written(tab) if text[1] < SMALLEST] == []
    texts = painted(tab)
    assert [text for text in texts if text.size < SMALLEST - 0.01] == []
    for text, other in itertools.combinations(texts, 2):
        assert apart(text_rim(text), text_rim(other)), (text, other)


def apart_on(tab: Tab) -> None:
    """What can be pressed lies beside one another, and so does what stands over the graph."""
    boxes = tab.page.locator(
        ".bar button, .bar input, .strip summary, .strip button, .list-head input, "
        "#legend details, .zoom, #map"
    )
    rims = boxes.evaluate_all(
        "them => them.filter(it => it.checkVisibility({ visibilityProperty: true }))"
        ".map(it => it.getBoundingClientRect()).filter(rim => rim.width && rim.height)"
        ".map(rim => [rim.left, rim.top, rim.right, rim.bottom])"
    )
    assert len(rims) > 3
    for first, second in itertools.combinations(rims, 2):
        assert apart(first, second), (first, second)


def card(tab: Tab, resource: str) -> Rim:
    """Where a card is in the window."""
    stage = tab.page.locator("#canvas").bounding_box()
    assert stage is not None
    x, y = tab.ask("id => jotgraph.at(id)", resource)
    k = tab.ask("jotgraph.view().k")
    wide, high = WIDE * k / 2, HIGH * k / 2
    left, top = stage["x"] + x, stage["y"] + y
    return left - wide, top - high, left + wide, top + high


def uncovered(tab: Tab, rim: Rim) -> bool:
    """Whether all corners of a card, drawn in a little, are seen."""
    left, top, right, bottom = rim[0] + 2, rim[1] + 2, rim[2] - 2, rim[3] - 2
    corners = [(left, top), (right, top), (left, bottom), (right, bottom)]
    return all(
        tab.ask("([x, y]) => document.elementFromPoint(x, y)?.id === 'canvas'", corner)
        for corner in corners
    )


def text_rim(text: Painted) -> Rim:
    return text.left, text.y - text.size * 0.7, text.left + text.wide, text.y + 1


def apart(first: Rim, second: Rim) -> bool:
    return (
        first[2] <= second[0]
        or second[2] <= first[0]
        or first[3] <= second[1]
        or second[3] <= first[1]
    )
