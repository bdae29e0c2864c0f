"""The page's bytes: self-contained, under its own policy, the same from the same world."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from jotgraph.graph import ResourceGraph
from jotgraph.records import Kind
from jotgraph.render import html
from jotgraph.render.files import export
from jotgraph.render.picture.layout.geometry import HIGH
from tests.render.estate import crowd, shop_graph
from tests.render.html.estate import CHECKOUT, hostile, page_options, shuffled


class Reader(HTMLParser):
    """The elements of a page, and the text of its scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self.open: tuple[str, dict[str, str | None]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open = (tag, dict(attrs)) if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((*self.open, data))


def read(page: str) -> Reader:
    found = Reader()
    found.feed(page)
    return found


def data_of(page: str, name: str = "data") -> dict[str, Any]:
    text = next(text for _, attributes, text in read(page).texts if attributes.get("id") == name)
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def shop_html() -> str:
    graph, states = shop_graph()
    return html.render(graph, page_options(graph, findings=states))


def test_it_is_what_render_writes_for_html(shop_html: str) -> None:
    graph, states = shop_graph()
    assert export.render(graph, ".html", page_options(graph, findings=states)) == shop_html


def test_the_policy_names_every_script_and_style_and_allows_nothing_else(shop_html: str) -> None:
    page = read(shop_html)
    policy = next(a["content"] or "" for t, a in page.elements if a.get("http-equiv"))
    allowed = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert allowed.keys() == {
        "default-src", "script-src", "style-src", "img-src", "base-uri", "form-action",
    }  # fmt: skip
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    assert allowed["img-src"] == "data:"
    hashes = {"script": [], "style": []}  # type: dict[str, list[str]]
    for tag, attributes, text in page.texts:
        if attributes.get("type") != "application/json":
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            hashes[tag].append(f"'sha256-{digest}'")
    assert allowed["script-src"].split() == hashes["script"]
    assert allowed["style-src"].split() == hashes["style"]


def test_no_element_asks_for_anything_and_none_has_a_handler(shop_html: str) -> None:
    for tag, attributes in read(shop_html).elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert "src" not in attributes
        assert tag != "link" or (attributes["href"] or "").startswith("data:image/svg+xml,")


def test_nothing_from_outside_ends_an_element_or_begins_one() -> None:
    graph = hostile()
    page = html.render(graph, page_options(graph, title="</title><script>alert(1)</script>"))
    ours = [tag for tag, _ in read(html.render(crowd(1))).elements]
    assert [tag for tag, _ in read(page).elements] == ours


def test_data_has_neither_control_nor_direction_characters() -> None:
    graph = hostile()
    page = html.render(graph, page_options(graph))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]", page)
    whole = json.dumps([data_of(page), data_of(page, "details-data")])
    assert not re.search(r"\\u00[01][0-9a-f]|\\u20[02][ef]|\\u206[6-9]", whole)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_world_gives_the_same_bytes(shop_html: str, seed: int) -> None:
    _, states = shop_graph()
    graph = shuffled(seed)
    assert html.render(graph, page_options(graph, findings=states)) == shop_html


def test_a_small_estate_has_the_pictures_layout_and_is_a_small_file(shop_html: str) -> None:
    assert len(shop_html.encode()) < 300_000
    layout = data_of(shop_html)["layout"]
    assert layout["foldable"] is False
    assert len(layout["blocks"]) == 1


def test_every_card_and_line_stands_for_something(shop_html: str) -> None:
    data = data_of(shop_html)
    block = data["layout"]["blocks"][0]["open"]
    drawn = {card[0] for card in block["cards"]}
    boxed = {number for number, node in enumerate(data["nodes"]) if number not in drawn}
    assert {data["nodes"][number]["k"] for number in boxed} == {1, 3}, (
        "local copies and repositories"
    )
    through = [line for line in block["lines"] if line[5] < 0]
    assert len(through) == 3, "from commits of local copies"
    assert all(line[5] < len(data["links"]) for line in block["lines"])
    assert all(node["l"] for node in data["nodes"] if node["k"] == 3)


def test_details_hold_record_evidence_and_verdict(shop_html: str) -> None:
    data, details = data_of(shop_html), data_of(shop_html, "details-data")
    number = next(n for n, node in enumerate(data["nodes"]) if node["i"] == CHECKOUT)
    assert details["records"][number]["name"] == "checkout-api"
    assert details["verdicts"][number]["verdict"] == "in-use"
    runs = next(
        n for n, (source, _, _, relations) in enumerate(data["links"])
        if source == number and "runs" in relations
    )  # fmt: skip
    assert details["evidence"][runs][-1][:4] == ["literal", "runs", 4, "runs as read"]


@pytest.fixture(scope="module")
def crowded() -> ResourceGraph:
    return crowd(130)


def test_a_large_estate_is_folded_into_a_row_for_each_part(crowded: ResourceGraph) -> None:
    layout = data_of(html.render(crowded))["layout"]
    assert (layout["foldable"], layout["folded"]) == (True, True)
    assert len(layout["blocks"]) == 130
    shut = layout["blocks"][0]["shut"]
    assert [(title, line) for _, _, title, line, _ in shut["stacks"]] == [
        ("", ""), ("2 registry images", "team-0/app-00000"),
        ("app-00000", "function · 1 version"), ("", ""),
    ]  # fmt: skip
    assert [line[:2] for line in shut["lines"]] == [[0, 1], [1, 2], [2, 3]]


def test_cards_of_the_column_layout_do_not_overlap(crowded: ResourceGraph) -> None:
    for block in data_of(html.render(crowded))["layout"]["blocks"]:
        cards = sorted((x, y) for _, x, y, _ in block["open"]["cards"])
        for (x, y), (other, below) in pairwise(cards):
            assert x != other or below - y >= HIGH


def test_an_estate_of_nothing_is_a_page_too() -> None:
    assert data_of(html.render(crowd(0)))["nodes"] == []


def test_every_kind_has_a_place_for_its_words(shop_html: str) -> None:
    kinds = data_of(shop_html)["kinds"]
    assert [kind["id"] for kind in kinds] == [kind.value for kind in Kind]
    assert [kind["id"] for kind in kinds if not 10 < kind["inset"] < 24] == []
