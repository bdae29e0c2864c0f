"""Roles that nobody may assume: their trust policy is replaced by one that only denies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from jotgraph.analysis.usage.quarantine import DENY_ALL, QUARANTINED, denied
from jotgraph.apply.quarantine.hand import Hand
from jotgraph.apply.quarantine.snapshot import facts
from jotgraph.apply.run import Run, back_up, require_same
from jotgraph.plan import Step, fingerprint
from jotgraph.plan.fingerprints import LAST_REGION
from jotgraph.plan.outcome import NotProven, Refused
from jotgraph.records import Function, Role, Version
from jotgraph.records.references import role_of
from jotgraph.sources.aws.roles import document, exact_trust
from jotgraph.sources.single import configurations, read
from jotgraph.store.holdings import Holding, hold, holding


def deny(run: Run, hand: Hand, step: Step, asleep: Callable[[Function | Version], bool]) -> str:
    """Mark a role, deny everybody its trust, and look once more that nothing assumes it.

    Raises Refused, NotProven, CallFailedError; the caller puts back what is held then.
    """
    _look(run, hand, step, asleep)
    back_up(run, step.id)
    found = _look(run, hand, step, asleep)
    place, name = hand.place(step.id), found.name
    if holding(hand.journal, step.id) is None:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        before = {
            "trust": exact_trust(place, name),
            "role-id": found.role_id,
            "mark": f"{hand.journal.folder.name} {since}",
        }
        if document(before["trust"]) != found.trust:
            raise Refused("its trust policy changes at this moment")
        hold(hand.journal, step.id, before)
    held = holding(hand.journal, step.id)
    assert held is not None
    mark = held.before["mark"]
    if dict(found.tags).get(QUARANTINED) != mark:
        tags = [{"Key": QUARANTINED, "Value": mark}]
        hand.call(step.id, "iam", "TagRole", RoleName=name, Tags=tags)
    if not denied(found.trust):
        hand.call(step.id, "iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=DENY_ALL)
    if not hand.wait(lambda: _denied(run, step)):
        raise NotProven("its trust policy was replaced, and does not look so")
    fresh = _look(run, hand, step, asleep)
    hand.journal.add("held", steps=(step.id,), params=facts(fresh))
    return "nobody may assume it"


def _denied(run: Run, step: Step) -> bool:
    found = read(run.world, step.id)
    return isinstance(found, Role) and denied(found.trust)


def _look(run: Run, hand: Hand, step: Step, asleep: Callable[[Function | Version], bool]) -> Role:
    """The role, unchanged but for what this run did, and assumed by nothing that is awake."""
    found = read(run.world, step.id)
    if found is None:
        raise Refused("it is gone")
    assert isinstance(found, Role)
    held = holding(hand.journal, step.id)
    require_same(step, found, ours=_ours(found) if held else {})
    mark = dict(found.tags).get(QUARANTINED)
    if mark and (held is None or mark != held.before["mark"]):
        raise Refused(f"it is in quarantine already ({mark})")
    _require_unused(run, found, held)
    places = [where for each, where in run.plan.scope.places if each == found.account]
    planned = dict(step.fingerprint).get(LAST_REGION, "")
    if planned != found.last_used_region and found.last_used_region not in places:
        raise Refused(f"it was used in {found.last_used_region}, not in the plan's scope")
    for where in places:
        for each in configurations(run.world, found.account, where):
            if role_of(each.role_arn) == step.id and not asleep(each):
                raise Refused(f"{each.id.partition(':')[0]} {each.name} in {where} assumes it now")
    return found


def _require_unused(run: Run, found: Role, held: Holding | None) -> None:
    since = held.since if held else run.plan.taken_at
    if found.last_used_at and found.last_used_at > min(since, run.plan.taken_at):
        raise Refused(f"it was used after the world was read ({found.last_used_at:%H:%M} UTC)")


def _ours(found: Role) -> dict[str, list[str]]:
    """The trust that this run gave it."""
    return {"trust": [dict(fingerprint(found))["trust"]]} if denied(found.trust) else {}
