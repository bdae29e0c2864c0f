"""A graph and what was asked -> a sealed plan. Nothing here deletes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from jotgraph.analysis.usage import Doubt, Estate, Options, doubts, uses
from jotgraph.analysis.usage.gaps import from_gaps
from jotgraph.analysis.usage.sizes import Freed, freed
from jotgraph.graph import ResourceGraph, about, dependencies, record, without
from jotgraph.links import Relation
from jotgraph.plan.cascade import DOWNWARDS, Spread, Wishes, parts, spread, users
from jotgraph.plan.fingerprints import fingerprint_in
from jotgraph.plan.model import ACTIONS, LIFETIME, Block, Kept, Plan, Step, seal
from jotgraph.plan.order import before, ordered
from jotgraph.plan.protection import Guard, over, stopped, unread_names, unread_tags
from jotgraph.plan.quarantine import quarantined
from jotgraph.queries.orphans import orphans
from jotgraph.records import ACTING, Kind, Missing, ResourceId, kind_of, name_of


def plan_delete(
    graph: ResourceGraph,
    targets: Collection[ResourceId],
    *,
    now: datetime,
    asked: str = "plan delete",
    wishes: Wishes | None = None,
    options: Options | None = None,
    guard: Guard | None = None,
    quarantine: bool = False,
) -> Plan:
    """Plan the deletion of named resources and of all that goes with them, or their quarantine.

    Verdicts hold at the time of the scan, whenever the plan is made: an old inventory does not
    make anything older than it was. ``now`` is when the plan is made.
    """
    options, wishes = options or Options(), wishes or Wishes()
    found = spread(graph, targets, wishes, options, about(graph).taken_at)
    named = {each for each in targets if kind_of(each) in ACTIONS}
    guard = guard or Guard()
    guard = msgspec.structs.replace(guard, keep=guard.keep | wishes.keep)
    made = _plan(graph, found, named, now, asked, options, guard)
    return seal(quarantined(graph, made) if quarantine else made)


def plan_cleanup(
    graph: ResourceGraph,
    *,
    now: datetime,
    asked: str = "plan cleanup",
    kinds: Collection[Kind] | None = None,
    older_than_days: float = 0,
    also: Mapping[ResourceId, str] | None = None,
    orphaned: bool = True,
    options: Options | None = None,
    guard: Guard | None = None,
    quarantine: bool = False,
) -> Plan:
    """Plan the deletion of every orphan of the kinds, and of ``also`` (say, broken functions; the
    reason of each) with what goes with those; of ``also`` alone when ``orphaned`` is false. What
    has no known age is not older than anything."""
    options, guard = options or Options(), guard or Guard()
    wanted = frozenset(ACTIONS) if kinds is None else frozenset(kinds)
    taken_at = about(graph).taken_at
    also = also or {}
    with_them = frozenset({Kind.TRIGGER, Kind.ALIAS, Kind.VERSION}) if also and not wanted else ()
    allowed = wanted | {kind_of(each) for each in also} | frozenset(with_them)
    wishes = Wishes(only=allowed, keep=guard.keep, least_days=older_than_days)
    judged = orphans(graph, now=taken_at, options=options)
    if older_than_days:
        old = {each.id for each in judged.all() if wishes.old(each)}
        also = {each: why for each, why in also.items() if each in old}
    free = {
        each.id: each.because
        for each in (judged.orphans if orphaned else ())
        if each.kind in wanted and wishes.old(each) and each.id not in guard.keep
    }
    owned: dict[ResourceId, ResourceId] = {}
    for function in [each for each in free if kind_of(each) is Kind.FUNCTION]:
        for each in parts(graph, function):
            if wishes.allow(each) and each not in free:
                free[each] = f"part of a function that nobody calls ({name_of(function)})"
                owned[each] = function
    found = spread(graph, also, wishes, options, taken_at, free)
    found.cause.update(owned)
    found.going.update(also)
    made = _plan(graph, found, set(also), now, asked, options, guard)
    return seal(quarantined(graph, made) if quarantine else made)


def plan_sweep(
    graph: ResourceGraph,
    ripe: Mapping[ResourceId, str],
    left: Mapping[ResourceId, str],
    runs: Mapping[ResourceId, str],
    *,
    now: datetime,
    asked: str = "sweep",
    options: Options | None = None,
    guard: Guard | None = None,
) -> Plan:
    """Plan the deletion of what is in quarantine long enough (with the reason, and the ``runs``
    that hold it), and of what a quarantine left to the sweep: that goes only along with its
    function. Nothing else goes, what anything else uses stays, and so does what is in doubt because
    something was not read. What is not ripe is in ``guard.stays``."""
    options, guard = options or Options(), guard or Guard()
    taken_at = about(graph).taken_at
    ripe = {each: why for each, why in ripe.items() if each in graph}
    stays = {each: why for each, why in guard.stays if each in graph}
    whose = {each: _function_of(graph, each) for each in left if each in graph}
    along = {
        each: left[each]
        for each, function in whose.items()
        if kind_of(each) not in _PARTS or function in ripe or function in stays
    }
    going = {**along, **ripe, **stays}
    others = frozenset(graph.nodes) - going.keys()
    found = spread(graph, going, Wishes(keep=others), options, taken_at)
    found.going.update(going)
    found.cause.update({each: function for each in along if (function := whose[each])})
    made = _plan(graph, found, set(), now, asked, options, guard)
    steps = (msgspec.structs.replace(e, held=runs.get(e.id, "")) for e in made.steps)
    return seal(msgspec.structs.replace(made, steps=tuple(steps)))


_PARTS = frozenset({Kind.VERSION, Kind.ALIAS})


def _function_of(graph: ResourceGraph, part: ResourceId) -> ResourceId | None:
    """The function that a version or alias is of."""
    return next(iter(dependencies(graph, part, Relation.PART_OF)), None)


def _plan(
    graph: ResourceGraph,
    found: Spread,
    named: set[ResourceId],
    now: datetime,
    asked: str,
    options: Options,
    guard: Guard,
) -> Plan:
    known = about(graph)
    own = _doubts(graph, found.going, options, known.taken_at)
    blocks = {
        each: why for each in found.going if (why := stopped(graph, each, own, guard, now, named))
    }
    needed, using = users(graph, found.shared), uses(Estate(graph))
    going = _settle(found.going, blocks, needed, using)
    while more := _precious(graph, going, options, known.taken_at) | _spared(going, found):
        blocks.update(more)
        going = _settle(going, blocks, needed, using)
    space = freed(Estate(graph), going)
    judged = len(found.rest) + len(found.going)
    unread = unread_names(going, own)
    return Plan(
        asked=asked,
        made_at=now,
        expires_at=min(now, known.taken_at) + LIFETIME,
        taken_at=known.taken_at,
        scope=known.scope,
        gaps=known.gaps,
        complete=not unread,
        unread=unread,
        over=over(len(going), judged, guard.caps),
        steps=_steps(graph, going, found.going, space),
        blocks=tuple(blocks[each] for each in sorted(blocks)),
        kept=_kept(graph, going, blocks, found, using),
        ecr_bytes=space.ecr,
        local_bytes=space.local,
        at_most=space.ecr_at_most or space.local_at_most,
        judged=judged,
    )


def _spared(going: Collection[ResourceId], found: Spread) -> dict[ResourceId, Block]:
    """Blocks on what was to go only along with something that stays: no alias or trigger is torn
    off a function that is blocked."""
    blocks = {}
    for each in sorted(going):
        cause = found.cause.get(each)
        if cause is not None and cause in found.going and cause not in going:
            because = f"{name_of(cause)} stays, which it belongs to, is kept"
            blocks[each] = Block(id=each, because=because, by=(cause,))
    return blocks


def _precious(
    graph: ResourceGraph, going: Collection[ResourceId], options: Options, now: datetime
) -> dict[ResourceId, Block]:
    """Blocks on local images of which the last other copy goes by this very plan."""
    local = [each for each in going if kind_of(each) is Kind.LOCAL_IMAGE]
    if not local:
        return {}
    others = [each for each in going if kind_of(each) is Kind.ECR_IMAGE]
    left = doubts(Estate(without(graph, others)), options, now)
    return {
        each: Block(
            id=each, because=f"the plan deletes its copies: {doubt.statement} [{doubt.code}]"
        )
        for each in sorted(local)
        for doubt in left.get(each, ())
        if doubt.code in ("only-copy", "copy-needed")
    }


def _doubts(
    graph: ResourceGraph, going: Collection[ResourceId], options: Options, now: datetime
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """Doubts of each resource; of what is run or assumed, those that its surviving users leave."""
    users = [each for each in going if kind_of(each) in ACTING]
    survivors = doubts(Estate(without(graph, users)), options, now)
    estate = Estate(graph)
    found = doubts(estate, options, now) | survivors
    for alias in estate.aliases:
        if alias.id in going:
            unread = estate.hiding(alias.place, "", Kind.TRIGGER)
            found[alias.id] = (*found.get(alias.id, ()), *from_gaps(unread, "a trigger"))
    if "tags-unread" not in options.ignore:
        for each in going:
            own = found.get(each, ())
            if all(doubt.code != "tags-unread" for doubt in own):
                found[each] = (*own, *unread_tags(graph, each))
    return found


def _settle(
    going: Mapping[ResourceId, str],
    blocks: dict[ResourceId, Block],
    needed: Mapping[ResourceId, tuple[ResourceId, ...]],
    using: Mapping[ResourceId, tuple[ResourceId, ...]],
) -> dict[ResourceId, str]:
    """Leave out what is blocked and what anything left still uses, until nothing changes. Blocks
    are added for what was to go and may not."""
    left = {each: why for each, why in going.items() if each not in blocks}
    todo = sorted(going)
    while todo:
        stays = [each for each in todo if each in left]
        todo = []
        for each in stays:
            keepers = [user for user in needed.get(each, ()) if user not in left]
            if keepers and each in left:
                shown = ", ".join(_told(user) for user in keepers[:3])
                more = f" and {len(keepers) - 3} more" if len(keepers) > 3 else ""
                blocks[each] = Block(
                    id=each, because=f"still used by {shown}{more}", by=tuple(keepers)
                )
                del left[each]
                todo.extend(using.get(each, ()))
    return left


def _told(user: ResourceId) -> str:
    """A user by name; a trigger's is no word that anybody knows."""
    return f"trigger {name_of(user)}" if kind_of(user) is Kind.TRIGGER else name_of(user)


