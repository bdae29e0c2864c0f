"""Which functions and roles are in quarantine, by the mark that they carry."""

from __future__ import annotations

from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import ResourceGraph, record
from jotgraph.records import EcrImage, EcrRepository, Function, Node, Role, Trigger, Version
from jotgraph.records.quarantine import QUARANTINED, Mark, mark_on


def mark_of(graph: ResourceGraph, configuration: Function | Version) -> str:
    """The run that put a function to sleep, and since when, its versions with it; or empty."""
    function = configuration if isinstance(configuration, Function) else None
    if isinstance(configuration, Version) and configuration.function in graph:
        node = record(graph, configuration.function)
        function = node if isinstance(node, Function) else None
    return dict((function.tags if function else None) or ()).get(QUARANTINED, "")


def mark_in(graph: ResourceGraph, node: Node) -> Mark | None:
    """The mark of a quarantine that a resource carries, an image by its repository."""
    repository = None
    if isinstance(node, EcrImage) and node.repository_id in graph:
        owner = record(graph, node.repository_id)
        repository = owner if isinstance(owner, EcrRepository) else None
    return mark_on(node, repository)


def doubts_of(
    node: Function | Role | Trigger | EcrImage, repository: EcrRepository | None = None
) -> list[Doubt]:
    """A doubt for what a quarantine holds: only a sweep, or who names it, deletes that."""
    mark = mark_on(node, repository)
    return [Doubt("quarantined", f"set aside {mark.since[:10]} by run {mark.run}")] if mark else []
