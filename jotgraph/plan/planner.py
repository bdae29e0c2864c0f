"""Plans what would be deleted, in order, from a graph and a request. Nothing here deletes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from jotgraph.analysis.costs import storage, total
from jotgraph.analysis.costs.model import cents
from jotgraph.analysis.coverage import with_coverage
from jotgraph.analysis.health.model import Finding
from jotgraph.analysis.usage import Doubt, Options, index_of, uses
from jotgraph.analysis.usage.consumers import starters
from jotgraph.analysis.usage.lambdas import is_target_gone
from jotgraph.analysis.usage.sizes import Freed, freed
from jotgraph.graph import ResourceGraph, about, record
from jotgraph.plan.cascade import Cascade, CascadeOptions, cascade, parts, users
from jotgraph.plan.doubts import last_copies, own_doubts
from jotgraph.plan.handles import Targets, targets_of
from jotgraph.plan.kept import kept
from jotgraph.plan.model import ACTIONS, LIFETIME, Block, Plan, Step, seal
from jotgraph.plan.order import before, ordered
from jotgraph.plan.protection import (
    Protection,
    over,
    services_unread,
    stopped,
    unread_names,
    with_undecided,
)
from jotgraph.plan.quarantine import quarantined
from jotgraph.plan.surroundings import fingerprint_in
from jotgraph.plan.titles import with_titles
from jotgraph.queries.orphans import orphans
from jotgraph.records import (
    Kind,
    Missing,
    ResourceId,
    Trigger,
    kind_of,
    name_of,
)


def plan_delete(
    graph: ResourceGraph,
    targets: Targets,
    *,
    now: datetime,
    asked: str = "plan delete",
    how: CascadeOptions | None = None,
    options: Options | None = None,
    protection: Protection | None = None,
    quarantine: bool = False,
) -> Plan:
    """Plan the deletion, or the quarantine, of named resources and of everything that goes with
    them.

    For a deployment every part that nothing else uses counts as named. Verdicts are those at the
    time of the scan, so an old inventory does not make anything older. ``now`` is when the plan is
    made.
    """
    options, how = options or Options(), how or CascadeOptions()
    meant = targets_of(graph, targets, how)
    spread = cascade(graph, meant, how, options, about(graph).taken_at)
    named = {target for target in meant if kind_of(target) in ACTIONS}
    protection = protection or Protection()
    protection = msgspec.structs.replace(protection, keep=protection.keep | how.keep)
    plan = build_plan(graph, spread, named, now, asked, options, protection)
    return seal(with_titles(graph, quarantined(graph, plan) if quarantine else plan))


def plan_cleanup(
    graph: ResourceGraph,
    *,
    now: datetime,
    asked: str = "plan cleanup",
    kinds: Collection[Kind] | None = None,
    older_than_days: float = 0,
    also: Mapping[ResourceId, Finding] | None = None,
    orphaned: bool = True,
    logs: bool = False,
    options: Options | None = None,
    protection: Protection | None = None,
    quarantine: bool = False,
) -> Plan:
    """Plan the deletion of every orphan of the kinds, and of ``also`` (such as broken functions,
    each with its finding).

    What goes with ``also`` is included; without ``orphaned`` only ``also`` is planned. A resource
    of unknown age is never old enough. Log groups are included only with ``logs``.
    """
    options, protection = options or Options(), protection or Protection()
    wanted = frozenset(ACTIONS) if kinds is None else frozenset(kinds)
    if not logs:
        wanted -= {Kind.LOG_GROUP}
    taken_at = about(graph).taken_at
    also = also or {}
    with_them = frozenset({Kind.TRIGGER, Kind.ALIAS, Kind.VERSION}) if also and not wanted else ()
    allowed = wanted | {kind_of(resource) for resource in also} | frozenset(with_them)
    how = CascadeOptions(only=allowed, keep=protection.keep, least_days=older_than_days, logs=logs)
    verdicts = orphans(graph, now=taken_at, options=options)
    if older_than_days:
        old = {judged.id for judged in verdicts.all() if how.old(judged)}
        also = {resource: finding for resource, finding in also.items() if resource in old}
    free = {
        orphan.id: orphan.because
        for orphan in (verdicts.orphans if orphaned else ())
        if orphan.kind in wanted and how.old(orphan) and orphan.id not in protection.keep
    }
    owned: dict[ResourceId, ResourceId] = {}
    for function in [resource for resource in free if kind_of(resource) is Kind.FUNCTION]:
        for part in parts(graph, function):
            if how.allow(part) and part not in free:
                free[part] = f"part of a function that nobody calls ({name_of(function)})"
                owned[part] = function
    spread = cascade(graph, also, how, options, taken_at, free)
    spread.cause.update(owned)
    words = {resource: f"{why.word}: {why.statement}" for resource, why in also.items()}
    spread.deleted.update(words)
    plan = build_plan(graph, spread, set(also), now, asked, options, protection, also)
    if orphaned:
        maybe = [judged for judged in verdicts.unknown if judged.kind in wanted and how.old(judged)]
        plan = with_undecided(plan, maybe)
    return seal(with_titles(graph, quarantined(graph, plan) if quarantine else plan))


def build_plan(
    graph: ResourceGraph,
    spread: Cascade,
    named: set[ResourceId],
    now: datetime,
    asked: str,
    options: Options,
    protection: Protection,
    stale: Mapping[ResourceId, Finding] = MappingProxyType({}),
) -> Plan:
    """Build the plan, without its digest, of everything selected except what is blocked or still
    used. ``stale`` has the findings that justify a step."""
    known = about(graph)
    own = own_doubts(graph, spread.deleted, options, known.taken_at)
    blocks = {
        resource: block
        for resource in spread.deleted
        if (block := stopped(graph, resource, own, protection, now, named))
    }
    needed, using = users(graph, spread.shared), uses(graph)
    deleted = _settle(spread.deleted, blocks, needed)
    while more := last_copies(graph, deleted, options, known.taken_at) | _spared(deleted, spread):
        blocks.update(more)
        deleted = _settle(deleted, blocks, needed)
    space = freed(index_of(graph), deleted)
    dollars = total(storage(index_of(graph), space).values()).dollars
    judged_of = Counter(map(kind_of, {*spread.rest, *spread.deleted}))
    judged = judged_of.total()
    unread = unread_names(deleted, own)
    undecided = services_unread(doubt for resource in spread.deleted for doubt in own[resource])
    return Plan(
        asked=asked,
        made_at=now,
        expires_at=min(now, known.taken_at) + LIFETIME,
        taken_at=known.taken_at,
        scope=with_coverage(known.scope),
        gaps=tuple(gap.written for gap in known.gaps),
        complete=not unread and not undecided,
        unread=unread,
        undecided=undecided,
        assumed=tuple(sorted(set(options.assume_no))),
        options=msgspec.convert(msgspec.to_builtins(options), Options),  # 1 is 1.0 in a file
        over=over(len(deleted), judged, protection.caps),
        steps=_steps(graph, deleted, spread.deleted, space, own, stale),
        without_copy=tuple(sorted(protection.without_copy & deleted.keys())),
        blocks=tuple(blocks[resource] for resource in sorted(blocks)),
        kept=kept(graph, deleted, blocks, spread, using),
        ecr_bytes=space.ecr,
        local_bytes=space.local,
        dollars_a_month=cents(dollars),
        at_most=space.ecr_at_most or space.local_at_most,
        judged=judged,
        judged_of=tuple(sorted(judged_of.items())),
    )


def _spared(deleted: Collection[ResourceId], spread: Cascade) -> dict[ResourceId, Block]:
    """Blocks on what would be deleted only along with something that is kept. An alias or trigger
    is not removed from a function that is blocked."""
    blocks = {}
    for resource in sorted(deleted):
        cause = spread.cause.get(resource)
        if cause is not None and cause in spread.deleted and cause not in deleted:
            because = f"it belongs to {name_of(cause)}, which is kept"
            blocks[resource] = Block(id=resource, because=because, by=(cause,))
    return blocks


def _settle(
    deleted: Mapping[ResourceId, str],
    blocks: dict[ResourceId, Block],
    needed: Mapping[ResourceId, tuple[ResourceId, ...]],
) -> dict[ResourceId, str]:
    """Remove what is blocked or still used by something that is kept, until nothing changes.
    Adds blocks for what was to be deleted and is not."""
    needs = defaultdict[ResourceId, list[ResourceId]](list)
    for resource in deleted:
        for user in needed.get(resource, ()):
            needs[user].append(resource)
    left = {resource: why for resource, why in deleted.items() if resource not in blocks}
    todo = sorted(deleted)
    while todo:
        stays = [resource for resource in todo if resource in left]
        todo = []
        for resource in stays:
            keepers = [user for user in needed.get(resource, ()) if user not in left]
            if keepers and resource in left:
                shown = ", ".join(_shown(user) for user in keepers[:3])
                more = f" and {len(keepers) - 3} more" if len(keepers) > 3 else ""
                blocks[resource] = Block(
                    id=resource, because=f"still used by {shown}{more}", by=tuple(keepers)
                )
                del left[resource]
                todo.extend(needs[resource])
    return left


def _shown(user: ResourceId) -> str:
    """The name of a user; a trigger's source, since nobody knows its id."""
    return f"trigger {name_of(user)}" if kind_of(user) is Kind.TRIGGER else name_of(user)


def _steps(
    graph: ResourceGraph,
    deleted: Mapping[ResourceId, str],
    reasons: Mapping[ResourceId, str],
    space: Freed,
    own: Mapping[ResourceId, tuple[Doubt, ...]],
    stale: Mapping[ResourceId, Finding],
) -> tuple[Step, ...]:
    needs, started = before(graph, deleted), starters(index_of(graph))
    steps = []
    for resource in ordered(needs):
        node = record(graph, resource)
        assert not isinstance(node, Missing)  # stopped() blocks what was not read
        steps.append(
            Step(
                id=resource,
                action=ACTIONS[kind_of(resource)],
                because=reasons[resource],
                after=needs[resource],
                fingerprint=fingerprint_in(graph, node, started),
                doubts=tuple(sorted({doubt.name for doubt in own.get(resource, ())})),
                bytes=space.by_image.get(resource),
                at_most=resource in space.bounds,
                finding=stale[resource].code if resource in stale else None,
                calls_nothing=isinstance(node, Trigger) and is_target_gone(index_of(graph), node),
            )
        )
    return tuple(steps)
