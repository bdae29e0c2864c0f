"""Amounts in gaps of snapshots that state them in their detail alone."""

from __future__ import annotations

import re

import msgspec

from jotgraph.records import Gap
from jotgraph.records.gaps import Amount

_COUNTED = re.compile(
    r"(?P<before>(?:layers|details|states|tags) of )(?P<number>\d[\d,]*)"
    r"(?: of (?P<whole>\d[\d,]*)(?= functions and versions$)"
    r"| (?P<noun>image)s? of (?P<place>\S+)(?= that nothing runs$| in ECR's archive$)"
    r"| (?P<functions>(?:unchanged )?function)s?(?=$))"
    r"(?P<after>.*)"
)


def with_amount(gap: Gap) -> Gap:
    """Return a gap with its amount, if an older detail states one."""
    failed = gap.asked and not gap.pending
    match = None if gap.amount or failed else _COUNTED.fullmatch(gap.detail)
    if match is None:
        return gap
    amount = Amount(
        form=f"{match['before']}{{}}{match['after']}",
        number=_number(match["number"]),
        noun=match["noun"] or match["functions"] or "",
        whole=_number(match["whole"] or "0"),
        place=match["place"] or "",
    )
    return msgspec.structs.replace(gap, amount=amount) if amount.words == gap.detail else gap


def _number(text: str) -> int:
    return int(text.replace(",", ""))
