"""Filters for a graph or drawing, and the sentence that describes them. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from jotgraph import graph as graphs
from jotgraph.analysis.health.model import Code, Finding, Severity
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.records import KINDS, Kind, ResourceId, kind_of
from jotgraph.render.picture.drawing.merge import tidy
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.states import meant


def lineage(
    graph: ResourceGraph, focus: Iterable[ResourceId], depth: int | None = None
) -> frozenset[ResourceId]:
    """Return everything within ``depth`` steps that leads to the focus, and what those in turn
    depend on.

    Dependents are followed up, and from each of them dependencies down, so that the chain of an
    image includes the role of the function that runs it, but not other users of that role.
    """
    start = set(focus)
    for resource in tuple(start):
        start.update(graphs.dependents(graph, resource, Relation.PART_OF))
    seen = {(resource, True) for resource in start}
    queue = deque((resource, True, 0) for resource in sorted(start))
    while queue:
        current, rising, far = queue.popleft()
        if depth is not None and far >= depth:
            continue
        steps = [(dependency, False) for dependency in graphs.dependencies(graph, current)]
        if rising:
            steps += [(dependent, True) for dependent in graphs.dependents(graph, current)]
        for step in steps:
            if step not in seen:
                seen.add(step)
                queue.append((*step, far + 1))
    return frozenset(resource for resource, _ in seen)


def chosen(
    graph: ResourceGraph,
    focus: tuple[ResourceId, ...],
    depth: int | None,
    kinds: tuple[Kind, ...],
    unlinked_commits: bool,
) -> set[ResourceId]:
    """Return the resources in the lineage of ``focus`` (all, if empty), of some kinds (all, if
    empty)."""
    shown = set(lineage(graph, focus, depth)) if focus else set(graph)
    if kinds:
        shown = {resource for resource in shown if kind_of(resource) in kinds}
    if not unlinked_commits:
        linked = graphs.linked(graph)
        shown = {
            resource
            for resource in shown
            if resource in linked or kind_of(resource) is not Kind.COMMIT or resource in focus
        }
    return shown


def local_copies(
    graph: ResourceGraph,
    shown: set[ResourceId],
    findings: Mapping[ResourceId, tuple[Finding, ...]],
) -> set[ResourceId]:
    """Return local images, with their containers, that are omitted by default: those that are also
    in ECR, or are only a base of others, unless they are wrong."""
    copies = set()
    for image in shown:
        if kind_of(image) is not Kind.LOCAL_IMAGE:
            continue
        wrong = any(finding.severity is Severity.WRONG for finding in findings.get(image, ()))
        users = [user for user in graphs.dependents(graph, image) if user in shown]
        pushed = any(Relation.COPY_OF in graphs.relations(graph, user, image) for user in users)
        base = users and all(
            graphs.relations(graph, user, image) == (Relation.BASED_ON,) for user in users
        )
        if pushed or (base and not wrong):
            copies.add(image)
            copies.update(user for user in users if kind_of(user) is Kind.CONTAINER)
    return copies


def only_states(drawing: Drawing, wanted: tuple[str, ...]) -> Drawing:
    """Return a drawing of resources in a wanted state, and what they touch."""
    if not wanted:
        return drawing
    codes = frozenset[Code]().union(*map(meant, wanted))
    hits = {
        node.id
        for node in drawing.nodes
        if any(state.code in codes or state.word in wanted for state in node.states)
    }
    near = {edge.source for edge in drawing.edges if edge.target in hits}
    near |= {edge.target for edge in drawing.edges if edge.source in hits}
    return _keep(drawing, hits | near)


def _keep(drawing: Drawing, ids: set[ResourceId]) -> Drawing:
    """The part of a drawing with these nodes."""
    nodes = tuple(node for node in drawing.nodes if node.id in ids)
    edges = tuple(edge for edge in drawing.edges if edge.source in ids and edge.target in ids)
    return tidy(replace(drawing, nodes=nodes, edges=edges))


def left_out(
    drawing: Drawing,
    commits: int,
    copies: int,
    focus: Iterable[str],
    depth: int | None,
    kinds: Iterable[Kind],
    wanted: Iterable[str],
) -> tuple[str, ...]:
    """Describe what a reader asked to see and how much is left out, as sentences for the caption.
    ``commits`` are those without an image, ``copies`` local images that are also in ECR; ``focus``
    are names of cards."""
    asked = []
    names = list(focus)
    if names:
        more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
        steps = "" if depth is None else f" within {depth} step{'' if depth == 1 else 's'}"
        asked.append(f"the lineage of {', '.join(names[:3])}{more}{steps}")
    plurals = [KINDS[kind].plural for kind in kinds]
    if plurals:
        asked.append(f"{', '.join(plurals)} alone")
    states = [word for word in wanted if word]
    if states:
        asked.append(f"what has the state {' or '.join(states)}, and what it touches")
    sentences = (f"shown: {'; of those, '.join(asked)}",) if asked else ()
    if commits and not asked:
        count = f"{commits:,} commit{'' if commits == 1 else 's'}"
        sentences = (*sentences, f"left out: {count} that no image was built from")
    if copies:
        count = f"{copies:,} local image{'' if copies == 1 else 's'}"
        sentences = (
            *sentences,
            f"left out: {count} that are in ECR too, or that others are built on",
        )
    if asked and not drawing.nodes:
        sentences = (*sentences, "there is nothing of the kind")
    return sentences
