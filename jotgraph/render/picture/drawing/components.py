"""Splits a drawing into parts with a layout each: what a function runs, with all that leads to it.

A part grows around registry images and functions. Commits, local images and roles belong to the
part that uses them; those of several parts, and base images, are drawn as a ghost in each. So one
busy commit, base image or role does not tie a whole estate into one knot.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping

from msgspec.structs import replace

from jotgraph.links import Relation
from jotgraph.records import Kind, ResourceId
from jotgraph.render.picture.drawing.model import Drawing, Edge, Node

Part = tuple[tuple[Node, ...], tuple[Edge, ...]]

_BRIDGES = (Kind.LOCAL_IMAGE, Kind.COMMIT, Kind.ROLE, Kind.CONTAINER)
"""Kinds that do not connect parts, in the order in which they are assigned to parts."""
BASE = (Relation.BASED_ON,)

Homes = Mapping[ResourceId, frozenset[Hashable]]


def split(drawing: Drawing) -> list[Part]:
    """Return the parts in the order of their first node; single cards of one place form one part,
    at the end. What is drawn in several parts is a ghost in each."""
    homes = _homes(drawing)
    members, lines = _shown(drawing, homes)
    numbers: dict[Hashable, int] = {}
    for node in drawing.nodes:
        for home in sorted(homes[node.id], key=repr):
            numbers.setdefault(home, len(numbers))
    times = Counter(resource for ids in members.values() for resource in ids)
    nodes = {node.id: node for node in drawing.nodes}

    def part(home: Hashable) -> Part:
        called = {resource: _called(resource, times, numbers[home]) for resource in members[home]}
        cards = tuple(
            _drawn(nodes[resource], called[resource], times[resource]) for resource in members[home]
        )
        drawn = []
        for edge in lines[home]:
            ends = called[edge.source], called[edge.target]
            moved = ends != (edge.source, edge.target)
            drawn.append(replace(edge, source=ends[0], target=ends[1]) if moved else edge)
        return cards, tuple(drawn)

    return _gather(part(home) for home in sorted(members, key=lambda home: numbers[home]))


def _called(resource: ResourceId, times: Mapping[ResourceId, int], part: int) -> ResourceId:
    return ResourceId(f"{resource}~{part}") if times[resource] > 1 else resource


def _drawn(node: Node, called: ResourceId, times: int) -> Node:
    if times == 1:
        return node
    tooltip = f"{node.tooltip}\nshared: drawn in {times:,} parts"
    return replace(node, id=called, ghost=True, tooltip=tooltip)


def cards(drawing: Drawing) -> int:
    """Return the number of cards drawn; what several parts share is drawn in each."""
    return sum(map(len, parts_of(drawing)))


def groups(drawing: Drawing) -> list[list[ResourceId]]:
    """Return the ids of each part, without what several parts share."""
    members: dict[Hashable, list[ResourceId]] = defaultdict(list)
    for resource, homes in _homes(drawing).items():
        if len(homes) == 1:
            members[next(iter(homes))].append(resource)
    return list(members.values())


def parts_of(drawing: Drawing) -> list[list[ResourceId]]:
    """Return the ids drawn in each part, including what several parts share."""
    members, _ = _shown(drawing, _homes(drawing))
    return [list(part) for part in members.values()]


def _shown(
    drawing: Drawing, homes: Homes
) -> tuple[dict[Hashable, dict[ResourceId, None]], dict[Hashable, list[Edge]]]:
    """The cards (an ordered set) and the lines of each part."""
    members: dict[Hashable, dict[ResourceId, None]] = defaultdict(dict)
    lines: dict[Hashable, list[Edge]] = defaultdict(list)
    for resource, parts in homes.items():
        if len(parts) == 1:
            members[next(iter(parts))][resource] = None
    for edge in drawing.edges:
        for home in homes[edge.source] & homes[edge.target] or homes[edge.target]:
            members[home][edge.source] = members[home][edge.target] = None
            lines[home].append(edge)
    return members, lines


def _homes(drawing: Drawing) -> Homes:
    """The parts of every node, in the order of the drawing."""
    kinds = {node.id: node.kind for node in drawing.nodes}
    unions = _Unions()
    for node in drawing.nodes:
        if node.kind not in _BRIDGES:
            unions.join(node.id, ("box", node.cluster) if node.cluster else node.id)
    for box in drawing.clusters:
        if box.parent:
            unions.join(("box", box.key), ("box", box.parent))
    users: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    near: dict[ResourceId, list[tuple[ResourceId, bool]]] = defaultdict(list)
    for edge in drawing.edges:
        base = edge.relations == BASE
        if base and kinds[edge.source] is kinds[edge.target]:
            users[edge.source].append(edge.target)
        near[edge.source].append((edge.target, base))
        near[edge.target].append((edge.source, base))
        bridged = kinds[edge.source] in _BRIDGES or kinds[edge.target] in _BRIDGES
        if not base and not bridged:
            unions.join(edge.source, edge.target)
    homes: dict[ResourceId, frozenset[Hashable]] = {
        resource: frozenset({unions.root(resource)})
        for resource in kinds
        if kinds[resource] not in _BRIDGES
    }
    for kind in _BRIDGES:
        for bridge in (resource for resource in kinds if kinds[resource] is kind):
            _settle(bridge, users, near, homes)
    return {resource: homes[resource] for resource in kinds}


def _settle(
    bridge: ResourceId,
    users: Mapping[ResourceId, list[ResourceId]],
    near: Mapping[ResourceId, list[tuple[ResourceId, bool]]],
    homes: dict[ResourceId, frozenset[Hashable]],
) -> None:
    """The parts of a bridge, computed after those of bridges of its kind that depend on it: a base
    image is drawn where they are."""
    waiting = [bridge]
    seen = set()
    while waiting:
        current = waiting[-1]
        later = [user for user in users.get(current, ()) if user not in homes and user not in seen]
        seen.add(current)
        if later:
            waiting += later
        elif current not in homes:
            homes[waiting.pop()] = _home(current, near[current], homes)
        else:
            waiting.pop()


def _home(
    bridge: ResourceId, near: Iterable[tuple[ResourceId, bool]], homes: Homes
) -> frozenset[Hashable]:
    """The parts of a bridge: those it leads to, or one of its own. A base image of several parts
    has one of its own only for what else touches it."""
    own: set[Hashable] = set()
    based: set[Hashable] = set()
    alone = True
    for neighbour, base in near:
        (based if base else own).update(homes.get(neighbour, ()))
        alone = alone and base
    if own or not based:
        return frozenset(own or {bridge})
    return frozenset(based) if alone or len(based) == 1 else frozenset({bridge})


def _gather(parts: Iterable[Part]) -> list[Part]:
    """Join parts of one single card into one part for each place."""
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

    def root(self, member: Hashable) -> Hashable:
        path = []
        while (parent := self._parent.setdefault(member, member)) != member:
            path.append(member)
            member = parent
        for step in path:
            self._parent[step] = member
        return member

    def join(self, first: Hashable, second: Hashable) -> None:
        self._parent[self.root(first)] = self.root(second)
