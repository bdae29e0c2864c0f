"""Graph -> the states of each resource: words told by queries, and those the graph itself shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jotgraph import graph as graphs
from jotgraph.analysis.health.drift import drift
from jotgraph.analysis.provenance import commits_of, copies
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.records import EcrImage, Function, Missing, ResourceId, Version
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.edges import known_missing
from jotgraph.render.picture.drawing.model import State

Told = Mapping[ResourceId, tuple[str, ...]]


def states_of(
    graph: ResourceGraph, shown: Iterable[ResourceId], told: Told
) -> dict[ResourceId, tuple[State, ...]]:
    """States told by the caller, and those the graph shows by itself."""
    return {
        each: tuple(sorted({style.state(word) for word in _words(graph, each, told)}))
        for each in shown
    }


def _words(graph: ResourceGraph, resource: ResourceId, told: Told) -> Iterator[str]:
    yield from told.get(resource, ())
    found = graphs.record(graph, resource)
    if isinstance(found, Missing):
        yield "missing" if found.looked else "unread"
    if isinstance(found, EcrImage) and found.status == "ARCHIVED":
        yield "archived"
    if isinstance(found, Function | Version):
        runs = set(graphs.dependencies(graph, resource, Relation.RUNS))
        if drift(graph, resource).moved_to:
            yield "drift"
        if any(graphs.is_missing(graph, each) and known_missing(graph, each) for each in runs):
            yield "broken"


def conflicts_of(
    graph: ResourceGraph, states: Mapping[ResourceId, tuple[State, ...]]
) -> dict[ResourceId, str]:
    """Images whose claims disagree, and their copies, each with the reason."""
    found: dict[ResourceId, str] = {}
    for each, told in states.items():
        if any(state.word.startswith("conflict") for state in told):
            reason = commits_of(graph, each).reason
            found.update(dict.fromkeys(copies(graph, each), reason))
    return found
