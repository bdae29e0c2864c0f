"""Why something broken is in a plan, found once more when it is about to go."""

from __future__ import annotations

from jotgraph.analysis.health import Code, findings
from jotgraph.analysis.health.table import TABLE
from jotgraph.graph import build
from jotgraph.plan.model import Step
from jotgraph.records import Inventory

FAULTS = (Code.BROKEN, Code.REFUSED, Code.FAILED, Code.ROLE_MISSING)
"""What a cleanup takes of ``stale``, beside what nobody calls."""


def fault_of(step: Step) -> Code | None:
    """The fault for whose sake a function or version is in the plan; calls are asked of each
    apart."""
    return step.finding if step.finding in FAULTS else None


def mended(step: Step, fresh: Inventory) -> str:
    """Why something stays that the plan calls broken and that is not so by what was read of it, of
    its image and of its role just now; empty when it is."""
    code = fault_of(step)
    if code is None:
        return ""
    here = findings(build(fresh), step.id)
    if any(finding.known and finding.code is code for finding in here):
        return ""
    return f"the plan calls it {TABLE[code].word}, and it is not so now"
