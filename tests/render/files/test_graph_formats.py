"""Files for other tools, read back by what reads them: the same resources and links."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import zipfile

import msgspec
import networkx as nx
import pytest

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.render.files import export
from jotgraph.render.picture.drawing.view import PictureOptions
from tests.render import goldens
from tests.render.estate import shop

FORMS = (".graphml", ".json", ".cyjs", ".zip", ".mmd")
NODE = re.compile(
    r"\s+n\d+(\(\[|\[\[|\[\(|\[/|\[\\|\{\{|\[|\(|>)\"[^\"<>\[\]{}`;]*"
    r"(?:(?:<br/>|#\d+;)[^\"<>\[\]{}`;]*)*\"(\]\)|\]\]|\)\]|/\]|\\\]|\}\}|\]|\))"
)
EDGE = re.compile(r"\s+n\d+ (-->|-\.->)(\|\"[\w%.#; ]+\"\|)? n\d+")
OTHER = re.compile(
    r'flowchart LR|\s+subgraph b\d+ \["[^"<>]*"\]|\s+end|'
    r"\s+classDef (wrong|look) fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6},"
    r"stroke-width:2px|\s+class n\d+(,n\d+)* (wrong|look)"
)


@pytest.fixture(scope="module")
def estate() -> goldens.Case:
    return goldens.demo()


def written(case: goldens.Case, suffix: str) -> bytes:
    found = export.render(case[0], suffix, case[1])
    return found if isinstance(found, bytes) else found.encode()


def wanted(graph: ResourceGraph) -> set[tuple[str, str]]:
    return {(str(source), str(target)) for source, target, _ in graphs.edges(graph)}


def test_graphml_is_read_by_networkx(estate: goldens.Case) -> None:
    read = nx.read_graphml(io.BytesIO(written(estate, ".graphml")))
    linked = {resource for resource in estate[0] if estate[0].degree(resource)}
    assert linked <= set(read)
    assert set(read.edges) == wanted(estate[0])
    assert read.nodes[next(iter(sorted(linked)))]["kind"]


def test_node_link_is_read_by_networkx(estate: goldens.Case) -> None:
    read = nx.node_link_graph(json.loads(written(estate, ".json")), edges="links")
    assert read.is_directed()
    assert set(read.edges) == wanted(estate[0])
    assert {data["grade"] for *_, data in read.edges(data=True)} <= {
        "PROOF", "STRONG", "SUPPORT", "HINT",
    }  # fmt: skip


def test_cytoscape_is_read_by_networkx(estate: goldens.Case) -> None:
    data = json.loads(written(estate, ".cyjs"))
    assert set(nx.cytoscape_graph(data).edges) == wanted(estate[0])


def test_opencypher_rows_have_ids_and_ends(estate: goldens.Case) -> None:
    with zipfile.ZipFile(io.BytesIO(written(estate, ".zip"))) as archive:
        nodes, edges = (
            list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
            for name in ("nodes.csv", "edges.csv")
        )
    ids = {node[":ID"] for node in nodes}
    assert len(ids) == len(nodes)
    assert len({edge[":ID"] for edge in edges}) == len(edges)
    assert {(edge[":START_ID"], edge[":END_ID"]) for edge in edges} == wanted(estate[0])
    assert {end for edge in edges for end in (edge[":START_ID"], edge[":END_ID"])} <= ids
    assert all(re.fullmatch(r"[A-Z_]+", edge[":TYPE"]) for edge in edges)


@pytest.mark.parametrize("name", goldens.CASES)
def test_mermaid_says_only_what_its_grammar_knows(name: str) -> None:
    """Every line is a node, an edge, a box or a class; Mermaid 11 draws these files."""
    text = written(goldens.CASES[name](), ".mmd").decode()
    lines = text.splitlines()
    strange = [
        line
        for line in lines
        if not any(pattern.fullmatch(line) for pattern in (NODE, EDGE, OTHER))
    ]
    assert strange == []
    assert sum(line.strip().startswith("subgraph") for line in lines) == lines.count("  end")
    known = {match[0] for line in lines if NODE.fullmatch(line) and (match := _name(line))}
    ends = {end for line in lines if EDGE.fullmatch(line) for end in re.findall(r"\bn\d+\b", line)}
    assert ends <= known


def test_mermaid_tells_what_may_run_from_what_runs() -> None:
    text = written(goldens.CASES["demo"](), ".mmd").decode()
    named = {match[1]: match[2] for match in re.finditer(r'(n\d+)\W+"([^"<]+)', text)}
    lines = re.findall(r'(n\d+) (-\.->|-->)(?:\|"([^"]+)"\|)? (n\d+)', text)
    to_first = {line[1:3] for line in lines if named[line[3]] == "storefront:1"}
    to_service = {line[1:3] for line in lines if named[line[3]] == "web/storefront"}
    assert to_first == {("-.->", "may run")}
    assert to_service == {("-->", "")}


def _name(line: str) -> re.Match[str] | None:
    return re.search(r"n\d+", line)


@pytest.mark.parametrize("suffix", FORMS)
def test_shuffled_input_gives_the_same_bytes(suffix: str) -> None:
    inventory, links, states = shop()
    first = written((graphs.build(inventory, links), PictureOptions(findings=states)), suffix)
    random.Random(3).shuffle(links)
    mixed = msgspec.structs.replace(
        inventory,
        functions=tuple(reversed(inventory.functions)),
        ecr_images=tuple(reversed(inventory.ecr_images)),
        roles=tuple(reversed(inventory.roles)),
    )
    again = PictureOptions(findings=dict(reversed(states.items())))
    assert written((graphs.build(mixed, links), again), suffix) == first
