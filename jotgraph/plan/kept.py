"""What a plan keeps although deleted resources use it, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from jotgraph.graph import ResourceGraph, dependencies, record
from jotgraph.plan.cascade import DOWNWARDS, Cascade
from jotgraph.plan.model import Kept
from jotgraph.records import Function, Kind, Missing, ResourceId, kind_of
from jotgraph.records.logs import log_group_id


def kept(
    graph: ResourceGraph,
    deleted: Collection[ResourceId],
    blocks: Collection[ResourceId],
    spread: Cascade,
    using: Mapping[ResourceId, tuple[ResourceId, ...]],
) -> tuple[Kept, ...]:
    """Return the survivors that deleted resources use, and who else uses them."""
    touched = {
        target
        for source in deleted
        for target in (*using.get(source, ()), *dependencies(graph, source, *DOWNWARDS))
        if target not in deleted and target not in blocks
    }
    survivors = []
    for resource in sorted(touched):
        judged = spread.rest.get(resource)
        because = judged.because if judged else _not_judged(graph, resource)
        if judged and judged.verdict == "orphan":
            shared = resource in spread.shared
            because = "an index that stays lists it too" if shared else "not asked for"
            because = _EVENTS if kind_of(resource) is Kind.LOG_GROUP else because
        survivors.append(
            Kept(id=resource, because=because, by=judged.witness[:-1] if judged else ())
        )
    logs = _logs(graph, deleted, touched | set(blocks))
    return tuple(sorted((*survivors, *logs), key=lambda kept: kept.id))


_EVENTS = "its events could not be restored; --logs deletes it, too"


def _logs(
    graph: ResourceGraph, deleted: Collection[ResourceId], known: Collection[ResourceId]
) -> list[Kept]:
    """The kept log groups of deleted functions, each once, without those whose reason is
    ``known``."""
    functions = (
        record(graph, resource) for resource in deleted if kind_of(resource) is Kind.FUNCTION
    )
    named = {
        log_group_id(function.account, function.region, function.log_group)
        for function in functions
        if isinstance(function, Function) and function.log_group
    }
    return [Kept(id=group, because=_EVENTS) for group in sorted(named.difference(deleted, known))]


def _not_judged(graph: ResourceGraph, resource: ResourceId) -> str:
    """Why a resource without a verdict is not deleted."""
    node = record(graph, resource) if resource in graph else None
    if isinstance(node, Missing):
        return "already gone" if node.looked else "it was not read"
    return "not a resource to delete" if node else "it was not read"
