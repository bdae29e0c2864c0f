"""Files for other tools: Mermaid, GraphML, node-link JSON, Cytoscape JSON, openCypher CSV.

All except Mermaid hold every resource and link in the graph's own direction (dependent ->
dependency), unfolded, with flat attributes; Mermaid is a picture and holds what a picture holds.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.links import Grade
from jotgraph.records import kind_of, name_of, place_of
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.view import PictureOptions, view
from jotgraph.render.words import clean

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can hold: the same graph gives the same bytes."""


def mermaid(drawing: Drawing) -> str:
    """A Mermaid flowchart (mermaid.js.org/syntax/flowchart.html)."""
    names = {node.id: f"n{number}" for number, node in enumerate(drawing.nodes)}
    boxes = {cluster.key: cluster for cluster in drawing.clusters}
    out = ["flowchart LR"]
    # an index is not nested in its repository here: its box tells enough
    for number, key in enumerate(["", *sorted(boxes)]):
        if key:
            out.append(f'  subgraph b{number} ["{_entities(boxes[key].title)}"]')
        for node in drawing.nodes:
            if (node.cluster if node.cluster in boxes else "") == key:
                left, right = style.LOOKS[node.kind].mermaid
                words = " · ".join(state.word for state in node.states)
                text = "<br/>".join(
                    _entities(part) for part in (node.title, node.line, words) if part
                )
                out.append(f'    {names[node.id]}{left}"{text}"{right}')
        out += ["  end"] if key else []
    for edge in drawing.edges:
        line = "-.->" if edge.may_run or edge.grade < Grade.STRONG else "-->"
        label = f'|"{_entities(edge.words)}"|' if edge.words else ""
        out.append(f"  {names[edge.source]} {line}{label} {names[edge.target]}")
    for rank, (fill, rim) in style.CARDS.items():
        cards = [names[node.id] for node in drawing.nodes if node.rank == rank]
        if cards:
            name = "wrong" if rank == style.WRONG else "look"
            colours = f"fill:{fill.light},stroke:{rim.light},color:{style.THEME['ink'].light}"
            out.append(f"  classDef {name} {colours},stroke-width:2px")
            out.append(f"  class {','.join(cards)} {name}")
    return "\n".join([*out, ""])


def graphml(graph: ResourceGraph, options: PictureOptions) -> str:
    """GraphML (graphml.graphdrawing.org), for yEd, Gephi and others."""
    import networkx as nx  # noqa: PLC0415 -- its GraphML writer loads lxml or ElementTree

    return "\n".join([*nx.generate_graphml(_plain(graph, options)), ""])


def node_link(graph: ResourceGraph, options: PictureOptions) -> str:
    """Node-link JSON as NetworkX and D3 read it."""
    import networkx as nx  # noqa: PLC0415 -- as above

    return _json(nx.node_link_data(_plain(graph, options), edges="links"))


def cytoscape(graph: ResourceGraph, options: PictureOptions) -> str:
    """Cytoscape JSON (.cyjs)."""
    import networkx as nx  # noqa: PLC0415 -- as above

    return _json(nx.cytoscape_data(_plain(graph, options)))


def opencypher(graph: ResourceGraph, options: PictureOptions) -> bytes:
    """A zip of nodes.csv and edges.csv in the openCypher load format (Amazon Neptune user guide,
    "Load format for openCypher data")."""
    plain = _plain(graph, options)
    columns = ("title", "account", "region", "states")
    nodes = [[":ID", ":LABEL", *(f"{column}:String" for column in columns)]]
    nodes += [
        [resource, data["kind"], *(data[name] for name in columns)]
        for resource, data in plain.nodes(data=True)
    ]
    edges = [[":ID", ":START_ID", ":END_ID", ":TYPE", "grade:String", "rules:String"]]
    for source, target, data in plain.edges(data=True):
        for relation in data["relations"].split():
            kind = relation.upper().replace("-", "_")
            name = f"{source}|{kind}|{target}"
            edges.append([name, source, target, kind, data["grade"], data["rules"]])
    packed_bytes = io.BytesIO()
    with zipfile.ZipFile(packed_bytes, "w") as archive:
        for name, rows in (("nodes.csv", nodes), ("edges.csv", edges)):
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            packed = zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text.getvalue(), packed)
    return packed_bytes.getvalue()


def _plain(graph: ResourceGraph, options: PictureOptions) -> Any:
    """A NetworkX digraph with text attributes, of everything that the options select."""
    import networkx as nx  # noqa: PLC0415 -- as above

    drawing = view(graph, options)
    plain: nx.DiGraph[str] = nx.DiGraph()
    known = {node.id: node for node in drawing.nodes}
    boxes = {cluster.key for cluster in drawing.clusters}
    for resource in sorted(graph):
        if resource in known:
            node = known[resource]
            facts = {
                "kind": str(node.kind),
                "title": node.title,
                "name": node.name,
                "account": node.account,
                "region": node.region,
                "states": " ".join(state.word for state in node.states),
            }
            plain.add_node(clean(resource, 2000), **facts)
        elif resource in boxes:
            (account, region), name = place_of(resource), clean(name_of(resource))
            facts = {"kind": str(kind_of(resource)), "title": name, "name": name}
            facts |= {"account": account, "region": region, "states": ""}
            plain.add_node(clean(resource, 2000), **facts)
    for source, target, evidence in graphs.edges(graph):
        ends = clean(source, 2000), clean(target, 2000)
        if ends[0] in plain and ends[1] in plain:
            plain.add_edge(
                *ends,
                relations=" ".join(graphs.relations(graph, source, target)),
                grade=max(piece.grade for piece in evidence).name,
                rules=" ".join(sorted({piece.rule for piece in evidence})),
            )
    return plain


def _json(data: Any) -> str:
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _entities(text: str) -> str:
    """Mermaid's entity codes for characters that could end a label or be read as markup."""
    return "".join(
        character if character.isalnum() or character in " .,:-_/@·…%()" else f"#{ord(character)};"
        for character in text
    )
