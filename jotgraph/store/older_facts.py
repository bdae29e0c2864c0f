"""Gaps for facts that a snapshot's program did not yet read, and that verdicts rest on today."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from jotgraph.records import Gap


class _LaterFact(NamedTuple):
    """A fact that scans read since some version."""

    service: str
    action: str
    fact: str
    words: str


_LATER = (
    _LaterFact("ecr", "DescribePullThroughCacheRules", "upstreams",
               "which repositories of ECR pull-through cache rules fetch from"),
    _LaterFact("lambda", "ListFunctions", "custom-runtime",
               "which functions run on a runtime that is made of an image"),
    _LaterFact("lambda", "ListVersionsByFunction", "capacity-provider",
               "which versions run on a capacity provider"),
    _LaterFact("lambda", "ListVersionsByFunction", "durable-seconds",
               "in which versions a durable execution may wait"),
    _LaterFact("iam", "GetAccountAuthorizationDetails", "invokes",
               "which versions inline policies of roles name"),
)  # fmt: skip

FACTS = tuple(later.fact for later in _LATER)
"""What a snapshot says its program read; an older one says less, or nothing."""


def gaps_of(facts: Iterable[str]) -> tuple[Gap, ...]:
    """Return a gap for each fact that the program of a snapshot did not read."""
    read = frozenset(facts)
    return tuple(
        Gap(
            service=later.service,
            action=later.action,
            reason="left-out",
            detail=f"{later.words}: an earlier jotgraph took the snapshot; scan again",
            facts=(later.fact,),
        )
        for later in _LATER
        if later.fact not in read
    )
