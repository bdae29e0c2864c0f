"""Checks an inventory against a policy file, as a gate for continuous integration."""

from __future__ import annotations

from jotgraph.policy_check.policy import (
    MustContain,
    Policy,
    RequireTested,
    parse_policy,
    read_policy,
)
from jotgraph.policy_check.rules import check, rules_of

__all__ = [
    "MustContain",
    "Policy",
    "RequireTested",
    "check",
    "parse_policy",
    "read_policy",
    "rules_of",
]
