"""Cuts of an inventory that no engine would choose: every unit in any part."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from jotgraph.scale.shards import units
from jotgraph.scale.survey import Survey
from jotgraph.scale.units import Unit


def scattered(rng: Random, survey: Survey, most: int = 0) -> list[frozenset[Unit]]:
    """Every unit in one of some parts (``most`` of them, at most), whatever its neighbours."""
    pieces = units(survey)
    parts: dict[int, set[Unit]] = defaultdict(set)
    count = rng.randint(1, most or max(len(pieces), 1))
    for unit in pieces:
        parts[rng.randrange(count)].add(unit)
    return [frozenset(part) for part in parts.values()]
