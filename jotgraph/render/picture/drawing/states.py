"""The labels of cards from findings, and the meaning of a filter by state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from jotgraph.analysis.health.model import Code, Finding, Severity
from jotgraph.analysis.health.table import RANKS, TABLE
from jotgraph.render.picture.drawing.model import State
from jotgraph.render.picture.drawing.style import LOOK, REMARK, WRONG

RANK: Mapping[Severity, int] = MappingProxyType(
    {
        Severity.WRONG: WRONG,
        Severity.LOOK: LOOK,
        Severity.REMARK: REMARK,
        Severity.GOOD: REMARK,
        Severity.UNKNOWN: REMARK,
    }
)
_ALSO: Mapping[str, Code] = MappingProxyType(
    {
        "behind": Code.LAG,
        "diverged": Code.LAG,
        "dirty": Code.DIRTY_BUILD,
        "recreated": Code.ROLE_RECREATED,
    }
)
"""Further words that people filter by."""


def states_of(findings: Iterable[Finding]) -> tuple[State, ...]:
    """Return the labels of a card: every known finding, worst first, without duplicates."""
    states = {
        State(RANK[finding.severity], finding.word, finding.code, finding.label)
        for finding in findings
        if finding.known
    }
    return tuple(sorted(states, key=lambda state: (state.rank, RANKS[state.code], state.word)))


def meant(word: str) -> frozenset[Code]:
    """Return the codes for a word in a filter: a code, a word of the table, or a synonym."""
    asked = word.strip().lower()
    named = {code for code, entry in TABLE.items() if asked in (code.value, entry.word)}
    return frozenset(named | ({_ALSO[asked]} if asked in _ALSO else set()))
