"""A graph and what was asked -> a sealed plan. Nothing here deletes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from fnmatch import fnmatchcase

import msgspec

from jotgraph.graph import ResourceGraph, about, dependencies, record, without
from jotgraph.plan.fingerprints import fingerprint
from jotgraph.plan.model import ACTIONS, LIFETIME, Block, Kept, Plan, Step, seal
from jotgraph.plan.order import before, ordered
from jotgraph.plan.spread import DOWNWARDS, Spread, Wishes, spread, users
from jotgraph.queries.orphans import orphans
from jotgraph.records import (
    Container,
    EcrRepository,
    Function,
    Kind,
    Missing,
    ResourceId,
    Role,
    kind_of,
)
from jotgraph.usage import Doubt, Estate, Options, doubts, uses
from jotgraph.usage.sizes import Freed, freed

PROTECT = "jotgraph:protect"
"""Tag of a function, repository or role; its value is a reason, or a date until which it holds."""

UNREAD = frozenset(
    {"gap", "runs-unread", "manifest-unread", "tag-unread", "policy-unread", "regions-unread"}
)
"""Doubts that come from something unread: they make a plan incomplete."""

FORBIDDEN = frozenset(
    {
        "managed",
        "edge",
        "role-service-linked",
        "role-trust",
        "role-instance-profile",
        "role-used-elsewhere",
        "outside-account",
        "only-copy",
        "copy-needed",
    }
)
"""Doubts that block even what was asked for by name, unless set aside by code."""


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """What may not be deleted, whatever else is said."""

    exclude: tuple[str, ...] = ()
    """Shell patterns against the id and against its last part."""
    kinds: frozenset[Kind] = frozenset()
    """Delete only these kinds; empty is every kind."""


def plan_delete(
    graph: ResourceGraph,
    targets: Collection[ResourceId],
    *,
    now: datetime,
    asked: str = "plan delete",
    wishes: Wishes | None = None,
    options: Options | None = None,
    guard: Guard | None = None,
) -> Plan:
    """Plan the deletion of named resources and of all that goes with them."""
    options = options or Options()
    found = spread(graph, targets, wishes or Wishes(), options, now)
    named = {each for each in targets if kind_of(each) in ACTIONS}
    return _plan(graph, found, named, now, asked, options, guard or Guard())


def plan_cleanup(
    graph: ResourceGraph,
    *,
    now: datetime,
    asked: str = "plan cleanup",
    kinds: Collection[Kind] | None = None,
    older_than_days: float = 0,
    also: Collection[ResourceId] = (),
    options: Options | None = None,
    guard: Guard | None = None,
) -> Plan:
    """Plan the deletion of every orphan of the kinds, and of ``also`` (say, broken functions) with
    what goes with those. An orphan whose age is unknown is not older than anything."""
    options = options or Options()
    wanted = frozenset(ACTIONS) if kinds is None else frozenset(kinds)
    judged = orphans(graph, now=now, options=options)
    free = {
        each.id: each.because
        for each in judged.orphans
        if each.kind in wanted and (not older_than_days or (each.age_days or 0) >= older_than_days)
    }
    allowed = wanted | {kind_of(each) for each in also}
    found = spread(graph, {*free, *also}, Wishes(only=allowed), options, now)
    found.going.update((each, why) for each, why in free.items() if each not in also)
    return _plan(graph, found, set(also), now, asked, options, guard or Guard())


def _plan(
    graph: ResourceGraph,
    found: Spread,
    named: set[ResourceId],
    now: datetime,
    asked: str,
    options: Options,
    guard: Guard,
) -> Plan:
    own = _doubts(graph, found.going, options, now)
    blocks = {
        each: why for each in found.going if (why := _stopped(graph, each, own, guard, now, named))
    }
    needed = users(graph)
    using = uses(Estate(graph))
    going = _settle(found.going, blocks, needed, using)
    space = freed(Estate(graph), going)
    known = about(graph)
    plan = Plan(
        asked=asked,
        made_at=now,
        expires_at=now + LIFETIME,
        taken_at=known.taken_at,
        scope=known.scope,
        gaps=known.gaps,
        complete=not any(doubt.code in UNREAD for each in going for doubt in own.get(each, ())),
        steps=_steps(graph, going, found.going, space),
        blocks=tuple(blocks[each] for each in sorted(blocks)),
        kept=_kept(graph, going, blocks, found, using),
        ecr_bytes=space.ecr,
        local_bytes=space.local,
        at_most=space.ecr_at_most or space.local_at_most,
        judged=len(found.rest) + len(found.going),
    )
    return seal(plan)


_CALLED = frozenset({Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.TRIGGER, Kind.CONTAINER})


def _doubts(
    graph: ResourceGraph, going: Collection[ResourceId], options: Options, now: datetime
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """Doubts of each resource; of what is run or assumed, those that its surviving users leave."""
    users = [each for each in going if kind_of(each) in _CALLED]
    survivors = doubts(Estate(without(graph, users)), options, now)
    return doubts(Estate(graph), options, now) | survivors


def _stopped(
    graph: ResourceGraph,
    resource: ResourceId,
    own: Mapping[ResourceId, tuple[Doubt, ...]],
    guard: Guard,
    now: datetime,
    named: Collection[ResourceId],
) -> Block | None:
    """The block on a resource for its own sake, whoever uses it."""
    found = record(graph, resource)
    if isinstance(found, Missing):
        where = "it is not where it should be" if found.looked else "it was not read"
        return Block(id=resource, because=f"{where}; nothing is deleted unseen")
    for pattern in guard.exclude:
        if fnmatchcase(resource, pattern) or fnmatchcase(_last(resource), pattern):
            return Block(id=resource, because=f"it matches the protected pattern {pattern}")
    if guard.kinds and kind_of(resource) not in guard.kinds:
        return Block(id=resource, because=f"only {', '.join(sorted(guard.kinds))} were asked for")
    if isinstance(found, Function | EcrRepository | Role):
        until = dict(found.tags or ()).get(PROTECT)
        if until is not None and not _past(until, now):
            return Block(id=resource, because=f"its tag {PROTECT} says {until or 'so'}")
    if isinstance(found, Container) and found.state not in ("created", "exited", "dead"):
        return Block(id=resource, because=f"it is {found.state}; stop it first")
    for doubt in own.get(resource, ()):
        if doubt.code in FORBIDDEN or (doubt.code in UNREAD and resource not in named):
            return Block(id=resource, because=f"{doubt.statement} [{doubt.code}]")
    return None


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
                shown = ", ".join(_last(user) for user in keepers[:3])
                more = f" and {len(keepers) - 3} more" if len(keepers) > 3 else ""
                blocks[each] = Block(
                    id=each, because=f"still used by {shown}{more}", by=tuple(keepers)
                )
                del left[each]
                todo.extend(using.get(each, ()))
    return left


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
                fingerprint=fingerprint(found),
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
        because = said.because if said else "it was not read, or it is no resource to delete"
        if said and said.verdict == "orphan":
            because = "not asked for"
        kept.append(Kept(id=each, because=because, by=said.witness[:-1] if said else ()))
    return tuple(kept)


def _past(until: str, now: datetime) -> bool:
    """Whether the value of a protect tag is a date that has passed."""
    try:
        day = datetime.fromisoformat(until)
    except ValueError:
        return False
    return (day if day.tzinfo else day.replace(tzinfo=now.tzinfo)) < now


def _last(resource: ResourceId) -> str:
    return resource.partition(":")[2].split("/", 2)[-1]
