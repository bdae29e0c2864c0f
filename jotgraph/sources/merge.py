"""Merges records and gaps of several reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from jotgraph.records import Gap, Record

R = TypeVar("R", bound=Record)

MANY = 20
"""Above this many equal gaps about single resources, one gap about the place replaces them."""


def fold(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Replace many gaps that differ only in resource and wording by one about the whole place,
    which hides at least as much. The result is sorted, without duplicates."""
    groups: dict[tuple[Any, ...], set[Gap]] = {}
    for gap in gaps:
        key = (gap.service, gap.action, gap.account, gap.region, gap.reason, gap.hides, gap.facts)
        groups.setdefault(key, set()).add(gap)
    folded: list[Gap] = []
    for group in groups.values():
        if len(group) <= MANY:
            folded.extend(group)
            continue
        first = min(group)
        folded.append(
            Gap(
                service=first.service,
                action=first.action,
                account=first.account,
                region=first.region,
                reason=first.reason,
                detail=f"{len(group):,} resources; the first: {first.detail}",
                hides=first.hides,
                facts=first.facts,
                option=first.option,
            )
        )
    return tuple(sorted(folded))


def by_id(records: Iterable[R]) -> tuple[R, ...]:
    """Sort records by id and drop duplicates, keeping the first."""
    records_by_id: dict[str, R] = {}
    for record in records:
        records_by_id.setdefault(record.id, record)
    return tuple(records_by_id[key] for key in sorted(records_by_id))
