"""Validates the resources in a plan file, whose names end up in API calls."""

from __future__ import annotations

from jotgraph.plan.model import ACTIONS, QUARANTINES, Step
from jotgraph.records import ResourceId, is_id, key_of, kind_of


def wrong(steps: tuple[Step, ...]) -> str:
    """Return why these steps cannot come from this program; empty when they can."""
    seen: set[ResourceId] = set()
    there = {step.id for step in steps}
    for step in steps:
        if not is_id(step.id) or (kind := kind_of(step.id)) not in ACTIONS:
            return f"{step.id!r} is not the name of something that can be deleted"
        if step.action not in (ACTIONS[kind], QUARANTINES.get(kind)):
            return f"{step.action} cannot be done to {kind} {key_of(step.id)}"
        if step.id in seen:
            return f"{step.id} is listed twice"
        if not there.issuperset(step.after):
            return f"{step.id} waits for something that is not in the plan"
        seen.add(step.id)
    return ""
