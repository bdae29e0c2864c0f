"""The rule on orphans."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.health.commands import ours
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.names import argument
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.usage import UNREAD
from jotgraph.analysis.usage.judges import unused
from jotgraph.records import Kind, Missing, Place, kind_of, place_of


def orphan(on: Subject) -> Iterator[Finding]:
    """Nothing uses it, as far as everything that could was read."""
    if isinstance(on.node, Missing) or _always_used(on):
        return
    if on.verdicts.orphan(on.id):
        command = ours("plan", "delete", argument(on.graph, on.id))
        yield on.finding(Code.ORPHAN, unused(on.node), command)
        return
    doubts = on.verdicts.in_doubt.get(on.id, ())
    unread = next((doubt for doubt in doubts if doubt.code in UNREAD), None)
    if unread:
        where = Place(place_of(on.id).account, "")
        yield on.unknown(Code.ORPHAN, Fact.USES, unread.statement, on.scan_of(where))


def _always_used(on: Subject) -> bool:
    """Whether these options count everything of its kind as used or in doubt, so that verdicts need
    not be computed."""
    kind = kind_of(on.id)
    if kind is Kind.FUNCTION:
        return not on.options.idle_functions
    return kind is Kind.VERSION and on.options.keep_last is None
