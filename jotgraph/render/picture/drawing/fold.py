"""Drawing -> a smaller drawing that says what it folded. Wrong things are folded last.

Each fold is a pure function; ``fold`` applies them one after another until the picture is within
its budget, or all but the last when the reader asked to collapse. Cards of different marks are
never folded into one, for an overlay is what the picture is about.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable

from msgspec.structs import replace

from jotgraph.records import Kind, ResourceId, repository_of
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.components import cards, groups
from jotgraph.render.picture.drawing.merge import first_of, merge, tidy, total
from jotgraph.render.picture.drawing.model import Drawing, Node
from jotgraph.render.picture.drawing.overflow import rest


def fold(drawing: Drawing, budget: int, collapse: bool = False) -> Drawing:
    """Fold until at most ``budget`` cards are left (0: no limit), those drawn again in several
    parts counted as often as they are drawn."""
    for step in (versions, unused_images, twins, identical_chains):
        if collapse or _over(drawing, budget):
            drawing = step(drawing)
    if _over(drawing, budget):
        drawing = twins(repositories(drawing))
    if _over(drawing, budget):
        drawing = rest(drawing, budget)
    return drawing


def _over(drawing: Drawing, budget: int) -> bool:
    return budget > 0 and (budget < len(drawing.nodes) or budget < cards(drawing))


def versions(drawing: Drawing) -> Drawing:
    """Versions and aliases into their function."""
    functions = {each.id: each.mark for each in drawing.nodes if each.kind is Kind.FUNCTION}
    into: dict[ResourceId, ResourceId] = {}
    for each in drawing.nodes:
        owner = ResourceId(each.cluster)
        if each.kind in (Kind.VERSION, Kind.ALIAS) and functions.get(owner) == each.mark:
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
    return merge(drawing, into, word, said)


def unused_images(drawing: Drawing) -> Drawing:
    """Images of one repository that no line touches into one stack."""
    touched = {end for each in drawing.edges for end in (each.source, each.target)}
    keys = {
        each.id: (each.cluster, each.rank == style.WRONG, each.mark)
        for each in drawing.nodes
        if each.cluster.startswith("ecr-repo:") and each.id not in touched
    }
    into = first_of(keys)

    def word(node: Node, members: list[Node]) -> Node:
        return replace(node, title=f"{node.count:,} images", line="nothing refers to them")

    gone = len(into) + len(set(into.values()))
    return merge(drawing, into, word, f"{gone:,} images without a use into one stack each")


def repositories(drawing: Drawing) -> Drawing:
    """All images of a repository into one stack."""
    keys = {
        each.id: (repository_of(each.id), each.missing, each.mark)
        for each in drawing.nodes
        if each.kind is Kind.ECR_IMAGE and each.cluster
    }
    into = first_of(keys)

    def word(node: Node, members: list[Node]) -> Node:
        title = f"{node.count:,} images"
        return replace(node, title=title, line="of this repository", cluster=repository_of(node.id))

    gone = len(into) + len(set(into.values()))
    return merge(drawing, into, word, f"{gone:,} images into a stack per repository")


def twins(drawing: Drawing) -> Drawing:
    """Resources of one kind and place that touch exactly the same others into one."""
    before = len(drawing.nodes)
    faces = {each.id: _face(each) for each in drawing.nodes}
    for _ in range(4):
        near: dict[ResourceId, set[tuple[bool, ResourceId]]] = defaultdict(set)
        for edge in drawing.edges:
            near[edge.source].add((True, edge.target))
            near[edge.target].add((False, edge.source))
        keys = {
            each.id: (faces[each.id], each.cluster, frozenset(near[each.id]))
            for each in drawing.nodes
            if each.id in near and each.kind is not Kind.ROLE
        }
        into = first_of(keys)
        if not into:
            break
        drawing = merge(drawing, into, _alike, "")
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
        _alike(total(each, [nodes[one] for one in stands_for[each.id]]), [])
        if each.id in stands_for
        else each
        for each in drawing.nodes
        if each.id not in gone
    )
    edges = (each for each in drawing.edges if each.source not in gone and each.target not in gone)
    kept = sum(len(each) > 1 for each in alike.values())
    said = (f"{chains:,} parts of the same shape into {kept:,}",) if chains else ()
    return tidy(replace(drawing, nodes=shown, edges=tuple(edges), folded=(*drawing.folded, *said)))


def _alike(node: Node, members: list[Node]) -> Node:
    """A stack of cards that stand alike is called by its first."""
    if not node.title or node.title.endswith(" images"):
        return node
    return replace(node, line=f"and {node.count - 1:,} alike")


def _face(node: Node) -> tuple[Hashable, ...]:
    """What two cards must share to be drawn as one."""
    words = tuple(each.word for each in node.states)
    return node.kind, node.account, node.region, words, node.missing, node.mark


def _colours(drawing: Drawing) -> dict[ResourceId, int]:
    """Three rounds of Weisfeiler-Lehman: equal numbers mean equal surroundings."""
    near: dict[ResourceId, list[tuple[ResourceId, int]]] = defaultdict(list)
    kinds: dict[Hashable, int] = {}
    for edge in drawing.edges:
        told = kinds.setdefault((edge.relations, edge.grade, edge.wrong), len(kinds) + 1)
        near[edge.source].append((edge.target, told))
        near[edge.target].append((edge.source, -told))
    inside: dict[str, int] = Counter(each.cluster for each in drawing.nodes if each.cluster)
    shades: dict[ResourceId, Hashable] = {
        each.id: (*_face(each), inside[each.cluster] if each.kind is not Kind.COMMIT else 0)
        for each in drawing.nodes
    }
    flat = _numbered(shades)
    for _ in range(3):
        flat = _numbered(
            {
                each: (own, tuple(sorted((flat[one], told) for one, told in near[each])))
                for each, own in flat.items()
            }
        )
    return flat


def _numbered(shades: dict[ResourceId, Hashable]) -> dict[ResourceId, int]:
    """Equal shades -> the same number, in the order of the drawing."""
    numbers: dict[Hashable, int] = {}
    return {each: numbers.setdefault(shade, len(numbers)) for each, shade in shades.items()}
