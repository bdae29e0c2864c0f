"""Why something broken is in a plan, found once more when it is about to go."""

from __future__ import annotations

from jotgraph.analysis.health import Code, findings
from jotgraph.analysis.health.table import TABLE
from jotgraph.graph import build
from jotgraph.plan.model import Step
from jotgraph.records import Inventory, Kind, kind_of

FAULTS = (Code.BROKEN, Code.REFUSED, Code.FAILED, Code.ROLE_MISSING)
"""What a cleanup takes of ``stale``, beside what nobody calls: calls are asked of each apart."""


def fault_of(step: Step) -> Code | None:
    """The fault for whose sake a function or version is in the plan: its reason begins with the
    word of the finding."""
    if kind_of(step.id) not in (Kind.FUNCTION, Kind.VERSION):
        return None
    word = step.because.partition(":")[0]
    return next((code for code in FAULTS if TABLE[code].word == word), None)


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
