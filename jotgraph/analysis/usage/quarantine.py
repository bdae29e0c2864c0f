"""The quarantine of functions, roles and images, by their marks."""

from __future__ import annotations

from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import ResourceGraph, record
from jotgraph.records import EcrImage, EcrRepository, Function, Node, Role, Trigger, Version
from jotgraph.records.quarantine import QUARANTINED, Mark, mark_on


def mark_of(graph: ResourceGraph, configuration: Function | Version) -> str:
    """Return the quarantine mark of a function, or of a version's function; empty when there is
    none."""
    function = configuration if isinstance(configuration, Function) else None
    if isinstance(configuration, Version) and configuration.function in graph:
        node = record(graph, configuration.function)
        function = node if isinstance(node, Function) else None
    return dict((function.tags if function else None) or ()).get(QUARANTINED, "")


def mark_in(graph: ResourceGraph, node: Node) -> Mark | None:
    """Return the quarantine mark of a resource; an image's is on its repository."""
    repository = None
    if isinstance(node, EcrImage) and node.repository_id in graph:
        owner = record(graph, node.repository_id)
        repository = owner if isinstance(owner, EcrRepository) else None
    return mark_on(node, repository)


def doubts_of(
    node: Function | Role | Trigger | EcrImage, repository: EcrRepository | None = None
) -> list[Doubt]:
    """Return a doubt about what is in quarantine: only a sweep, or naming it, deletes that."""
    mark = mark_on(node, repository)
    return [Doubt("quarantined", f"set aside {mark.since[:10]} by run {mark.run}")] if mark else []
