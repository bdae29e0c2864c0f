"""Answers and targets -> a plan: what would be deleted, in order, and why. Nothing here deletes."""

from jotgraph.plan.cascade import Wishes
from jotgraph.plan.file import parse
from jotgraph.plan.fingerprints import fingerprint
from jotgraph.plan.model import Action, Block, Caps, Kept, Plan, Step, digest_of, seal
from jotgraph.plan.planner import plan_cleanup, plan_delete, plan_sweep
from jotgraph.plan.protection import Guard

__all__ = [
    "Action",
    "Block",
    "Caps",
    "Guard",
    "Kept",
    "Plan",
    "Step",
    "Wishes",
    "digest_of",
    "fingerprint",
    "parse",
    "plan_cleanup",
    "plan_delete",
    "plan_sweep",
    "seal",
]
