"""What keeps a gate from passing: a service that it needs, and that was not read."""

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
"""What is looked at to know whether something that runs is out of date or broken."""
DEPLOYED = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.ECR_IMAGE)
"""What is looked at to know what contains a commit."""
RUNNING = (*DEPLOYED, Kind.WORKLOAD)
"""What is looked at to know which images run."""
IN_AWS = tuple(kind for kind in JUDGED if kind not in LOCAL)
"""What verdicts are about, where no kind is named. An engine that is not there hides local images
alone, which few gates are about."""

_STATE = frozenset({"deployed-tag", "image-uri", "state", "*"})
"""Facts of functions without which nobody knows what they run, and whether it works."""
_REFRESH = "--refresh"
"""The option by whose absence a second scan reads less than the first."""
_BY_CHOICE = frozenset({"regions-unread"})
"""Doubts about what a scan was told to leave out: the scope of the gate."""


def unread(about: About, kinds: Iterable[Kind]) -> tuple[str, ...]:
    """Why a gate about these kinds cannot pass, sorted; empty where all that it needs was read."""
    if not about.scope.accounts:
        return (NO_ACCOUNT,)
    needed = frozenset(kinds)
    return tuple(sorted({gap_words(gap) for gap in failed(about) if _needed(gap, needed)}))


def incomparable(before: About, after: About) -> tuple[str, ...]:
    """Why a gate about what changed between two inventories cannot pass, sorted: one of them lacks
    what it was asked for, and what is hidden there counts as unchanged."""
    if bool(before.scope.accounts) != bool(after.scope.accounts):
        return (NO_ACCOUNT,)
    gaps = (*failed(before), *failed(after))
    return tuple(sorted({gap_words(gap) for gap in gaps if hidden_kinds(gap)}))


def failed(about: About) -> tuple[Gap, ...]:
    """The gaps of what was asked for. What a scan was not asked to read is none of them, but for
    what ``--quick`` or ``--no-refresh`` left out, which an ordinary scan reads."""
    return tuple(
        gap for gap in about.gaps if gap.asked or about.scope.quick or gap.option == _REFRESH
    )


def _needed(gap: Gap, kinds: frozenset[Kind]) -> bool:
    hidden = hidden_kinds(gap) & kinds
    return bool(hidden) or (Kind.FUNCTION in kinds and gap.service == "lambda" and _state(gap))


def _state(gap: Gap) -> bool:
    return not _STATE.isdisjoint(gap.facts)


def undecided(about: About, doubts: Iterable[Doubt]) -> tuple[str, ...]:
    """Why verdicts with these doubts leave a gate open: what puts them in doubt was not read,
    although it was asked for."""
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
