"""Graph and resource -> what breaks if it goes, what is left without a use, what survives."""

from __future__ import annotations

from jotgraph.analysis.usage import Estate, reach, roots, uses, witness
from jotgraph.graph import ResourceGraph, about, dependencies, dependents, record
from jotgraph.links import Relation
from jotgraph.queries.answers.impact import Impact, Touched
from jotgraph.records import ResourceId, kind_of

NEEDS = (
    Relation.RUNS,
    Relation.ASSUMES,
    Relation.ROUTES_TO,
    Relation.PART_OF,
    Relation.INVOKES,
    Relation.STORED_IN,
    Relation.CONTAINS,
    Relation.DESCRIBES,
    Relation.USES,
)
"""Relations whose source cannot do without its target."""


def impact(graph: ResourceGraph, resource: ResourceId) -> Impact:
    """Work out what follows if ``resource`` goes. Raises KeyError for an id not in the graph.

    What is left is what the resource and everything that breaks dominate in the graph of uses: no
    way leads there from any other root.
    """
    record(graph, resource)
    breaks = _breaks(graph, resource)
    gone = {resource, *breaks}
    estate = Estate(graph)
    using = uses(estate)
    tiers = roots(estate)
    after = reach(
        {each: targets for each, targets in using.items() if each not in gone},
        *([each for each in tier if each not in gone] for tier in tiers),
    )
    below = reach(using, sorted(gone))
    kept = [each for each in below if each in after and each not in gone]
    lost = [each for each in below if each not in after and each not in gone]
    return Impact(
        about=about(graph),
        resource=resource,
        breaks=tuple(
            Touched(each, kind_of(each), _needs(graph, path), path) for each, path in breaks.items()
        ),
        rebuilds=tuple(
            Touched(each, kind_of(each), because, (each, resource))
            for relation, because in _LATER
            for each in dependents(graph, resource, relation)
            if each not in gone
        ),
        left=tuple(
            Touched(each, kind_of(each), "nothing else uses it", witness(below, each))
            for each in sorted(lost)
            if each in graph
        ),
        survives=tuple(
            Touched(each, kind_of(each), _uses(way), way)
            for each in sorted(kept)
            if each in graph
            for way in (witness(after, each),)
        ),
    )


def _uses(way: tuple[ResourceId, ...]) -> str:
    return f"{way[0]} uses it" if len(way) > 1 else "it can be called, so it is in use itself"


_LATER = (
    (Relation.BASED_ON, "it is based on it"),
    (Relation.FOLLOWS, "its deployed tag points to it"),
)


def _breaks(graph: ResourceGraph, resource: ResourceId) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """Everything that needs a resource, each with its way there; nearest first."""
    found: dict[ResourceId, tuple[ResourceId, ...]] = {resource: (resource,)}
    todo = [resource]
    while todo:
        following = []
        for here in todo:
            for each in dependents(graph, here, *NEEDS):
                if each not in found:
                    found[each] = (each, *found[here])
                    following.append(each)
        todo = following
    del found[resource]
    return found


def _needs(graph: ResourceGraph, path: tuple[ResourceId, ...]) -> str:
    relation = next(each for each in NEEDS if path[1] in dependencies(graph, path[0], each))
    return f"{relation.value} {path[1]}"
