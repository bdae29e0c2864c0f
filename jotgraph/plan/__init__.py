"""Answers and targets -> a plan: what would be deleted, in order, and why. Nothing here deletes."""

from jotgraph.plan.fingerprints import fingerprint
from jotgraph.plan.make import Guard, plan_cleanup, plan_delete
from jotgraph.plan.model import Action, Block, Kept, Plan, Step, digest_of, seal
from jotgraph.plan.spread import Wishes

__all__ = [
    "Action",
    "Block",
    "Guard",
    "Kept",
    "Plan",
    "Step",
    "Wishes",
    "digest_of",
    "fingerprint",
    "plan_cleanup",
    "plan_delete",
    "seal",
]
