"""What breaks if a resource is deleted, what is left unused, and what survives."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.analysis.usage import Doubt, Options, index_of, reach, roots, uses, witness
from jotgraph.analysis.usage.verdicts import verdicts
from jotgraph.graph import ResourceGraph, about, dependencies, dependents, record
from jotgraph.links import Relation
from jotgraph.queries.answers.impact import AffectedResource, Impact
from jotgraph.records import ResourceId, Workload, WorkloadState, kind_of

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
"""Relations whose source cannot work without the target."""
_GOES = frozenset({Relation.PART_OF, Relation.STORED_IN})
"""Relations whose source is deleted with the target. A target that only fails does not take these
along: versions and aliases keep running when ``$LATEST`` of their function cannot start."""
_FAILS_WITH = tuple(relation for relation in NEEDS if relation not in _GOES)


def impact(graph: ResourceGraph, *resources: ResourceId) -> Impact:
    """Work out what follows if one resource is deleted, or several together. What is left unused is
    what these, and everything that breaks, dominate in the graph of uses: no path leads there from
    any other root. Raises KeyError for an id that is not in the graph."""
    for resource in resources:
        record(graph, resource)
    breaks = _breaks(graph, resources)
    gone = {*resources, *breaks}
    index = index_of(graph)
    using = uses(graph)
    tiers = roots(index)
    after = reach(
        {resource: targets for resource, targets in using.items() if resource not in gone},
        *([resource for resource in tier if resource not in gone] for tier in tiers),
    )
    below = reach(using, sorted(gone))
    surviving = [resource for resource in below if resource in after and resource not in gone]
    lost = [resource for resource in below if resource not in after and resource not in gone]
    return Impact(
        about=about(graph),
        resource=resources[0],
        resources=resources,
        breaks=tuple(
            AffectedResource(broken, kind_of(broken), _needs(graph, path), path)
            for broken, path in breaks.items()
        ),
        rebuilds=tuple(
            AffectedResource(
                dependent,
                kind_of(dependent),
                because,
                (dependent, resource),
                _fails(graph, dependent, relation),
            )
            for relation, because in _LATER
            for resource in resources
            for dependent in dependents(graph, resource, relation)
            if dependent not in gone
        ),
        left=tuple(
            AffectedResource(
                leftover, kind_of(leftover), "nothing else uses it", witness(below, leftover)
            )
            for leftover in sorted(lost)
            if leftover in graph
        ),
        survives=tuple(
            AffectedResource(kept_resource, kind_of(kept_resource), _uses(way), way)
            for kept_resource in sorted(surviving)
            if kept_resource in graph
            for way in (witness(after, kept_resource),)
        ),
        doubts=_doubts(graph, resources),
    )


def _doubts(graph: ResourceGraph, resources: tuple[ResourceId, ...]) -> tuple[Doubt, ...]:
    """What may need these as well: its needs are unknown or were not read. Unread places are in the
    gaps of every answer."""
    own = verdicts(graph, Options(), about(graph).taken_at).own
    raised = (doubt for resource in resources for doubt in own.get(resource, ()))
    return tuple(sorted({doubt for doubt in raised if doubt.code in _MAY_NEED}))


_MAY_NEED = frozenset({"digest-unread", "durable-unread", "runs-unread", "tag-unread"})


def _uses(way: tuple[ResourceId, ...]) -> str:
    return f"{way[0]} uses it" if len(way) > 1 else "it can be called directly, so it is in use"


_LATER = (
    (Relation.BASED_ON, "it is based on it"),
    (Relation.FOLLOWS, "its deployed tag points to it"),
    (Relation.MAY_RUN, "it is an older revision, and would run it if started"),
)


def _fails(graph: ResourceGraph, dependent: ResourceId, relation: Relation) -> str:
    """What of a dependent fails later. What runs today keeps the image that it resolved; a revision
    that nothing runs resolves it at the next start."""
    if relation is Relation.BASED_ON:
        return "next build"
    node = record(graph, dependent)
    starts = isinstance(node, Workload) and node.state is not WorkloadState.RUNNING
    return "next start" if starts else "next deployment"


def _breaks(
    graph: ResourceGraph, resources: Iterable[ResourceId]
) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """Everything that needs one of the resources, with the path to it, nearest first. Parts of a
    deleted resource are deleted too. What merely fails takes other dependents along, but not its
    own parts."""
    chains: dict[ResourceId, tuple[ResourceId, ...]] = {
        resource: (resource,) for resource in resources
    }
    going, todo = set(chains), list(chains)
    first = frozenset(chains)
    while todo:
        following = []
        for broken in todo:
            goes = set(dependents(graph, broken, *_GOES)) if broken in going else set()
            for dependent in sorted({*goes, *dependents(graph, broken, *_FAILS_WITH)}):
                fresh = dependent not in chains
                if fresh:
                    chains[dependent] = (dependent, *chains[broken])
                if fresh or (dependent in goes and dependent not in going):
                    following.append(dependent)
                if dependent in goes:
                    going.add(dependent)
        todo = following
    return {broken: chain for broken, chain in chains.items() if broken not in first}


def _needs(graph: ResourceGraph, path: tuple[ResourceId, ...]) -> str:
    relation = next(
        relation for relation in NEEDS if path[1] in dependencies(graph, path[0], relation)
    )
    return f"{relation.value} {path[1]}"
