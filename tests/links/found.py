"""What a rule says of an inventory."""

from __future__ import annotations

from jotgraph.links import Rule, infer
from jotgraph.records import Inventory


def found(rule: Rule, inventory: Inventory) -> list[tuple[str, str]]:
    """(source, target) of each match of one rule, sorted."""
    return sorted((str(link.source), str(link.target)) for link in infer(inventory, [rule]))


def statements(rule: Rule, inventory: Inventory) -> list[str]:
    return sorted(link.evidence.statement for link in infer(inventory, [rule]))
