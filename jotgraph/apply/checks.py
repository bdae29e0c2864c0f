"""A plan, the world and the time -> nothing, or why the plan may not be applied at all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fnmatch import fnmatchcase

from jotgraph.apply.world import World
from jotgraph.errors import ApplyError, PlanError, StalePlanError
from jotgraph.plan import Plan, digest_of
from jotgraph.records import Kind, kind_of

_LOCAL = frozenset({Kind.LOCAL_IMAGE, Kind.CONTAINER})


def accounts(plan: Plan) -> tuple[str, ...]:
    """Accounts in which the plan deletes something."""
    found = {
        each.id.partition(":")[2].partition("/")[0]
        for each in plan.steps
        if kind_of(each.id) not in _LOCAL
    }
    return tuple(sorted(found))


def check(plan: Plan, world: World, now: datetime, accept_gaps: Collection[str]) -> None:
    """Raise PlanError for a plan that was edited, exceeds a cap, is incomplete without every
    unread thing accepted by name, StalePlanError for one that has expired, ApplyError when an
    account that it deletes in, or where a user of its images could be, is not signed in to."""
    if plan.digest != digest_of(plan):
        raise PlanError("the plan was edited since it was made; make another one")
    if now >= plan.expires_at:
        raise StalePlanError(
            f"the plan expired {plan.expires_at:%Y-%m-%d %H:%M} UTC: the world was read "
            f"{plan.taken_at:%H:%M} UTC and may have moved; make another one"
        )
    if plan.made_at > now:
        raise PlanError("the plan is from the future; look at this machine's clock")
    if plan.over:
        raise PlanError(f"the plan exceeds its cap: {plan.over}")
    unread = [
        each for each in plan.unread if not any(fnmatchcase(each, name) for name in accept_gaps)
    ]
    if not plan.complete and (unread or not plan.unread):
        named = " ".join(f"--accept-gaps {each}" for each in unread)
        raise PlanError(f"the plan is incomplete: what was not read could change it; {named}")
    wanted = accounts(plan)
    if wanted:
        absent = sorted(({*wanted} | {each for each, _ in plan.scope.places}) - world.homes.keys())
        if absent:
            raise ApplyError(
                f"account {', '.join(absent)} of the plan is not signed in to; pass its --profile"
            )
    if any(kind_of(each.id) in _LOCAL for each in plan.steps):
        world.docker()
