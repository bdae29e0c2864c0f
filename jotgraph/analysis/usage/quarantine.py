"""The quarantine of functions, roles and images, by their marks."""

from __future__ import annotations

from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import ResourceGraph, record
from jotgraph.records import EcrImage, EcrRepository, Function, Node, Role, Trigger, Version
from jotgraph.records.quarantine import Mark, mark_on


def own_mark(graph: ResourceGraph, node: Node) -> Mark | None:
    """Return the quarantine mark of a resource; an image's is on its repository."""
    repository = None
    if isinstance(node, EcrImage) and node.repository_id in graph:
        owner = record(graph, node.repository_id)
        repository = owner if isinstance(owner, EcrRepository) else None
    return mark_on(node, repository)


def mark_of_function(graph: ResourceGraph, configuration: Function | Version) -> Mark | None:
    """Return the quarantine mark of a function, or of a version's function."""
    if isinstance(configuration, Function):
        return own_mark(graph, configuration)
    if configuration.function not in graph:
        return None
    return own_mark(graph, record(graph, configuration.function))


def doubts_of(
    node: Function | Role | Trigger | EcrImage, repository: EcrRepository | None = None
) -> list[Doubt]:
    """Return a doubt about what is in quarantine: only a sweep, or naming it, deletes that."""
    mark = mark_on(node, repository)
    return (
        [Doubt("quarantined", f"put in quarantine {mark.since[:10]} by run {mark.run}")]
        if mark
        else []
    )
