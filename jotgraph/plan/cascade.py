"""Everything that is deleted along with the targets, with the reasons.

Upwards a deletion spreads to what depends on a target, along relations that mean *cannot exist
without* and only on PROOF and STRONG evidence. Downwards it spreads to what nothing else uses
without the target. That comes from the verdicts of `orphans` on a graph without the target, so
every doubt and gap that protects there protects here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from jotgraph.analysis.usage import Options, index_of, uses
from jotgraph.analysis.usage.words import named
from jotgraph.graph import (
    ResourceGraph,
    dependencies,
    dependents,
    edges,
    evidence,
    is_missing,
    record,
    without,
)
from jotgraph.links import Grade, Relation
from jotgraph.plan.model import ACTIONS
from jotgraph.queries.answers.orphans import Judgement
from jotgraph.queries.orphans import orphans
from jotgraph.records import EcrImage, ImageType, Kind, ResourceId, function_of, kind_of, shortened
from jotgraph.records.references import lambda_target

UPWARDS = (
    Relation.RUNS,
    Relation.ROUTES_TO,
    Relation.PART_OF,
    Relation.INVOKES,
    Relation.CONTAINS,
    Relation.DESCRIBES,
    Relation.STORED_IN,
    Relation.USES,
    Relation.BUILT_FROM,
)
"""A role does not take along the functions that assume it, a base image not its children, a local
image not its copy in ECR: there the deletion is blocked, or the dependent survives."""

DOWNWARDS = (Relation.COPY_OF,)
"""Dependencies that belong to the deployment though they are not uses."""


class CascadeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options for how far a deletion may spread."""

    dependents: bool = True
    """Whether what depends on a target is deleted with it; otherwise it blocks the deletion."""
    only: frozenset[Kind] = frozenset()
    """Delete only these kinds; empty means every kind."""
    stop_at: frozenset[Kind] = frozenset()
    """Kinds that a deletion does not spread to."""
    keep: frozenset[ResourceId] = frozenset()
    least_days: float = 0
    """Spread only to what is known to be at least this old."""
    logs: bool = False
    """Whether log groups are deleted too; nothing brings back their events."""

    def allow(self, resource: ResourceId) -> bool:
        """Return whether a resource may be deleted without having been named."""
        kind = kind_of(resource)
        return (
            kind in ACTIONS
            and (self.logs or kind is not Kind.LOG_GROUP)
            and resource not in self.keep
            and kind not in self.stop_at
            and (not self.only or kind in self.only)
        )

    def old(self, judged: Judgement) -> bool:
        """Return whether a resource is old enough; one of unknown age is not."""
        age = judged.age_days
        return not self.least_days or (age is not None and age >= self.least_days)


class Cascade(msgspec.Struct, frozen=True):
    """What a deletion takes along, why, and the verdicts on everything else without it."""

    deleted: dict[ResourceId, str]
    rest: Mapping[ResourceId, Judgement]
    cause: dict[ResourceId, ResourceId]
    """For what is deleted only because a dependency is, that dependency."""
    shared: frozenset[ResourceId] = frozenset()
    """Unused images that are kept because an index lists them that was not asked for."""


def cascade(
    graph: ResourceGraph,
    targets: Collection[ResourceId],
    how: CascadeOptions,
    options: Options,
    now: datetime,
    unused: Mapping[ResourceId, str] | None = None,
) -> Cascade:
    """Return everything that is deleted with the targets, and what is ``unused`` anyway, with the
    reason. Nothing spreads from ``unused`` to dependents. A commit, or a target of a kind that is
    not to be deleted, is only a starting point."""
    deleted = {
        target: "asked for"
        for target in sorted(targets)
        if kind_of(target) in ACTIONS
        and (not how.only or kind_of(target) in how.only)
        and (how.logs or kind_of(target) is not Kind.LOG_GROUP)
    }
    cause: dict[ResourceId, ResourceId] = {}
    if how.dependents:
        _upwards(graph, set(targets), deleted, cause, how)
    for resource, why in sorted((unused or {}).items()):
        deleted.setdefault(resource, why)
    staying: frozenset[ResourceId] = frozenset()
    while True:
        below = _downwards(graph, dict(deleted), cause, how, options, now, staying)
        torn = frozenset(
            image
            for image in below.deleted.keys() - deleted.keys()
            if any(index not in below.deleted for index in _indexes(graph, image))
        )
        if not torn:
            return below
        staying |= torn


