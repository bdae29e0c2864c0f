"""A drawing as a DOT file, for people to lay out and change by their own Graphviz; byte-stable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Drawing, Edge, Node
from jotgraph.render.picture.layout.geometry import Column, columns_of
from jotgraph.render.words import clean

_FONT = 'fontname="Helvetica,Arial,sans-serif"'


def write(drawing: Drawing) -> str:
    """DOT text in the light theme; nodes are called n0, n1… in the order of their ids."""
    names = {each.id: f"n{number}" for number, each in enumerate(drawing.nodes)}
    quiet, ground = style.THEME["quiet"].light, style.THEME["ground"].light
    lines = [
        "digraph jotgraph {",
        f'  graph [rankdir=LR, newrank=true, nodesep=0.25, ranksep=0.9, bgcolor="{ground}", '
        f'labelloc=t, labeljust=l, {_FONT}, fontcolor="{quiet}", '
        f"label={_label(_caption(drawing))}];",
        f'  node [{_FONT}, fontsize=11, style=filled, margin="0.16,0.08", '
        f'fillcolor="{style.THEME["card"].light}", fontcolor="{style.THEME["ink"].light}"];',
        f'  edge [{_FONT}, fontsize=9, arrowhead=none, color="{style.THEME["line"].light}"];',
        *_boxes(drawing, names),
        *_columns(drawing, names),
        *(f"  {_edge(each, names)}" for each in drawing.edges),
        "}",
        "",
    ]
    return "\n".join(lines)


def quote(text: str) -> str:
    """A DOT string that shows as this text: Graphviz's own escapes in it lose their meaning."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _label(lines: list[str]) -> str:
    """Lines set flush left."""
    return '"' + "".join(quote(each)[1:-1] + "\\l" for each in lines) + '"'


def _caption(drawing: Drawing) -> list[str]:
    folded = [f"folded: {' · '.join(drawing.folded)}"] if drawing.folded else []
    return [drawing.title, " · ".join(drawing.caption), *folded, ""]


def _boxes(drawing: Drawing, names: dict[ResourceId, str]) -> Iterator[str]:
    """Account, region and repository boxes around their nodes."""
    known = {each.key: each for each in drawing.clusters}
    tree: dict[str, dict[str, dict[str, list[Node]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for each in drawing.nodes:
        tree[each.account][each.region][each.cluster if each.cluster in known else ""].append(each)
    for account, regions in sorted(tree.items()):
        yield from _open("account", account, f"account {account}", 1) if account else ()
        for region, boxes in sorted(regions.items()):
            place = f"{account}/{region}"
            yield from _open("region", place, region, 2) if region else ()
            for key, nodes in sorted(boxes.items()):
                yield from _open("box", key, known[key].title, 3) if key else ()
                for each in nodes:
                    yield f"  {names[each.id]} [{_node(each)}];"
                yield from ("      }",) if key else ()
            yield from ("    }",) if region else ()
        yield from ("  }",) if account else ()


def _columns(drawing: Drawing, names: dict[ResourceId, str]) -> Iterator[str]:
    """One rank per column, held in order by an invisible spine."""
    same: dict[Column, list[str]] = defaultdict(list)
    columns = columns_of((drawing.nodes, drawing.edges))
    for each in drawing.nodes:
        same[columns[each.id]].append(names[each.id])
    spine = [f"c{number}" for number in range(len(same))]
    yield "  node [style=invis, shape=point, width=0];"
    yield f"  {' -> '.join(spine)} [style=invis];" if len(spine) > 1 else ""
    for name, column in zip(spine, sorted(same), strict=True):
        yield f"  {{ rank=same; {'; '.join([name, *same[column]])} }}"


def _open(kind: str, key: str, title: str, depth: int) -> Iterator[str]:
    room, theme = "  " * depth, style.THEME
    yield f"{room}subgraph {quote(clean(f'cluster_{kind}_{key}', 2000))} {{"
    yield (
        f'{room}  graph [label={quote(title)}, style="rounded,filled", '
        f'color="{theme["rim"].light}", fillcolor="{theme[kind].light}"];'
    )


def _node(node: Node) -> str:
    look = style.LOOKS[node.kind]
    words = [each.word for each in node.states]
    words += [style.MARKS[node.mark][0]] if node.mark in style.MARKS else []
    words += [f"×{node.count:,}"] if node.count > 1 else []
    text = [node.title, node.line, " · ".join(words)]
    wrong = node.rank == style.WRONG
    given = {
        "label": quote("\n".join(each for each in text if each)),
        "tooltip": quote(node.tooltip),
        "shape": look.graphviz,
        "color": quote(style.THEME["wrong"].light if wrong else look.accent.light),
    }
    if look.rounded:
        given["style"] = '"rounded,filled"'
    if node.missing:
        given["style"] = '"dashed,filled"'
    if node.href:
        given["URL"] = quote(node.href)
    if node.mark in style.MARKS:
        given |= {"color": quote(style.MARKS[node.mark][1].light), "penwidth": "2.5"}
    return ", ".join(f"{name}={value}" for name, value in given.items())


def _edge(edge: Edge, names: dict[ResourceId, str]) -> str:
    given = {
        "style": style.GRAPHVIZ_GRADES[edge.grade],
        "tooltip": quote(edge.tooltip),
    }
    if edge.label:
        given["label"] = quote(edge.label)
    if edge.wrong:
        given["color"] = quote(style.THEME["wrong"].light)
    told = ", ".join(f"{name}={value}" for name, value in given.items())
    return f"{names[edge.source]} -> {names[edge.target]} [{told}];"
