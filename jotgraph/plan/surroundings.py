"""The facts of a record and its surroundings that must still hold when it is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from jotgraph.analysis.usage.engine import readable_copies
from jotgraph.graph import ResourceGraph, about, record
from jotgraph.plan.fingerprints import (
    CALLERS,
    COPIES,
    POLICY,
    REPLICATION,
    STARTS,
    UNREAD,
    fingerprint,
    joined,
    setting,
    statements_about,
)
from jotgraph.records import (
    Alias,
    EcrImage,
    EcrRepository,
    Function,
    LocalImage,
    Pairs,
    Record,
    ResourceId,
    Version,
)

Starters: TypeAlias = Mapping[ResourceId, tuple[ResourceId, ...]]
"""The workloads that run an image when started, by image."""


def fingerprint_in(graph: ResourceGraph, resource: Record, starters: Starters) -> Pairs:
    """Return the fingerprint of a record together with the relevant facts around it. These are who
    may pull from its repository and where the registry replicates to; what may start it; who may
    call a part of a function; and other copies of a local image."""
    facts = dict(fingerprint(resource))
    if isinstance(resource, EcrImage):
        facts[STARTS] = joined(tuple(map(started_by, starters.get(resource.id, ()))))
    if isinstance(resource, EcrImage) and resource.repository_id in graph:
        repository = record(graph, resource.repository_id)
        if isinstance(repository, EcrRepository):
            facts[POLICY] = setting(repository.policy)
    if isinstance(resource, EcrImage | EcrRepository):
        name = resource.repository if isinstance(resource, EcrImage) else resource.name
        facts[REPLICATION] = next(
            (
                joined(registry.copies_to(name))
                for registry in about(graph).registries
                if registry.place == resource.place
            ),
            UNREAD,
        )
    if isinstance(resource, Version | Alias):
        facts[CALLERS] = _callers(graph, resource)
    if isinstance(resource, LocalImage):
        facts[COPIES] = joined(readable_copies(graph, resource.id))
    return tuple(sorted(facts.items()))


def started_by(workload: ResourceId) -> str:
    """Return a workload as one word."""
    return "%20".join(workload.split(" "))


def _callers(graph: ResourceGraph, part: Version | Alias) -> str:
    """Who may call a version or alias, by all policies of its function that were read."""
    function = record(graph, part.function) if part.function in graph else None
    if not isinstance(function, Function) or function.policy is None:
        return UNREAD
    return joined(statements_about(function.policy, part.id))
