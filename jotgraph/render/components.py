"""Drawing -> the parts that no line connects, with very shared resources drawn once in each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

import msgspec

from jotgraph.records import Kind, ResourceId
from jotgraph.render.drawing import Drawing, Edge, Node

SHARED = 6
"""A role with more lines than this is drawn as a ghost in each part that uses it."""

Part = tuple[tuple[Node, ...], tuple[Edge, ...]]


def split(drawing: Drawing, shared: int = SHARED) -> list[Part]:
    """Parts in the order of their first node; loose cards of one place are one part, at the end."""
    hubs = _hubs(drawing, shared)
    near, unions = _united(drawing, hubs)
    members: dict[Hashable, list[Node]] = defaultdict(list)
    for each in near.values():
        members[unions.root(each.id)].append(each)
    lines: dict[Hashable, list[Edge]] = defaultdict(list)
    for edge in drawing.edges:
        end = edge.source if edge.source in near else edge.target
        if end in near:
            lines[unions.root(end)].append(edge)
    parts = [
        _with_ghosts(tuple(members[root]), lines[root], hubs, number)
        for number, root in enumerate(members)
    ]
    drawn = {each.id.partition("~")[0] for nodes, _ in parts for each in nodes}
    alone = [each for each in hubs.values() if each.id not in drawn]
    return _gather([*parts, *(((each,), ()) for each in alone)])


def groups(drawing: Drawing, shared: int = SHARED) -> list[list[ResourceId]]:
    """The ids of each part; very shared resources are in none."""
    near, unions = _united(drawing, _hubs(drawing, shared))
    found: dict[Hashable, list[ResourceId]] = defaultdict(list)
    for each in near:
        found[unions.root(each)].append(each)
    return list(found.values())


def _united(
    drawing: Drawing, hubs: dict[ResourceId, Node]
) -> tuple[dict[ResourceId, Node], _Unions]:
    """Nodes that are no hub, united by lines and by boxes; a git repository is no bond."""
    near = {each.id: each for each in drawing.nodes if each.id not in hubs}
    unions = _Unions()
    for each in near.values():
        bound = each.cluster and each.kind is not Kind.COMMIT
        unions.join(each.id, ("box", each.cluster) if bound else each.id)
    for box in drawing.clusters:
        if box.parent:
            unions.join(("box", box.key), ("box", box.parent))
    for edge in drawing.edges:
        if edge.source in near and edge.target in near:
            unions.join(edge.source, edge.target)
    return near, unions


def _hubs(drawing: Drawing, shared: int) -> dict[ResourceId, Node]:
    degrees = Counter(end for each in drawing.edges for end in (each.source, each.target))
    return {
        each.id: each
        for each in drawing.nodes
        if each.kind is Kind.ROLE and degrees[each.id] > shared
    }


def _with_ghosts(
    nodes: tuple[Node, ...], lines: list[Edge], hubs: dict[ResourceId, Node], number: int
) -> Part:
    ghosts: dict[ResourceId, Node] = {}
    found = []
    for edge in lines:
        ends = {}
        for end, name in ((edge.source, "source"), (edge.target, "target")):
            if end in hubs:
                ghost = ResourceId(f"{end}~{number}")
                ghosts[ghost] = msgspec.structs.replace(hubs[end], id=ghost, ghost=True)
                ends[name] = ghost
        found.append(msgspec.structs.replace(edge, **ends) if ends else edge)
    return (*nodes, *ghosts.values()), tuple(found)


def _gather(parts: Iterable[Part]) -> list[Part]:
    """Parts that are one loose card each become one part per place."""
    whole: list[Part] = []
    loose: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for nodes, edges in parts:
        if edges or len(nodes) > 1 or (nodes[0].cluster and nodes[0].kind is not Kind.COMMIT):
            whole.append((nodes, edges))
        else:
            loose[nodes[0].account, nodes[0].region].append(nodes[0])
    return whole + [(tuple(nodes), ()) for _, nodes in sorted(loose.items())]


class _Unions:
    """Union-find over whatever hashes."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}

    def root(self, each: Hashable) -> Hashable:
        path = []
        while (parent := self._parent.setdefault(each, each)) != each:
            path.append(each)
            each = parent
        for step in path:
            self._parent[step] = each
        return each

    def join(self, one: Hashable, other: Hashable) -> None:
        self._parent[self.root(one)] = self.root(other)
