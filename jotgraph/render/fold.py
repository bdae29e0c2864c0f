"""Drawing -> a smaller drawing that says what it folded. Wrong things are folded last.

Each fold is a pure function; ``fold`` applies them one after another until the picture is within
its budget, or all but the last when the reader asked to collapse.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping

from msgspec.structs import replace

from jotgraph.records import Kind, ResourceId
from jotgraph.render import style
from jotgraph.render.components import groups
from jotgraph.render.drawing import Drawing, Edge, Node, State

_NAMED = 12
"""Names of folded resources that a tooltip holds."""


def fold(drawing: Drawing, budget: int, collapse: bool = False) -> Drawing:
    """Fold until at most ``budget`` cards are left (0: no limit)."""
    steps = (versions, unused_images, twins, identical_chains)
    for step in steps:
        if collapse or 0 < budget < len(drawing.nodes):
            drawing = step(drawing)
    if 0 < budget < len(drawing.nodes):
        drawing = twins(repositories(drawing))
    if 0 < budget < len(drawing.nodes):
        drawing = rest(drawing, budget)
    return drawing


def versions(drawing: Drawing) -> Drawing:
    """Versions and aliases into their function."""
    functions = {each.id for each in drawing.nodes if each.kind is Kind.FUNCTION}
    into: dict[ResourceId, ResourceId] = {}
    for each in drawing.nodes:
        owner = ResourceId(each.cluster)
        if each.kind in (Kind.VERSION, Kind.ALIAS) and owner in functions:
            into[each.id] = owner

    def word(node: Node, members: list[Node]) -> Node:
        kinds = Counter(each.kind for each in members)
        parts = [
            f"{kinds[kind]} {style.counted(kind, kinds[kind])}"
            for kind in (Kind.VERSION, Kind.ALIAS)
            if kinds[kind]
        ]
        return replace(node, title=node.name[:80], line=" · ".join(parts), cluster="", count=1)

    owners = len(set(into.values()))
    said = f"{len(into):,} versions and aliases into {owners:,} "
    said += style.counted(Kind.FUNCTION, owners)
    return _merge(drawing, into, word, said)


def unused_images(drawing: Drawing) -> Drawing:
    """Images of one repository that no line touches into one stack."""
    touched = {end for each in drawing.edges for end in (each.source, each.target)}
    keys = {
        each.id: (each.cluster, each.rank == style.WRONG)
        for each in drawing.nodes
        if each.cluster.startswith("ecr-repo:") and each.id not in touched
    }
    into = _first_of(keys)

    def word(node: Node, members: list[Node]) -> Node:
        count = node.count + sum(each.count for each in members)
        return replace(node, title=f"{count:,} images", line="nothing refers to them")

    gone = len(into) + len(set(into.values()))
    return _merge(drawing, into, word, f"{gone:,} images without a use into one stack each")


def repositories(drawing: Drawing) -> Drawing:
    """All images of a repository into one stack."""
    keys = {
        each.id: (_repository(each), each.missing)
        for each in drawing.nodes
        if each.kind is Kind.ECR_IMAGE and each.cluster
    }
    into = _first_of(keys)

    def word(node: Node, members: list[Node]) -> Node:
        count = node.count + sum(each.count for each in members)
        box = _repository(node)
        return replace(node, title=f"{count:,} images", line="of this repository", cluster=box)

    gone = len(into) + len(set(into.values()))
    return _merge(drawing, into, word, f"{gone:,} images into a stack per repository")


def twins(drawing: Drawing) -> Drawing:
    """Resources of one kind and place that touch exactly the same others into one."""
    before = len(drawing.nodes)
    for _ in range(4):
        near: dict[ResourceId, set[tuple[bool, ResourceId]]] = defaultdict(set)
        for edge in drawing.edges:
            near[edge.source].add((True, edge.target))
            near[edge.target].add((False, edge.source))
        keys = {
            each.id: (_face(each), each.cluster, frozenset(near[each.id]))
            for each in drawing.nodes
            if each.id in near and each.kind is not Kind.ROLE
        }
        into = _first_of(keys)
        if not into:
            break
        drawing = _merge(drawing, into, _alike, "")
    gone = before - len(drawing.nodes)
    said = f"{gone:,} resources into others that stand exactly like them"
    return replace(drawing, folded=(*drawing.folded, said)) if gone else drawing


def identical_chains(drawing: Drawing) -> Drawing:
    """Parts of the same shape, kinds and states in one place into the first of them."""
    colours = _colours(drawing)
    nodes = {each.id: each for each in drawing.nodes}
    alike: dict[Hashable, list[list[ResourceId]]] = defaultdict(list)
    for members in groups(drawing):
        ordered = sorted(members, key=lambda each: (colours[each], each))
        if all(nodes[each].rank > style.WRONG for each in members):
            alike[tuple(colours[each] for each in ordered)].append(ordered)
    stands_for: dict[ResourceId, list[ResourceId]] = {}
    chains = 0
    for same in alike.values():
        if len(same) > 1:
            chains += len(same)
            stands_for.update({each: [] for each in same[0]})
            for other in same[1:]:
                for first, each in zip(same[0], other, strict=True):
                    stands_for[first].append(each)
    gone = {each for others in stands_for.values() for each in others}
    shown = tuple(
        _sum(each, [nodes[one] for one in stands_for[each.id]]) if each.id in stands_for else each
        for each in drawing.nodes
        if each.id not in gone
    )
    edges = (each for each in drawing.edges if each.source not in gone and each.target not in gone)
    kept = sum(len(each) > 1 for each in alike.values())
    said = (f"{chains:,} parts of the same shape into {kept:,}",) if chains else ()
    return _tidy(replace(drawing, nodes=shown, edges=tuple(edges), folded=(*drawing.folded, *said)))


def rest(drawing: Drawing, budget: int) -> Drawing:
    """Keep whole parts, the worst first, while there is room; all others become one card per
    place, kind and rank of state."""
    nodes = {each.id: each for each in drawing.nodes}
    parts = sorted(
        groups(drawing),
        key=lambda part: (min(nodes[each].rank for each in part), len(part), min(part)),
    )
    places = {(each.account, each.region, each.kind, min(each.rank, 3)) for each in drawing.nodes}
    room = budget - min(len(places), budget * 2 // 3)
    kept: set[ResourceId] = set()
    for part in parts:
        if len(kept) + len(part) <= room and min(nodes[each].rank for each in part) < 2:
            kept.update(part)
    keys: dict[ResourceId, Hashable] = {}
    fine = len(places) <= budget * 2 // 3
    for each in drawing.nodes:
        if each.id not in kept:
            here = (each.account, each.region) if fine else ("", "")
            keys[each.id] = (*here, each.kind, min(each.rank, 3))
    into = _first_of(keys)
    heads = set(into.values())

    def word(node: Node, members: list[Node]) -> Node:
        count = node.count + sum(each.count for each in members)
        return replace(
            node,
            title=f"{count:,} {style.KINDS[node.kind].plural}",
            line=", ".join(each.word for each in node.states[:2]) or "nothing wrong with them",
            cluster="",
            href="",
        )

    loose = replace(
        drawing,
        nodes=tuple(
            replace(each, cluster="") if each.id in keys else each for each in drawing.nodes
        ),
    )
    said = f"{len(into) + len(heads):,} resources into one card per kind and place"
    return _merge(loose, into, word, said)


def _repository(image: Node) -> str:
    return f"ecr-repo:{image.id.partition(':')[2].partition('@')[0]}"


def _face(node: Node) -> tuple[Hashable, ...]:
    """What two cards must share to be drawn as one."""
    words = tuple(each.word for each in node.states)
    return node.kind, node.account, node.region, words, node.missing, node.mark


def _colours(drawing: Drawing) -> dict[ResourceId, int]:
    """Three rounds of Weisfeiler-Lehman: equal numbers mean equal surroundings."""
    near: dict[ResourceId, list[tuple[ResourceId, str]]] = defaultdict(list)
    for edge in drawing.edges:
        told = f"{edge.relations}{int(edge.grade)}{edge.wrong}"
        near[edge.source].append((edge.target, f">{told}"))
        near[edge.target].append((edge.source, f"<{told}"))
    inside: dict[str, int] = Counter(each.cluster for each in drawing.nodes if each.cluster)
    shades: dict[ResourceId, Hashable] = {
        each.id: (*_face(each), inside[each.cluster] if each.kind is not Kind.COMMIT else 0)
        for each in drawing.nodes
    }
    for _ in range(3):
        numbers = {shade: at for at, shade in enumerate(sorted(set(shades.values()), key=repr))}
        flat = {each: numbers[shade] for each, shade in shades.items()}
        shades = {
            each: (flat[each], tuple(sorted((flat[one], told) for one, told in near[each])))
            for each in flat
        }
    numbers = {shade: at for at, shade in enumerate(sorted(set(shades.values()), key=repr))}
    return {each: numbers[shade] for each, shade in shades.items()}


def _first_of(keys: Mapping[ResourceId, Hashable]) -> dict[ResourceId, ResourceId]:
    """All but the first with a key -> the first."""
    first: dict[Hashable, ResourceId] = {}
    into = {}
    for each in sorted(keys):
        head = first.setdefault(keys[each], each)
        if head != each:
            into[each] = head
    return into


def _alike(node: Node, members: list[Node]) -> Node:
    return node


def _merge(
    drawing: Drawing,
    into: Mapping[ResourceId, ResourceId],
    word: Callable[[Node, list[Node]], Node],
    said: str,
) -> Drawing:
    """Draw nodes as others; lines that become one are counted."""
    if not into:
        return drawing
    members: dict[ResourceId, list[Node]] = defaultdict(list)
    for each in drawing.nodes:
        if each.id in into:
            members[into[each.id]].append(each)
    nodes = tuple(
        word(_sum(each, members[each.id]), members[each.id]) if each.id in members else each
        for each in drawing.nodes
        if each.id not in into
    )
    edges: dict[tuple[ResourceId, ResourceId], Edge] = {}
    for edge in drawing.edges:
        ends = into.get(edge.source, edge.source), into.get(edge.target, edge.target)
        if ends[0] != ends[1]:
            edges[ends] = _join(edges.get(ends), replace(edge, source=ends[0], target=ends[1]))
    folded = (*drawing.folded, said) if said else drawing.folded
    ordered = tuple(edges[each] for each in sorted(edges))
    return _tidy(replace(drawing, nodes=nodes, edges=ordered, folded=folded))


def _sum(node: Node, members: Iterable[Node]) -> Node:
    """A card that stands for others too: their count, states and first names."""
    others = list(members)
    states: set[State] = set(node.states)
    for each in others:
        states.update(each.states)
    names = [each.name or each.title for each in others[:_NAMED]]
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    return replace(
        node,
        count=node.count + sum(each.count for each in others),
        states=tuple(sorted(states)),
        tooltip=f"{node.tooltip}\nalso: {', '.join(names)}{more}",
    )


def _join(old: Edge | None, new: Edge) -> Edge:
    if old is None:
        return replace(new, label="")
    return replace(
        old,
        relations=tuple(sorted({*old.relations, *new.relations})),
        grade=min(old.grade, new.grade),
        wrong=old.wrong or new.wrong,
        label="",
    )


def _tidy(drawing: Drawing) -> Drawing:
    used = {each.cluster for each in drawing.nodes}
    used |= {each.parent for each in drawing.clusters if each.key in used}
    clusters = tuple(each for each in drawing.clusters if each.key in used)
    return replace(drawing, clusters=clusters)
