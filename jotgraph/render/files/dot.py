"""A drawing as a DOT file, which people can change and lay out with their own Graphviz;
byte-stable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Drawing, Edge, Node
from jotgraph.render.picture.layout.geometry import Column, columns_of
from jotgraph.render.words import clean

if TYPE_CHECKING:
    from graphviz import Digraph

_FONT = "Helvetica,Arial,sans-serif"


def write(drawing: Drawing) -> str:
    """Return DOT text in the light theme; nodes are called n0, n1… in the order of their ids."""
    from graphviz import Digraph  # noqa: PLC0415 -- 50 ms that only a DOT file needs

    names = {node.id: f"n{number}" for number, node in enumerate(drawing.nodes)}
    dot = Digraph("jotgraph")
    dot.attr("graph", **_graph(drawing))
    dot.attr(
        "node",
        fontname=_FONT,
        fontsize="11",
        style="filled",
        margin="0.16,0.08",
        fillcolor=style.THEME["card"].light,
        fontcolor=style.THEME["ink"].light,
    )
    dot.attr(
        "edge",
        fontname=_FONT,
        fontsize="9",
        arrowhead="none",
        color=style.THEME["line"].light,
    )
    _add_boxes(dot, drawing, names)
    _add_columns(dot, drawing, names)
    for edge in drawing.edges:
        dot.edge(names[edge.source], names[edge.target], **_edge(edge))
    return str(dot.source)


def literal(text: str) -> str:
    """Return a text that Graphviz shows literally, without escapes and HTML-like labels."""
    from graphviz import escape, nohtml  # noqa: PLC0415 -- as above

    shown: str = nohtml(escape(text).replace("\n", "\\n"))
    return shown


def _graph(drawing: Drawing) -> dict[str, str]:
    folded = [f"folded: {' · '.join(drawing.folded)}"] if drawing.folded else []
    lines = [drawing.title, " · ".join(drawing.caption), *folded, ""]
    return {
        "rankdir": "LR",
        "newrank": "true",
        "nodesep": "0.25",
        "ranksep": "0.9",
        "bgcolor": style.THEME["ground"].light,
        "labelloc": "t",
        "labeljust": "l",
        "fontname": _FONT,
        "fontcolor": style.THEME["quiet"].light,
        # \l ends a line that is set flush left
        "label": "".join(f"{literal(line)}\\l" for line in lines),
    }


def _add_boxes(dot: Digraph, drawing: Drawing, names: Mapping[ResourceId, str]) -> None:
    """Account, region and repository boxes around their nodes."""
    known = {cluster.key: cluster.title for cluster in drawing.clusters}
    tree: dict[str, dict[str, dict[str, list[Node]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for node in drawing.nodes:
        cluster = node.cluster if node.cluster in known else ""
        tree[node.account][node.region][cluster].append(node)
    for account, regions in sorted(tree.items()):
        with _box(dot, "account", account, f"account {account}") as in_account:
            for region, clusters in sorted(regions.items()):
                key = f"{account}/{region}" if region else ""
                with _box(in_account, "region", key, region) as in_region:
                    for cluster, nodes in sorted(clusters.items()):
                        with _box(in_region, "box", cluster, known.get(cluster, "")) as box:
                            for node in nodes:
                                box.node(names[node.id], **_node(node))


@contextmanager
def _box(dot: Digraph, kind: str, key: str, title: str) -> Iterator[Digraph]:
    """A box in a graph; the graph itself without a key."""
    if not key:
        yield dot
        return
    with dot.subgraph(name=literal(clean(f"cluster_{kind}_{key}", 2000))) as box:
        box.attr(
            label=literal(title),
            style="rounded,filled",
            color=style.THEME["rim"].light,
            fillcolor=style.THEME[kind].light,
        )
        yield box


def _add_columns(dot: Digraph, drawing: Drawing, names: Mapping[ResourceId, str]) -> None:
    """One rank for each column, held in order by an invisible spine."""
    same: dict[Column, list[str]] = defaultdict(list)
    columns = columns_of((drawing.nodes, drawing.edges))
    for node in drawing.nodes:
        same[columns[node.id]].append(names[node.id])
    spine = [f"c{number}" for number in range(len(same))]
    dot.attr("node", style="invis", shape="point", width="0")
    for before, after in pairwise(spine):
        dot.edge(before, after, style="invis")
    for name, column in zip(spine, sorted(same), strict=True):
        members = "; ".join((name, *same[column]))
        dot.body.append(f"\t{{ rank=same; {members} }}\n")


def _node(node: Node) -> dict[str, str]:
    look = style.LOOKS[node.kind]
    words = [state.word for state in node.states]
    words += [style.MARKS[node.mark][0]] if node.mark in style.MARKS else []
    words += [f"×{node.count:,}"] if node.count > 1 else []
    lines = [node.title, node.line, " · ".join(words)]
    attributes = {
        "label": literal("\n".join(filter(None, lines))),
        "tooltip": literal(node.tooltip),
        "shape": look.graphviz,
        "color": style.THEME["edge"].light,
    }
    if node.rank in style.CARDS:
        fill, edge = style.CARDS[node.rank]
        attributes |= {"color": edge.light, "fillcolor": fill.light, "penwidth": "2.4"}
    if look.rounded:
        attributes["style"] = "rounded,filled"
    if node.missing:
        attributes["style"] = "dashed,filled"
    if node.href:
        attributes["URL"] = literal(node.href)
    if node.mark in style.MARKS:
        attributes |= {"color": style.MARKS[node.mark][1].light, "penwidth": "2.5"}
    return attributes


def _edge(edge: Edge) -> dict[str, str]:
    line = "dotted" if edge.may_run else style.GRAPHVIZ_GRADES[edge.grade]
    attributes = {"style": line, "tooltip": literal(edge.tooltip)}
    if edge.words:
        attributes["label"] = literal(edge.words)
    if edge.wrong:
        attributes["color"] = style.THEME["wrong"].light
    return attributes
