"""The resources to delete for a deployment: its own parts, each as if named."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeAlias

from jotgraph.graph import ResourceGraph
from jotgraph.plan.cascade import CascadeOptions
from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.deployment import owned
from jotgraph.records import Kind, ResourceId, kind_of

Targets: TypeAlias = Deployment | Collection[ResourceId | Deployment]
"""One deployment, or resources and deployments that are deleted together."""


def targets_of(graph: ResourceGraph, asked: Targets, how: CascadeOptions) -> frozenset[ResourceId]:
    """Return the resources that a deletion is about.

    For deployments these are the parts that nothing else uses; a part that two of them share is
    deleted when both are. A deployment that something else needs is represented by its main
    resource alone, so that the plan names what is in the way.
    """
    listed = (asked,) if isinstance(asked, Deployment) else tuple(asked)
    deployments = [handle for handle in listed if isinstance(handle, Deployment)]
    named = frozenset(handle for handle in listed if not isinstance(handle, Deployment))
    if not deployments:
        return named
    parts = {part for deployment in deployments for part in deployment.ids}
    staying = _staying(parts - named, how)
    own = owned(graph, parts | named, staying)
    going = {
        part
        for deployment in deployments
        if deployment.root in own | staying
        for part in deployment.ids
    }
    roots = {deployment.root for deployment in deployments} - staying
    return named | roots | (own & going)


def _staying(parts: Iterable[ResourceId], how: CascadeOptions) -> frozenset[ResourceId]:
    """The parts that the options exclude, which keep what they use."""
    return frozenset(
        part
        for part in parts
        if part in how.keep
        or kind_of(part) in how.stop_at
        or (how.only and kind_of(part) not in how.only)
        or (kind_of(part) is Kind.LOG_GROUP and not how.logs)
    )
