"""Inventory -> links: which resource depends on which, and why that is believed.

Rules are pure functions of an inventory, registered in ``RULES``; their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jotgraph.links.lookup import Lookup
from jotgraph.links.model import Evidence, Grade, Link, Match, Relation, Rule, rule
from jotgraph.records import Inventory

__all__ = [
    "RULES",
    "Evidence",
    "Grade",
    "Link",
    "Lookup",
    "Match",
    "Relation",
    "Rule",
    "infer",
    "rule",
]

RULES: tuple[Rule, ...] = ()


def infer(inventory: Inventory, rules: Iterable[Rule] = RULES) -> Iterator[Link]:
    """Yield every link that the rules find. The order is unspecified; ``graph.build`` sorts."""
    lookup = Lookup(inventory)
    for each in rules:
        for match in each.find(lookup):
            yield Link(
                match.source,
                match.target,
                Evidence(
                    rule=each.name,
                    relation=each.relation,
                    grade=each.grade,
                    statement=match.statement,
                    read_from=match.read_from,
                    candidates=match.candidates,
                    count=match.size,
                ),
            )
