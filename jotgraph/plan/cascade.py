"""Targets -> everything that goes with them, each with the reason: the whole jot.

Upwards a deletion spreads to what depends on the target, along relations that mean *cannot be
without* and only on PROOF and STRONG evidence. Downwards it spreads to what nothing else uses once
the target is gone: that is asked of the same verdicts that `orphans` prints, of a graph without the
target, so every doubt and every gap that protects there protects here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from jotgraph.analysis.usage import Estate, Options, uses
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
from jotgraph.records import Kind, ResourceId, function_of, kind_of, shortened
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
"""A role does not take the functions that assume it, a base image not its children, a local image
not its copy in ECR: there the deletion is blocked, or the dependent simply survives."""

DOWNWARDS = (Relation.COPY_OF,)
"""Dependencies that are part of the jot though they are no uses."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How far a deletion may spread."""

    dependents: bool = True
    """Whether what depends on a target goes with it; otherwise it blocks."""
    only: frozenset[Kind] = frozenset()
    """Delete only these kinds; empty is every kind."""
    stop_at: frozenset[Kind] = frozenset()
    """Kinds to which a deletion does not spread."""
    keep: frozenset[ResourceId] = frozenset()
    least_days: float = 0
    """Spread only to what is known to be at least this old."""

    def allow(self, resource: ResourceId) -> bool:
        """Whether a resource may go without having been named."""
        kind = kind_of(resource)
        return (
            kind in ACTIONS
            and resource not in self.keep
            and kind not in self.stop_at
            and (not self.only or kind in self.only)
        )

    def old(self, judged: Judgement) -> bool:
        """Whether a resource is old enough; an unknown age is not."""
        age = judged.age_days
        return not self.least_days or (age is not None and age >= self.least_days)


class Spread(msgspec.Struct, frozen=True):
    """What goes, why, and what is known of the rest of the world without it."""

    going: dict[ResourceId, str]
    rest: Mapping[ResourceId, Judgement]
    cause: dict[ResourceId, ResourceId]
    """Of what goes only because something else does that it depends on: that."""
    shared: frozenset[ResourceId] = frozenset()
    """Images that nothing uses, which stay because an index lists them that was not asked for."""


def spread(
    graph: ResourceGraph,
    targets: Collection[ResourceId],
    wishes: Wishes,
    options: Options,
    now: datetime,
    unused: Mapping[ResourceId, str] | None = None,
) -> Spread:
    """Everything that goes when the targets go, and what is ``unused`` anyway (with the reason),
    from which nothing spreads to dependents. A commit, or a target of a kind that is not to be
    deleted, is only a place to start from."""
    going = {
        each: "asked for"
        for each in sorted(targets)
        if kind_of(each) in ACTIONS and (not wishes.only or kind_of(each) in wishes.only)
    }
    cause: dict[ResourceId, ResourceId] = {}
    if wishes.dependents:
        _upwards(graph, set(targets), going, cause, wishes)
    for each in sorted(unused or {}):
        going.setdefault(each, (unused or {})[each])
    using = uses(Estate(graph))
    while True:
        answer = orphans(without(graph, going), now=now, options=options)
        rest = {each.id: each for each in answer.all()}
        free = {each.id for each in answer.orphans if wishes.old(each)}
        found = {
            target: f"nothing else uses it once {shortened(named(source))} is gone"
            for source in sorted(going)
            for target in (*using.get(source, ()), *dependencies(graph, source, *DOWNWARDS))
            if target in free and target not in going and wishes.allow(target)
        }
        shared = frozenset(each for each in found if _listed_elsewhere(graph, each, going))
        if not found.keys() - shared:
            return Spread(going, rest, cause, shared)
        going.update((each, why) for each, why in found.items() if each not in shared)


def _listed_elsewhere(
    graph: ResourceGraph, image: ResourceId, going: Collection[ResourceId]
) -> bool:
    """Whether an index that goes lists an image, and so does one that was not asked for."""
    indexes = dependents(graph, image, Relation.CONTAINS)
    return any(each in going for each in indexes) and any(
        each not in going and not is_missing(graph, each) for each in indexes
    )


def _upwards(
    graph: ResourceGraph,
    reached: set[ResourceId],
    going: dict[ResourceId, str],
    cause: dict[ResourceId, ResourceId],
    wishes: Wishes,
) -> None:
    todo = sorted(reached)
    while todo:
        following: list[ResourceId] = []
        for target in todo:
            for source in sorted(graph.predecessors(target)):
                if source in reached or is_missing(graph, source) or not wishes.allow(source):
                    continue
                if _needs(graph, source, target, reached):
                    reached.add(source)
                    going[source] = f"it depends on {shortened(named(target))}"
                    cause[source] = target
                    following.append(source)
        todo = following


def _needs(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, gone: Collection[ResourceId]
) -> bool:
    """Whether ``source`` cannot be without ``target``, on evidence that may condemn. An alias
    that also routes elsewhere can."""
    strong = [
        each
        for each in evidence(graph, source, target, *UPWARDS)
        if each.grade >= Grade.STRONG and len(each.candidates) <= 1
    ]
    if not strong:
        return False
    if {each.relation for each in strong} == {Relation.ROUTES_TO}:
        routes = dependencies(graph, source, Relation.ROUTES_TO)
        return all(each == target or each in gone for each in routes)
    return True


def parts(graph: ResourceGraph, function: ResourceId) -> tuple[ResourceId, ...]:
    """Versions and aliases that go with a function that nobody calls; none when a trigger calls
    any of them, or one was invoked, for then it is not idle."""
    found = dependents(graph, function, Relation.PART_OF)
    for each in (function, *found):
        if dependents(graph, each, Relation.INVOKES):
            return ()
        if getattr(record(graph, each), "invocations", None):
            return ()
    return found


def users(
    graph: ResourceGraph, shared: Collection[ResourceId] = ()
) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """Resource -> what cannot be without it, sorted. Beside uses proper: triggers, and the versions
    and aliases that DeleteFunction takes along unasked. A ``shared`` image can be without any one
    of the indexes that list it."""
    found: dict[ResourceId, list[ResourceId]] = {}
    for source, targets in uses(Estate(graph)).items():
        listing = dependents(graph, source, Relation.CONTAINS) if source in shared else ()
        for target in targets:
            if target not in listing:
                found.setdefault(target, []).append(source)
    for source, target, _ in edges(graph, Relation.INVOKES, Relation.PART_OF):
        found.setdefault(target, []).append(source)
    for trigger in Estate(graph).triggers:  # of an alias that is gone too: somebody means it
        called = lambda_target(trigger.function_arn)
        if called is not None:
            found.setdefault(function_of(called), []).append(trigger.id)
    return {each: tuple(sorted(set(found[each]))) for each in found}
