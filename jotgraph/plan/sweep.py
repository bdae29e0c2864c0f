"""Plans the deletion of what has been in quarantine for long enough."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from jotgraph.analysis.coverage import with_coverage
from jotgraph.analysis.usage import Options, doubts, index_of
from jotgraph.analysis.usage.quarantine import own_mark
from jotgraph.graph import ResourceGraph, about, dependencies, record, records, without
from jotgraph.links import Relation
from jotgraph.plan.cascade import CascadeOptions, cascade
from jotgraph.plan.doubts import unread_of
from jotgraph.plan.held import (
    NO_SOUND,
    STILL,
    HeldResource,
    MarkedElsewhere,
    QuarantineReport,
)
from jotgraph.plan.model import Plan, seal
from jotgraph.plan.planner import build_plan
from jotgraph.plan.protection import Protection
from jotgraph.plan.titles import with_titles
from jotgraph.records import ACTING, Alias, Kind, ResourceId, Version, kind_of

_DAY = 86400


def quarantine_report(graph: ResourceGraph, holdings: Sequence[HeldResource]) -> QuarantineReport:
    """Return what runs of this machine, and by their marks those of others, have in quarantine."""
    here = {(resource.run, resource.id) for resource in holdings}
    elsewhere = [
        MarkedElsewhere(id=node.id, mark=str(mark))
        for node in records(graph)
        if (mark := own_mark(graph, node)) and (mark.run, node.id) not in here
    ]
    elsewhere.sort(key=lambda marked: marked.id)
    return QuarantineReport(
        held=tuple(holdings),
        elsewhere=tuple(elsewhere),
        scope=with_coverage(about(graph).scope),
    )


def marked_by(
    graph: ResourceGraph, run: str
) -> tuple[tuple[ResourceId, ...], tuple[ResourceId, ...]]:
    """Return what carries the mark of a run, with the versions and aliases of marked functions. A
    version that was published after the mark is not included."""
    marked, left = [], []
    for node in records(graph):
        owner = node
        if isinstance(node, Version | Alias) and node.function in graph:
            owner = record(graph, node.function)
        mark = own_mark(graph, owner)
        if mark is None or mark.run != run:
            continue
        if not isinstance(node, Version | Alias):
            marked.append(node.id)
        elif not isinstance(node, Version) or _older(node, mark.since):
            left.append(node.id)
    return tuple(sorted(marked)), tuple(sorted(left))


def _older(version: Version, since: str) -> bool:
    published = version.last_modified
    return published is not None and published.isoformat(timespec="seconds") <= since


def plan_sweep(
    graph: ResourceGraph,
    holdings: Sequence[HeldResource],
    left: Mapping[ResourceId, str],
    *,
    after_days: float,
    now: datetime,
    asked: str = "sweep",
    options: Options | None = None,
    protection: Protection | None = None,
) -> Plan:
    """Plan to delete what has been in quarantine long enough without a change, and what was
    ``left`` to the sweep.

    The latter (with the run that left it) is deleted only along with its function. Nothing else is
    deleted; what anything uses, or what is in doubt because something was not read, is kept.
    Everything else in quarantine becomes a block of the plan, with the reason.
    """
    ripe, stays = _ripe(holdings, after_days, now)
    accepted = protection.without_copy if protection else frozenset()
    options, protection = options or Options(), protection or Protection()
    protection = msgspec.structs.replace(
        protection, stays=(*protection.stays, *sorted(stays.items()))
    )
    ripe = {resource: why for resource, why in ripe.items() if resource in graph}
    stays = {resource: why for resource, why in protection.stays if resource in graph}
    owners = {part: _function_of(graph, part) for part in left if part in graph}
    in_quarantine = {resource.id for resource in holdings}
    along = {
        part: f"left for the sweep by run {left[part]}"
        for part, function in owners.items()
        if part not in in_quarantine
        and (kind_of(part) not in _PARTS or function in ripe or function in stays)
    }
    deleted = {**along, **ripe, **stays}
    others = frozenset(graph.nodes) - deleted.keys()
    kept = _kept(graph, deleted, options) | stays
    copied = protection.without_copy | {resource.id for resource in holdings}
    protection = msgspec.structs.replace(
        protection, stays=tuple(sorted(kept.items())), without_copy=copied
    )
    spread = cascade(graph, deleted, CascadeOptions(keep=others), options, about(graph).taken_at)
    spread.deleted.update(deleted)
    spread.cause.update({part: function for part in along if (function := owners[part])})
    plan = build_plan(graph, spread, set(), now, asked, options, protection)
    runs = {resource.id: resource.run for resource in holdings}
    steps = (msgspec.structs.replace(step, held=runs.get(step.id, "")) for step in plan.steps)
    named = tuple(resource for resource in plan.without_copy if resource in accepted)
    plan = msgspec.structs.replace(plan, steps=tuple(steps), without_copy=named)
    return seal(with_titles(graph, _with_unseen(plan)))


def _with_unseen(plan: Plan) -> Plan:
    """Return the plan, marked incomplete while it deletes kinds whose use cannot be seen in
    quarantine. That is accepted kind by kind."""
    unread = unread_of(plan)
    return msgspec.structs.replace(plan, unread=unread, complete=not unread and not plan.undecided)


def _kept(
    graph: ResourceGraph, deleted: Collection[ResourceId], options: Options
) -> dict[ResourceId, str]:
    """What a rollback window keeps once its users are gone, each with the reason."""
    users = [resource for resource in deleted if kind_of(resource) in ACTING]
    own = doubts(index_of(without(graph, users)), options, about(graph).taken_at)
    return {
        resource: f"{doubt.statement} [{doubt.code}]"
        for resource in deleted
        for doubt in own.get(resource, ())
        if doubt.code in _WINDOWS
    }


_WINDOWS = frozenset({"kept-newest", "kept-recent", "kept-tag"})
_PARTS = frozenset({Kind.VERSION, Kind.ALIAS})


def _ripe(
    holdings: Sequence[HeldResource], after_days: float, now: datetime
) -> tuple[dict[ResourceId, str], dict[ResourceId, str]]:
    """What may be deleted, and what is kept, each with the reason."""
    ripe: dict[ResourceId, str] = {}
    stays: dict[ResourceId, str] = {}
    for resource in holdings:
        days = (now - resource.since).total_seconds() / _DAY
        whole = f"in quarantine for {days:.1f} days (run {resource.run})"
        if resource.state not in STILL:
            stays[resource.id] = f"{whole}, {resource.state}: {resource.because}"
        elif days < after_days:
            stays[resource.id] = f"{whole}, not yet {after_days:g}"
        else:
            silent = NO_SOUND.get(kind_of(resource.id))
            ripe[resource.id] = f"{whole}, {silent or 'and nothing used it'}"
    return ripe, stays


def _function_of(graph: ResourceGraph, part: ResourceId) -> ResourceId | None:
    """The function of a version or alias."""
    return next(iter(dependencies(graph, part, Relation.PART_OF)), None)
