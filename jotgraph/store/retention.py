"""Which snapshots to keep, by rules like those of backup tools.

A rule for a period keeps the newest snapshot of each of the newest N periods that have one, like
restic and borg; periods are in UTC, weeks as in ISO 8601. A snapshot is kept if one rule keeps it,
or if it was stored last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from jotgraph.records.phrases import span


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How many snapshots each rule keeps; 0 for a rule that keeps none."""

    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    within: float = 0
    """Days before the newest one."""

    @property
    def any(self) -> bool:
        """Return whether any rule is set."""
        return any(getattr(self, name) for name in self.__struct_fields__)


PERIODS: Mapping[str, Callable[[datetime], Any]] = MappingProxyType(
    {
        "hourly": lambda at: (at.date(), at.hour),
        "daily": lambda at: at.date(),
        "weekly": lambda at: at.isocalendar()[:2],
        "monthly": lambda at: (at.year, at.month),
        "yearly": lambda at: at.year,
    }
)


def kept(taken: Iterable[tuple[int, datetime]], rules: Rules) -> dict[int, str]:
    """Return the snapshots to keep, given by number and time, each with the rules that keep it."""
    newest_first = sorted(taken, key=lambda snapshot: (snapshot[1], snapshot[0]), reverse=True)
    reasons: dict[int, list[str]] = {}
    for number in sorted(number for number, _ in newest_first)[-1:]:
        reasons[number] = ["the newest"]  # whatever its time: the next one lies on it
    for number, _ in newest_first[: rules.last]:
        reasons.setdefault(number, []).append(f"one of the last {rules.last}")
    for rule, period_of in PERIODS.items():
        for number in _by_period(newest_first, period_of, getattr(rules, rule)):
            reasons.setdefault(number, []).append(rule)
    for number, at in newest_first if rules.within else ():
        if newest_first[0][1] - at <= timedelta(days=rules.within):
            reasons.setdefault(number, []).append(f"within {span(rules.within)} of the newest")
    return {number: ", ".join(words) for number, words in reasons.items()}


def _by_period(
    newest_first: Iterable[tuple[int, datetime]], period_of: Callable[[datetime], Any], most: int
) -> list[int]:
    chosen: dict[Any, int] = {}
    for number, at in newest_first:
        if len(chosen) < most:
            chosen.setdefault(period_of(at), number)
        else:
            break
    return list(chosen.values())
