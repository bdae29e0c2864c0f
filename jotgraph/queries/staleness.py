"""Lists what is out of date or broken among functions, versions, aliases and workloads.

Each finding is listed by itself. None of them means that anything may be deleted.
"""

from __future__ import annotations

from jotgraph.analysis.health import findings, states, targets
from jotgraph.analysis.lag import refs_of
from jotgraph.analysis.lag.origin import origin
from jotgraph.gc_pause import collector_off
from jotgraph.graph import ResourceGraph, about, dependencies, of_kind, record
from jotgraph.links import Relation
from jotgraph.queries.answers.staleness import StaleEntry, Staleness
from jotgraph.records import Alias, Kind, ResourceId, kind_of


def staleness(graph: ResourceGraph, ref: str | None = None) -> Staleness:
    """List every function, version, alias and workload with its findings. ``ref`` is a branch or
    tag to compare with; by default each repository's HEAD."""
    refs_of(graph, ref)  # a ref that no repository has is an error, whatever runs
    resources = of_kind(graph, Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.WORKLOAD)
    with collector_off():
        entries = tuple(_entry(graph, resource, ref) for resource in resources)
    return Staleness(about(graph), ref, entries)


def _entry(graph: ResourceGraph, resource: ResourceId, ref: str | None) -> StaleEntry:
    traced, on_it = origin(graph, resource, ref), findings(graph, resource, ref)
    return StaleEntry(
        id=resource,
        kind=kind_of(resource),
        states=states(on_it),
        findings=on_it,
        runs=_images(graph, resource, Relation.RUNS),
        follows=_images(graph, resource, Relation.FOLLOWS),
        lag=traced.lag,
        content=traced.content,
        lag_says=traced.lag.says(),
    )


def _images(
    graph: ResourceGraph, resource: ResourceId, relation: Relation
) -> tuple[ResourceId, ...]:
    """The images that a relation leads to; for an alias those of its versions, the main one
    first."""
    node = record(graph, resource)
    ends: tuple[ResourceId, ...] = (resource,)
    if isinstance(node, Alias):
        ends = tuple(target for _, target in targets(node) if target in graph)
    images = (image for end in ends for image in dependencies(graph, end, relation))
    return tuple(dict.fromkeys(images))
