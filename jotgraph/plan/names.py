"""An id -> whether a step may be about it: a plan file is input, and its names end up in calls."""

from __future__ import annotations

import re

from jotgraph.plan.model import ACTIONS, QUARANTINES, Step
from jotgraph.records import Kind, ResourceId

_PLACE = r"[0-9]{12}/[a-z]{2,}(?:-[a-z]+)+-[0-9]+"
_FUNCTION = r"[A-Za-z0-9_-]{1,140}"
_SHAPES = {
    Kind.TRIGGER: rf"{_PLACE}/[0-9A-Za-z-]{{1,64}}",
    Kind.ALIAS: rf"{_PLACE}/{_FUNCTION}:(?![0-9]+\Z)[A-Za-z0-9_-]{{1,128}}",
    Kind.VERSION: rf"{_PLACE}/{_FUNCTION}:[0-9]{{1,20}}",
    Kind.FUNCTION: rf"{_PLACE}/{_FUNCTION}",
    Kind.ECR_REPO: rf"{_PLACE}/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*",
    Kind.ECR_IMAGE: rf"{_PLACE}/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*@sha256:[0-9a-f]{{64}}",
    Kind.ROLE: r"[0-9]{12}/(?:[!-.0-~]{1,510}/)*[A-Za-z0-9_+=,.@-]{1,64}",
    Kind.CONTAINER: r"[0-9a-f]{12,64}",
    Kind.LOCAL_IMAGE: r"sha256:[0-9a-f]{64}",
}
"""Names as Lambda, ECR, IAM and Docker allow them (their API references)."""


def wrong(steps: tuple[Step, ...]) -> str:
    """In words, why these steps are no plan of this program; empty when they are."""
    seen: set[ResourceId] = set()
    there = {each.id for each in steps}
    for step in steps:
        kind, _, key = step.id.partition(":")
        shape = _SHAPES.get(Kind(kind)) if kind in set(Kind) else None
        if shape is None or not re.fullmatch(shape, key):
            return f"{step.id!r} is no name of anything that is deleted"
        if step.action not in (ACTIONS[Kind(kind)], QUARANTINES.get(Kind(kind))):
            return f"{step.action} is not done to {kind} {key}"
        if step.id in seen:
            return f"{step.id} is there twice"
        if not there.issuperset(step.after):
            return f"{step.id} waits for what is not in the plan"
        seen.add(step.id)
    return ""
