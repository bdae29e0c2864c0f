"""Builds graphs of an inventory, whole or in part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from jotgraph.gc_pause import collector_off
from jotgraph.graph.known import Inferred, Left
from jotgraph.graph.lazy import known_of, lazy
from jotgraph.graph.memory import ResourceGraph
from jotgraph.links import Link, rules_for
from jotgraph.links.index import group
from jotgraph.records import Gap, GitRepository, Inventory, Registry, ResourceId, Scope


class About(msgspec.Struct, frozen=True):
    """The facts about an inventory that belong to no single node."""

    taken_at: datetime
    scope: Scope
    gaps: tuple[Gap, ...]
    git: tuple[GitRepository, ...]
    registries: tuple[Registry, ...]


def build(
    inventory: Inventory, links: Iterable[Link] | None = None, *, more: Iterable[Link] = ()
) -> ResourceGraph:
    """Build the frozen digraph of an inventory. ``links`` default to ``infer(inventory)``, each
    relation when somebody first asks for it, and to ``more`` links found elsewhere.

    The result depends only on the sets of records and links, not on their order. An id that is
    referred to but was not read becomes a node with a ``Missing`` record.
    """
    with collector_off():
        content = group(
            (content.resource, content)
            for content in sorted(
                inventory.content, key=lambda content: (content.resource, content.repository)
            )
        )
        attributes = {
            "about": about_of(inventory, inventory.gaps),
            "content": content,
            "tests": inventory.tests,
        }
        if links is None:
            return lazy(Inferred(inventory, rules_for(inventory), more), attributes)
        return lazy(Inferred(inventory, (), [*links, *more]), attributes)


def about_of(inventory: Inventory, gaps: Iterable[Gap]) -> About:
    """The scope, time, gaps and repositories of an inventory, in a fixed order."""
    return About(
        taken_at=inventory.taken_at,
        scope=inventory.scope,
        gaps=tuple(sorted(set(gaps))),
        git=tuple(sorted(inventory.git, key=lambda repository: repository.key)),
        registries=tuple(sorted(inventory.registries, key=lambda registry: registry.place)),
    )


def without(graph: ResourceGraph, gone: Iterable[ResourceId]) -> ResourceGraph:
    """Return a frozen copy of the graph without some nodes."""
    return lazy(Left(known_of(graph), frozenset(gone)), dict(graph.graph))
