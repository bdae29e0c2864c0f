"""The types of assumptions about AWS and of their checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jotgraph.doctor.samples import Samples
from jotgraph.queries.answers.diagnosis import Assumption, ExaminationResult, Words

_SHOWN = 5
"""The most counterexamples that are shown."""


@dataclass(frozen=True)
class SampleCheck:
    """How many samples were checked, and the counterexamples."""

    samples: int
    wrong: tuple[Words, ...] = ()
    why_not: str = "nothing of this kind was answered"
    """Why there is no sample."""


Check = Callable[[Samples], SampleCheck]


@dataclass(frozen=True)
class AssumptionRule:
    """One assumption, and its check."""

    id: str
    claim: str
    used_in: str
    check: Check


def outcome(checked: Iterable[Words | None], why_not: str = "") -> SampleCheck:
    """Return the outcome of checking samples; None marks one for which it holds."""
    results = tuple(checked)
    wrong = tuple(dict.fromkeys(result for result in results if result is not None))
    return SampleCheck(len(results), wrong, why_not or SampleCheck(0).why_not)


def only_by(what: str) -> Check:
    """Return a check that cannot be made by reading."""
    return lambda samples: SampleCheck(0, (), f"only {what} would show it")


def assumption(rule: AssumptionRule, outcome: SampleCheck) -> Assumption:
    """Return an assumption with the result of its check."""
    good = ExaminationResult.HOLDS if outcome.samples else ExaminationResult.UNTRIED
    return Assumption(
        id=rule.id,
        claim=rule.claim,
        used_in=rule.used_in,
        result=ExaminationResult.FAILS if outcome.wrong else good,
        samples=outcome.samples,
        details=_details(outcome),
    )


def _details(outcome: SampleCheck) -> tuple[Words, ...]:
    if not outcome.samples and not outcome.wrong:
        return (Words(outcome.why_not),)
    more: Sequence[Words] = ()
    if len(outcome.wrong) > _SHOWN:
        more = (Words(f"and {len(outcome.wrong) - _SHOWN:,} more"),)
    return (*outcome.wrong[:_SHOWN], *more)
