"""Assumptions that no emulator can prove, in one table with their checks."""

from __future__ import annotations

from jotgraph.doctor.assumptions import elsewhere, functions, registry, wire
from jotgraph.doctor.assumptions.model import AssumptionRule, assumption
from jotgraph.doctor.samples import Samples
from jotgraph.queries.answers.diagnosis import Assumption

__all__ = ["RULES", "checked"]

RULES: tuple[AssumptionRule, ...] = (
    *functions.RULES,
    *registry.RULES,
    *elsewhere.RULES,
    *wire.RULES,
)
"""Every assumption except that on pulls, whose check makes a pull (``doctor.pulls``)."""


def checked(samples: Samples) -> tuple[Assumption, ...]:
    """Return each assumption with the result of its check."""
    return tuple(assumption(rule, rule.check(samples)) for rule in RULES)
