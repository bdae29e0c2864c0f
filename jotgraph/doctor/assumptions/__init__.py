"""What the program relies on that no emulator can prove: one table, each entry with its check."""

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
"""Every assumption but that on pulls, which takes a call that is a pull (``doctor.pulls``)."""


def checked(samples: Samples) -> tuple[Assumption, ...]:
    """Each assumption with what the samples say of it."""
    return tuple(assumption(rule, rule.check(samples)) for rule in RULES)
