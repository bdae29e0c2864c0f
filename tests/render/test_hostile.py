"""Names, tags and labels from outside show as text, in every format, and draw nothing else."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree

import pytest
from graphviz import Graph

from jotgraph.graph import ResourceGraph
from jotgraph.render.files import dot, export
from jotgraph.render.picture.drawing.view import PictureOptions
from jotgraph.render.picture.layout import graphviz_engine
from jotgraph.render.words import clean
from tests.render.hostile import HOSTILE
from tests.render.hostile import hostile as built


@pytest.fixture
def hostile() -> ResourceGraph:
    return built()


def test_svg_holds_only_our_own_elements(hostile: ResourceGraph) -> None:
    root = ElementTree.fromstring(
        str(export.render(hostile, ".svg", PictureOptions(title=HOSTILE[0])))
    )
    names = {element.tag.partition("}")[2] for element in root.iter()}
    assert names <= {"svg", "title", "desc", "style", "rect", "g", "a", "path", "text"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {attribute for attribute in attributes if attribute.startswith("on")}
    assert all(element.get("href", "https://").startswith("https://") for element in root.iter())


def test_dot_has_no_node_of_theirs(hostile: ResourceGraph) -> None:
    source = str(export.render(hostile, ".dot"))
    read = json.loads(graphviz_engine.run(source, "json0"))
    nodes = [item["name"] for item in read["objects"] if "pos" in item]
    theirs = [name for name in nodes if not re.fullmatch(r"[nc]\d+", name)]
    assert theirs == []


def test_png_is_drawn(hostile: ResourceGraph) -> None:
    written = export.render(hostile, ".png")
    assert isinstance(written, bytes)
    assert written.startswith(b"\x89PNG")


def test_data_formats_are_well_formed(hostile: ResourceGraph) -> None:
    ElementTree.fromstring(str(export.render(hostile, ".graphml")))
    assert len(json.loads(str(export.render(hostile, ".json")))["nodes"]) == len(hostile)
    assert len(json.loads(str(export.render(hostile, ".cyjs")))["elements"]["nodes"]) > 0
    packed = export.render(hostile, ".zip")
    assert isinstance(packed, bytes)
    assert zipfile.ZipFile(BytesIO(packed)).namelist() == ["nodes.csv", "edges.csv"]
    mermaid = str(export.render(hostile, ".mmd"))
    assert "<script" not in mermaid
    assert "\x1b" not in mermaid


def test_clean_replaces_what_cannot_be_seen() -> None:
    assert clean("a\x00b\u202ec\nd") == "a�b�c�d"
    assert clean("x" * 400) == "x" * 299 + "…"


def test_a_text_in_dot_is_shown_as_it_is() -> None:
    graph = Graph()
    graph.node("n0", label=dot.literal('a"b\\N\nc'), tooltip=dot.literal("<b>x</b>"))
    assert graph.source == ('graph {\n\tn0 [label="a\\"b\\\\N\\nc" tooltip="<b>x</b>"]\n}\n')