def _downwards(
    graph: ResourceGraph,
    deleted: dict[ResourceId, str],
    cause: dict[ResourceId, ResourceId],
    how: CascadeOptions,
    options: Options,
    now: datetime,
    staying: frozenset[ResourceId],
) -> Cascade:
    """Add what nothing else uses without these resources, except what is ``staying``."""
    using = uses(graph)
    while True:
        answer = orphans(without(graph, deleted), now=now, options=options)
        rest = {judged.id: judged for judged in answer.all()}
        free = {orphan.id for orphan in answer.orphans if how.old(orphan)}
        alone = {
            target: f"nothing else uses it once {shortened(named(source))} is gone"
            for source in sorted(deleted)
            for target in (*using.get(source, ()), *dependencies(graph, source, *DOWNWARDS))
            if target in free and target not in deleted and how.allow(target)
            if not _lists_more(graph, target, source, deleted)
            and not _only_named(graph, source, target)
        }
        shared = frozenset(
            image for image in alone if image in staying or _listed_elsewhere(graph, image, deleted)
        )
        if not alone.keys() - shared:
            return Cascade(deleted, rest, cause, shared)
        deleted.update((target, why) for target, why in alone.items() if target not in shared)


def _only_named(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> bool:
    """Whether only a text leads from one resource to another. That protects the other one, but its
    meaning is unknown, so a deletion does not follow it."""
    named = index_of(graph).mentioned.get(source, ())
    return target in named and target not in dependencies(graph, source, *_USES)


_USES = tuple(relation for relation in Relation if relation is not Relation.MENTIONS)


def _lists_more(
    graph: ResourceGraph, index: ResourceId, image: ResourceId, deleted: Collection[ResourceId]
) -> bool:
    """Whether an index that lists an image lists another one that is kept. Whoever named the one
    image did not name that index."""
    listed = dependencies(graph, index, Relation.CONTAINS)
    return image in listed and any(
        child not in deleted and isinstance(node, EcrImage) and node.type not in _ATTACHED
        for child in listed
        for node in (record(graph, child),)
    )


_ATTACHED = frozenset({ImageType.ATTESTATION, ImageType.SIGNATURE})


def _indexes(graph: ResourceGraph, image: ResourceId) -> list[ResourceId]:
    """The existing indexes that list an image."""
    indexes = dependents(graph, image, Relation.CONTAINS)
    return [index for index in indexes if not is_missing(graph, index)]


def _listed_elsewhere(
    graph: ResourceGraph, image: ResourceId, deleted: Collection[ResourceId]
) -> bool:
    """Whether an image is listed both by an index that is deleted and by one that was not asked
    for."""
    indexes = _indexes(graph, image)
    return any(index in deleted for index in indexes) and not set(indexes) <= set(deleted)


def _upwards(
    graph: ResourceGraph,
    reached: set[ResourceId],
    deleted: dict[ResourceId, str],
    cause: dict[ResourceId, ResourceId],
    how: CascadeOptions,
) -> None:
    todo = sorted(reached)
    while todo:
        following: list[ResourceId] = []
        for target in todo:
            for source in dependents(graph, target):
                if source in reached or is_missing(graph, source) or not how.allow(source):
                    continue
                if _needs(graph, source, target, reached):
                    reached.add(source)
                    deleted[source] = f"it depends on {shortened(named(target))}"
                    cause[source] = target
                    following.append(source)
        todo = following


def _needs(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, gone: Collection[ResourceId]
) -> bool:
    """Whether ``source`` cannot exist without ``target``, on strong evidence. An alias that also
    routes elsewhere can."""
    strong = [
        claim
        for claim in evidence(graph, source, target, *UPWARDS)
        if claim.grade >= Grade.STRONG and len(claim.candidates) <= 1
    ]
    if not strong:
        return False
    if {claim.relation for claim in strong} == {Relation.ROUTES_TO}:
        routes = dependencies(graph, source, Relation.ROUTES_TO)
        return all(version == target or version in gone for version in routes)
    return True


def parts(graph: ResourceGraph, function: ResourceId) -> tuple[ResourceId, ...]:
    """Return the versions and aliases that are deleted with an idle function. There are none when a
    trigger calls any of them or one was invoked, since the function is not idle then."""
    own = dependents(graph, function, Relation.PART_OF)
    for callable_ in (function, *own):
        if dependents(graph, callable_, Relation.INVOKES):
            return ()
        if getattr(record(graph, callable_), "invocations", None):
            return ()
    return own


def users(
    graph: ResourceGraph, shared: Collection[ResourceId] = ()
) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """Return what cannot exist without each resource, sorted. Beside users these are triggers, and
    the versions and aliases that DeleteFunction deletes too. A ``shared`` image does not need any
    single one of its indexes."""
    sources_by_target: dict[ResourceId, list[ResourceId]] = {}
    for source, targets in uses(graph).items():
        listing = dependents(graph, source, Relation.CONTAINS) if source in shared else ()
        for target in targets:
            if target not in listing:
                sources_by_target.setdefault(target, []).append(source)
    for source, target, _ in edges(graph, Relation.INVOKES, Relation.PART_OF):
        sources_by_target.setdefault(target, []).append(source)
    for trigger in index_of(graph).triggers:  # of an alias that is gone too: somebody means it
        called = lambda_target(trigger.function_arn)
        if called is not None:
            sources_by_target.setdefault(function_of(called), []).append(trigger.id)
    return {target: tuple(sorted(set(sources))) for target, sources in sources_by_target.items()}
