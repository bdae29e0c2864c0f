"""The finding behind a step, checked again right before the step is applied."""

from __future__ import annotations

from jotgraph.analysis.health import Code, findings
from jotgraph.analysis.health.table import TABLE
from jotgraph.graph import build
from jotgraph.plan.model import Step
from jotgraph.records import Inventory

FAULTS = (Code.BROKEN, Code.REFUSED, Code.FAILED, Code.ROLE_MISSING)
"""The ``stale`` findings that a cleanup acts on, beside *idle*."""


def fault_of(step: Step) -> Code | None:
    """Return the finding that put a function or version in the plan; calls are asked for each
    separately."""
    return step.finding if step.finding in FAULTS else None


def mended(step: Step, fresh: Inventory) -> str:
    """Return why a step is no longer justified, by what was just read of it, its image and its
    role; empty when it is."""
    code = fault_of(step)
    if code is None:
        return ""
    here = findings(build(fresh), step.id)
    if any(finding.known and finding.code is code for finding in here):
        return ""
    return f"the plan calls it {TABLE[code].word}, and it is not so now"
