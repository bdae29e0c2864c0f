"""Makes a drawing smaller and says what was folded. Wrong resources are folded last.

Each fold is a pure function; ``fold`` applies them one after another until the picture is within
its budget, or all except the last if the reader asked to collapse. Cards with different marks are
never folded into one, because the picture is about the overlay.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator

from msgspec.structs import replace

from jotgraph.records import Kind, ResourceId, repository_of
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.clusters import index_of
from jotgraph.render.picture.drawing.components import cards, groups
from jotgraph.render.picture.drawing.merge import first_of, merge, tidy, total
from jotgraph.render.picture.drawing.model import Drawing, Node
from jotgraph.render.picture.drawing.overflow import fold_beside, fold_better, fold_rest


def fold(drawing: Drawing, budget: int, collapse: bool = False) -> Drawing:
    """Fold until at most ``budget`` cards are left (0: no limit); cards that several parts share
    count as often as they are drawn."""
    for step in (versions, unused_images, twins, identical_chains):
        if collapse or _over(drawing, budget):
            drawing = step(drawing)
    if _over(drawing, budget):
        drawing = twins(repositories(drawing))
    if _over(drawing, budget):
        drawing = fold_rest(drawing, budget)
    return drawing


def fold_healthy(drawing: Drawing) -> Iterator[Drawing]:
    """Yield drawings with more and more healthy cards folded, and wrong ones unchanged. First
    similar ones, then parts with nothing worth a look, then parts with nothing wrong; at last
    everything not connected to what is wrong, and the commits and roles that are."""
    for step in (versions, unused_images, twins, identical_chains):
        drawing = step(drawing)
    yield drawing
    yield fold_better(drawing, style.LOOK)
    yield fold_better(drawing, style.WRONG)
    ends = (Kind.COMMIT, Kind.LOCAL_IMAGE, Kind.ROLE)
    for kinds in ((), ends[:2], ends):
        yield fold_beside(drawing, style.WRONG, kinds)


def _over(drawing: Drawing, budget: int) -> bool:
    return budget > 0 and (budget < len(drawing.nodes) or budget < cards(drawing))


def versions(drawing: Drawing) -> Drawing:
    """Fold versions and aliases into their function."""
    functions = {node.id: node.mark for node in drawing.nodes if node.kind is Kind.FUNCTION}
    into: dict[ResourceId, ResourceId] = {}
    for node in drawing.nodes:
        owner = ResourceId(node.cluster)
        if node.kind in (Kind.VERSION, Kind.ALIAS) and functions.get(owner) == node.mark:
            into[node.id] = owner

    def word(node: Node, members: list[Node]) -> Node:
        kinds = Counter(member.kind for member in members)
        parts = [
            f"{kinds[kind]} {style.counted(kind, kinds[kind])}"
            for kind in (Kind.VERSION, Kind.ALIAS)
            if kinds[kind]
        ]
        return replace(node, title=node.name[:80], line=" · ".join(parts), cluster="", count=1)

    owners = len(set(into.values()))
    sentence = f"{len(into):,} versions and aliases into {owners:,} "
    sentence += style.counted(Kind.FUNCTION, owners)
    return merge(drawing, into, word, sentence)


def unused_images(drawing: Drawing) -> Drawing:
    """Fold images of one repository without lines into one stack."""
    touched = {end for edge in drawing.edges for end in (edge.source, edge.target)}
    keys = {
        node.id: (node.cluster, node.rank == style.WRONG, node.mark)
        for node in drawing.nodes
        if node.kind is Kind.ECR_IMAGE and not index_of(node.cluster) and node.id not in touched
    }
    into = first_of(keys)

    def word(node: Node, members: list[Node]) -> Node:
        title = f"{node.count:,} images"
        return replace(node, title=title, line="nothing refers to them", counted=True)

    gone = len(into) + len(set(into.values()))
    return merge(drawing, into, word, f"{gone:,} images without a use into one stack each")


def repositories(drawing: Drawing) -> Drawing:
    """Fold all images of a repository into one stack."""
    keys = {
        node.id: (repository_of(node.id), node.missing, node.mark)
        for node in drawing.nodes
        if node.kind is Kind.ECR_IMAGE and node.cluster
    }
    into = first_of(keys)

    def word(node: Node, members: list[Node]) -> Node:
        return replace(
            node,
            title=f"{node.count:,} images",
            line="of this repository",
            cluster=repository_of(node.id),
            counted=True,
        )

    gone = len(into) + len(set(into.values()))
    return merge(drawing, into, word, f"{gone:,} images into a stack per repository")


def twins(drawing: Drawing) -> Drawing:
    """Fold resources of one kind and place with the same neighbours into one."""
    before = len(drawing.nodes)
    faces = {node.id: _face(node) for node in drawing.nodes}
    for _ in range(4):
        near: dict[ResourceId, set[tuple[bool, ResourceId]]] = defaultdict(set)
        for edge in drawing.edges:
            near[edge.source].add((True, edge.target))
            near[edge.target].add((False, edge.source))
        keys = {
            node.id: (faces[node.id], node.cluster, frozenset(near[node.id]))
            for node in drawing.nodes
            if node.id in near and node.kind is not Kind.ROLE
        }
        into = first_of(keys)
        if not into:
            break
        drawing = merge(drawing, into, _alike, "")
    gone = before - len(drawing.nodes)
    sentence = f"{gone:,} resources into others that stand exactly like them"
    return replace(drawing, folded=(*drawing.folded, sentence)) if gone else drawing


def identical_chains(drawing: Drawing) -> Drawing:
    """Fold parts of the same shape, kinds and states in one place into the first of them."""
    colours = _colours(drawing)
    nodes = {node.id: node for node in drawing.nodes}
    alike: dict[Hashable, list[list[ResourceId]]] = defaultdict(list)
    for members in groups(drawing):
        ordered = sorted(members, key=lambda resource: (colours[resource], resource))
        if all(nodes[resource].rank > style.WRONG for resource in members):
            alike[tuple(colours[resource] for resource in ordered)].append(ordered)
    stands_for: dict[ResourceId, list[ResourceId]] = {}
    chains = 0
    for same in alike.values():
        if len(same) > 1:
            chains += len(same)
            stands_for.update({resource: [] for resource in same[0]})
            for chain in same[1:]:
                for first, twin in zip(same[0], chain, strict=True):
                    stands_for[first].append(twin)
    gone = {resource for others in stands_for.values() for resource in others}
    shown = tuple(
        _alike(total(node, [nodes[twin] for twin in stands_for[node.id]]), [])
        if node.id in stands_for
        else node
        for node in drawing.nodes
        if node.id not in gone
    )
    edges = (edge for edge in drawing.edges if edge.source not in gone and edge.target not in gone)
    shapes = sum(len(same) > 1 for same in alike.values())
    sentences = (f"{chains:,} parts of the same shape into {shapes:,}",) if chains else ()
    return tidy(
        replace(drawing, nodes=shown, edges=tuple(edges), folded=(*drawing.folded, *sentences))
    )


def _alike(node: Node, members: list[Node]) -> Node:
    """The title of a stack of similar cards: that of the first."""
    if not node.title or node.counted:
        return node
    return replace(node, line=f"and {node.count - 1:,} alike")


def _face(node: Node) -> tuple[Hashable, ...]:
    """What two cards must share to be folded into one."""
    words = tuple(state.word for state in node.states)
    return node.kind, node.account, node.region, words, node.missing, node.mark


def _colours(drawing: Drawing) -> dict[ResourceId, int]:
    """Three rounds of Weisfeiler-Lehman: equal numbers mean equal surroundings."""
    near: dict[ResourceId, list[tuple[ResourceId, int]]] = defaultdict(list)
    kinds: dict[Hashable, int] = {}
    for edge in drawing.edges:
        label = kinds.setdefault((edge.relations, edge.grade, edge.wrong), len(kinds) + 1)
        near[edge.source].append((edge.target, label))
        near[edge.target].append((edge.source, -label))
    inside: dict[str, int] = Counter(node.cluster for node in drawing.nodes if node.cluster)
    shades: dict[ResourceId, Hashable] = {
        node.id: (*_face(node), inside[node.cluster] if node.kind is not Kind.COMMIT else 0)
        for node in drawing.nodes
    }
    flat = _numbered(shades)
    for _ in range(3):
        flat = _numbered(
            {
                resource: (
                    own,
                    tuple(sorted((flat[neighbour], label) for neighbour, label in near[resource])),
                )
                for resource, own in flat.items()
            }
        )
    return flat


def _numbered(shades: dict[ResourceId, Hashable]) -> dict[ResourceId, int]:
    """Give equal colours equal numbers, in the order of the drawing."""
    numbers: dict[Hashable, int] = {}
    return {resource: numbers.setdefault(shade, len(numbers)) for resource, shade in shades.items()}
