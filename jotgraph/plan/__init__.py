"""Plans for deletion: what would be deleted, in order, and why. Nothing here deletes."""

from jotgraph.plan.cascade import CascadeOptions
from jotgraph.plan.file import parse
from jotgraph.plan.fingerprints import fingerprint
from jotgraph.plan.limits import Limits
from jotgraph.plan.model import Action, Block, Caps, Kept, Plan, Step, plan_digest, seal
from jotgraph.plan.planner import plan_cleanup, plan_delete
from jotgraph.plan.protection import Protection
from jotgraph.plan.sweep import plan_sweep

__all__ = [
    "Action",
    "Block",
    "Caps",
    "CascadeOptions",
    "Kept",
    "Limits",
    "Plan",
    "Protection",
    "Step",
    "fingerprint",
    "parse",
    "plan_cleanup",
    "plan_delete",
    "plan_digest",
    "plan_sweep",
    "seal",
]
