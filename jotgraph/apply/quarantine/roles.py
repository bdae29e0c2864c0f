"""Puts roles in quarantine: their trust policy is replaced by one that denies everybody."""

from __future__ import annotations

from datetime import UTC, datetime

from jotgraph.apply.image_batch import Asleep
from jotgraph.apply.quarantine.restore import OURS
from jotgraph.apply.quarantine.tagging import mark, mark_facts
from jotgraph.apply.role_look import require_unassumed
from jotgraph.apply.run import Run, back_up, require_same
from jotgraph.errors import NotProvenError, RefusedError
from jotgraph.plan import Step, fingerprint
from jotgraph.plan.held import facts_of
from jotgraph.records import Role
from jotgraph.records.quarantine import DENY_ALL, QUARANTINED, denied
from jotgraph.sources.aws.roles import document, exact_trust
from jotgraph.store.holdings import Holding, hold, holding


def deny(run: Run, step: Step, asleep: Asleep) -> str:
    """Mark a role, replace its trust policy, and check again that nothing assumes it. Raises
    RefusedError, NotProvenError, CallFailedError; the caller then restores it."""
    session = run.session
    back_up(run, step, _look(run, step, asleep))
    role = _look(run, step, asleep)
    name, before = role.name, _hold(run, step, role).before
    mark(session, step.id, role.tags, before)
    if not denied(role.trust):
        if exact_trust(session.client(step.id), name) != before["trust"]:
            raise RefusedError("its trust policy is being changed")
        session.call(
            (step.id,), "iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=DENY_ALL
        )
    if not session.wait(lambda: _denied(run, step)):
        raise NotProvenError("its trust policy was replaced, which could not be verified")
    role = _look(run, step, asleep)
    mark_facts(session, step.id, role.tags, facts_of(role))
    session.journal.add("held", steps=(step.id,), params=facts_of(role))
    return "trust policy denies everyone"


def _hold(run: Run, step: Step, role: Role) -> Holding:
    """Record the state of a role before it is changed."""
    earlier = holding(run.journal, step.id)
    if earlier is not None:
        return earlier
    since = datetime.now(UTC).isoformat(timespec="seconds")
    trust = exact_trust(run.session.client(step.id), role.name)
    if document(trust) != role.trust:
        raise RefusedError("its trust policy is being changed")
    mark = f"{run.session.run} {since}"
    return hold(run.journal, step.id, {"trust": trust, "role-id": role.role_id, "mark": mark})


def _denied(run: Run, step: Step) -> bool:
    role = run.session.read(step.id)
    return isinstance(role, Role) and denied(role.trust)


def _look(run: Run, step: Step, asleep: Asleep) -> Role:
    """The role, unchanged except by this run, and assumed by nothing outside of quarantine."""
    role = run.session.read(step.id)
    if role is None:
        raise RefusedError("it is gone")
    assert isinstance(role, Role)
    earlier = holding(run.journal, step.id)
    require_same(step, role, ours=_ours(role) if earlier else {})
    if earlier and earlier.after and not denied(role.trust):
        raise RefusedError("its trust policy was put back since it was put in quarantine")
    marked = dict(role.tags).get(QUARANTINED)
    if marked and (earlier is None or marked != earlier.before["mark"]):
        raise RefusedError(f"already in quarantine ({marked})")
    require_unassumed(run, step, role, OURS if earlier else (), asleep)
    return role


def _ours(role: Role) -> dict[str, list[str]]:
    """The trust policy that this run set."""
    return {"trust": [dict(fingerprint(role))["trust"]]} if denied(role.trust) else {}
