"""Checks that decide whether a plan may be applied at all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from jotgraph.errors import ApplyError, CallFailedError, PlanError, StalePlanError
from jotgraph.plan import Limits, Plan, plan_digest
from jotgraph.plan.doubts import unread_of
from jotgraph.plan.limits import exceeded, first_pattern, forbidden, outside_scope
from jotgraph.plan.model import LIFETIME
from jotgraph.plan.names import wrong
from jotgraph.records import LOCAL, account_of, kind_of
from jotgraph.sources.connections import Connections, ask_engine
from jotgraph.sources.docker import engine_name


def accounts(plan: Plan) -> tuple[str, ...]:
    """Return the accounts in which a plan deletes something."""
    return tuple(sorted({account_of(step.id) for step in plan.steps} - {""}))


def check(
    plan: Plan,
    connections: Connections,
    now: datetime,
    accept_gaps: Collection[str],
    limits: Limits,
) -> None:
    """Raise unless a plan may be applied here.

    PlanError: it was edited, names what no genuine plan names, exceeds a cap or this side's limits,
    or is incomplete and not every gap is accepted by name. StalePlanError: it has expired.
    ApplyError: an account that it deletes in, or where its images could be used, is not signed in
    to, or it was made for another engine.
    """
    if plan.digest != plan_digest(plan):
        raise PlanError("the plan was edited since it was made; make a new one")
    if trouble := wrong(plan.steps) or outside_scope(plan):
        raise PlanError(f"not a plan that jotgraph makes: {trouble}")
    _in_time(plan, now)
    if plan.over:
        raise PlanError(f"the plan exceeds its limit: {plan.over}")
    if more := exceeded(plan, limits):
        raise PlanError(f"the plan is larger than you allow: {more}")
    if step := forbidden(plan, limits):
        raise PlanError(f"your limits do not allow {step}")
    _require_accepted(plan, (*accept_gaps, *limits.accept_gaps))
    _require_accounts(plan, connections)
    if any(kind_of(step.id) in LOCAL for step in plan.steps):
        _require_same_engine(plan, connections)


def _require_accepted(plan: Plan, accepted: Collection[str]) -> None:
    """Raise PlanError unless everything unread that could change the plan is accepted by name.
    Whether the plan is complete is derived from its steps and lists, not from its own statement."""
    needed = unread_of(plan)
    if pattern := first_pattern(accepted):
        named = " ".join(f"--accept-gaps {gap}" for gap in needed)
        instead = f": {named}" if named else ", and this plan needs none"
        raise PlanError(f"--accept-gaps takes names, and {pattern} is a pattern{instead}")
    unread = [gap for gap in needed if gap not in accepted]
    if unread or plan.complete != (not needed and not plan.undecided):
        named = " ".join(f"--accept-gaps {gap}" for gap in unread)
        raise PlanError(f"the plan is incomplete: what was not read could change it; {named}")


def _require_accounts(plan: Plan, connections: Connections) -> None:
    """Raise ApplyError unless every account is signed in to that it deletes in, or where its images
    could be used."""
    wanted = set(accounts(plan))
    if not wanted:
        return
    wanted |= {account for account, _ in plan.scope.places}
    if absent := sorted(wanted - connections.accounts.keys()):
        why = f" ({'; '.join(connections.unidentified)})" if connections.unidentified else ""
        raise ApplyError(
            f"account {', '.join(absent)} of the plan is not signed in to{why}; pass its "
            "--profile, or --role-arn 'arn:aws:iam::{account}:role/NAME'"
        )


def _in_time(plan: Plan, now: datetime) -> None:
    """Recompute when a plan expires; do not trust what its file says."""
    ends = min(plan.expires_at, min(plan.made_at, plan.taken_at) + LIFETIME)
    if now >= ends:
        raise StalePlanError(
            f"the plan expired {ends:%Y-%m-%d %H:%M} UTC: it is from a scan of "
            f"{plan.taken_at:%H:%M} UTC; make a new plan"
        )
    if max(plan.made_at, plan.taken_at) > now:
        raise PlanError("the plan is from the future; check this machine's clock")


def _require_same_engine(plan: Plan, connections: Connections) -> None:
    try:
        engine = engine_name(ask_engine(connections.docker().info))
    except CallFailedError as error:
        raise ApplyError(f"the Docker engine does not answer: {error.failure.message}") from error
    if plan.scope.engine and engine != plan.scope.engine:
        raise ApplyError(
            f"the plan was made of the Docker engine of {plan.scope.engine}, and this is that of "
            f"{engine}; set DOCKER_HOST"
        )
