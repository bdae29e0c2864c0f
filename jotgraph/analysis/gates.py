"""Gaps that keep a gate from passing: a service that it needs was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jotgraph.analysis.coverage import NO_ACCOUNT
from jotgraph.analysis.usage.gaps import gap_words
from jotgraph.analysis.usage.model import OUTSIDE, UNREAD, Doubt
from jotgraph.graph import About
from jotgraph.records import JUDGED, Gap, Kind
from jotgraph.records.gaps import hidden_kinds
from jotgraph.records.kinds import LOCAL

STANDING = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.ECR_IMAGE, Kind.ROLE)
"""Kinds that decide whether something running is out of date or broken."""
DEPLOYED = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.ECR_IMAGE)
"""Kinds that decide what contains a commit."""
RUNNING = (*DEPLOYED, Kind.WORKLOAD)
"""Kinds that decide which images run."""
IN_AWS = tuple(kind for kind in JUDGED if kind not in LOCAL)
"""Kinds of verdicts when none are named. A missing engine hides local images alone, which few gates
are about."""

_STATE = frozenset({"deployed-tag", "image-uri", "state", "*"})
"""Facts of functions without which their image and health are unknown."""
_REFRESH = "--refresh"
"""The option whose absence makes a second scan read less than the first."""
_BY_CHOICE = frozenset({"regions-unread"})
"""Doubts about what a scan was told to leave out, which defines the scope of a gate."""


def unread(about: About, kinds: Iterable[Kind]) -> tuple[str, ...]:
    """Return why a gate about these kinds cannot pass, sorted; empty if all that it needs was
    read."""
    if not about.scope.accounts:
        return (NO_ACCOUNT,)
    needed = frozenset(kinds)
    return tuple(sorted({gap_words(gap) for gap in failed(about) if _needed(gap, needed)}))


def incomparable(before: About, after: About) -> tuple[str, ...]:
    """Return why a gate about changes between two inventories cannot pass, sorted. One of them
    lacks something that it was asked to read, and a change hidden there would go unnoticed."""
    if bool(before.scope.accounts) != bool(after.scope.accounts):
        return (NO_ACCOUNT,)
    gaps = (*failed(before), *failed(after))
    return tuple(sorted({gap_words(gap) for gap in gaps if hidden_kinds(gap)}))


def failed(about: About) -> tuple[Gap, ...]:
    """Return the gaps of what a scan was asked to read. What ``--quick`` and ``--no-refresh`` leave
    out is included, because an ordinary scan reads it."""
    return tuple(
        gap for gap in about.gaps if gap.asked or about.scope.quick or gap.option == _REFRESH
    )


def _needed(gap: Gap, kinds: frozenset[Kind]) -> bool:
    hidden = hidden_kinds(gap) & kinds
    return bool(hidden) or (Kind.FUNCTION in kinds and gap.service == "lambda" and _state(gap))


def _state(gap: Gap) -> bool:
    return not _STATE.isdisjoint(gap.facts)


def undecided(about: About, doubts: Iterable[Doubt]) -> tuple[str, ...]:
    """Return why verdicts with these doubts leave a gate undecided: something was requested and not
    read."""
    names = {gap.name for gap in failed(about)}
    return tuple(sorted({doubt.statement for doubt in _open(doubts, names)}))


def _open(doubts: Iterable[Doubt], names: set[str]) -> Iterator[Doubt]:
    for doubt in doubts:
        if doubt.code == "gap":
            is_open = doubt.gap in names and doubt.gap != OUTSIDE
        else:
            is_open = doubt.code in UNREAD - _BY_CHOICE
        if is_open:
            yield doubt