def _steps(
    graph: ResourceGraph,
    going: Mapping[ResourceId, str],
    reasons: Mapping[ResourceId, str],
    space: Freed,
) -> tuple[Step, ...]:
    needs = before(graph, going)
    steps = []
    for each in ordered(needs):
        found = record(graph, each)
        assert not isinstance(found, Missing)  # _stopped blocks what was not read
        steps.append(
            Step(
                id=each,
                action=ACTIONS[kind_of(each)],
                because=reasons[each],
                after=needs[each],
                fingerprint=fingerprint_in(graph, found),
                bytes=space.each.get(each),
                at_most=each in space.bounds,
            )
        )
    return tuple(steps)


def _kept(
    graph: ResourceGraph,
    going: Collection[ResourceId],
    blocks: Collection[ResourceId],
    found: Spread,
    using: Mapping[ResourceId, tuple[ResourceId, ...]],
) -> tuple[Kept, ...]:
    """What the going things use and that survives, and because of whom."""
    touched = {
        target
        for source in going
        for target in (*using.get(source, ()), *dependencies(graph, source, *DOWNWARDS))
        if target not in going and target not in blocks
    }
    kept = []
    for each in sorted(touched):
        said = found.rest.get(each)
        because = said.because if said else _not_judged(graph, each)
        if said and said.verdict == "orphan":
            shared = each in found.shared
            because = "an index that stays lists it too" if shared else "not asked for"
        kept.append(Kept(id=each, because=because, by=said.witness[:-1] if said else ()))
    return tuple(kept)


def _not_judged(graph: ResourceGraph, resource: ResourceId) -> str:
    """Why a resource that has no verdict is not deleted."""
    node = record(graph, resource) if resource in graph else None
    if isinstance(node, Missing):
        return "already gone" if node.looked else "it was not read"
    return "not a resource to delete" if node else "it was not read"
