"""Deny every call under every doubt set aside, and count: ``python -m tests.oracle.monotone``.

For each estate and each way to read less of it (each call, in each place, of each service: see
``every``), the verdicts before and after are compared while
every doubt that an option may set aside is set aside, then each pair of them, then all together. An
orphan that was none is a wrong deletion. Doubts are computed once and filtered here;
``test_monotone.py`` holds that short way to the options themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import combinations, product
from random import Random
from typing import Any, NamedTuple

from jotgraph.analysis.usage import DOUBTS, NEVER_IGNORED, Doubt, Options, Uses, index_of, uses
from jotgraph.analysis.usage.verdicts import Verdicts, spread, verdicts, with_owners
from jotgraph.graph import build
from jotgraph.records import Inventory, ResourceId
from tests.oracle.reductions import ALL, Reduction, hide_account
from tests.oracle.worlds import world

IGNORABLE = tuple(sorted(set(DOUBTS) - NEVER_IGNORED))
OPTIONS = (
    Options(),
    Options(keep_last=0, keep=(), young_days=0, role_young_days=0, idle_functions=True),
)


class Count(NamedTuple):
    """What was compared."""

    estates: int
    ways: int
    sets: int
    verdicts: int
    orphans_made: int


def sets_aside() -> list[frozenset[str]]:
    """No doubt, each that may be set aside, each pair, and all."""
    pairs = combinations(IGNORABLE, 2)
    alone = (frozenset({code}) for code in IGNORABLE)
    return [frozenset(), *alone, *map(frozenset, pairs), frozenset(IGNORABLE)]


class Judged(NamedTuple):
    """One estate, judged with no doubt set aside."""

    found: Verdicts
    using: Uses
    own: dict[ResourceId, tuple[Doubt, ...]]
    """The doubts, which may be none, of all that is not in use."""

    def codes(self) -> frozenset[str]:
        """The codes of all doubts that decide anything."""
        return frozenset(doubt.code for doubts in self.own.values() for doubt in doubts)

    def orphans(self, ignored: frozenset[str]) -> frozenset[ResourceId]:
        """The orphans, with the doubts of these codes set aside."""
        own = (
            (resource, tuple(doubt for doubt in doubts if doubt.code not in ignored))
            for resource, doubts in self.own.items()
            if doubts
        )
        return frozenset(self.own.keys() - spread(self.using, (), own, self.own).keys())


def judge(whole: Inventory, options: Options) -> Judged:
    graph = build(whole)
    index = index_of(graph)
    found = verdicts(graph, options, whole.taken_at)
    own = {
        resource: doubts for resource, doubts in found.own.items() if resource not in found.in_use
    }
    using = dict(with_owners(index, uses(graph)))
    return Judged(found, using, own)


def orphans_made(
    whole: Inventory, less: Inventory, options: Options
) -> Iterator[tuple[frozenset[str], ResourceId]]:
    """(doubts set aside, resource) of each orphan that the smaller reading made."""
    truth, found = judge(whole, options), judge(less, options)
    codes = truth.codes() | found.codes()
    made: dict[frozenset[str], frozenset[ResourceId]] = {}
    for ignored in sets_aside():
        there = ignored & codes  # to set aside a doubt that nothing has changes no verdict
        if there not in made:
            made[there] = found.orphans(there) - truth.orphans(there)
        for resource in made[there]:
            if resource in truth.found.own:
                yield ignored, resource


class Chosen(Random):
    """Chances by a seed, and choices by a list: so that a way to read less can be taken with each
    of its choices in turn."""

    def __init__(self, seed: str, chosen: tuple[int, ...]) -> None:
        super().__init__(seed)
        self._left = list(chosen)
        self.widths: list[int] = []
        """Between how many each choice was."""

    def choice(self, seq: Any) -> Any:
        self.widths.append(len(seq))
        return seq[self._left.pop(0) if self._left else 0]


def every(reduce: Reduction, whole: Inventory, seed: str) -> Iterator[Inventory]:
    """A way to read less with every choice that it makes: each place, service and reason."""
    chosen: tuple[int, ...] | None = ()
    while chosen is not None:
        rng = Chosen(f"{seed} {chosen}", chosen)
        yield reduce(rng, whole)
        chosen = _following(chosen, rng.widths)


def _following(chosen: tuple[int, ...], widths: list[int]) -> tuple[int, ...] | None:
    """The choices after these, as a counter goes on; None after the last."""
    digits = [*chosen, *(0 for _ in widths[len(chosen) :])][: len(widths)]
    while digits:
        if digits[-1] + 1 < widths[len(digits) - 1]:
            return (*digits[:-1], digits[-1] + 1)
        digits.pop()
    return None


def compare(
    seeds: range, ways: tuple[Reduction, ...] = ALL, *, exhaustively: bool = False
) -> Count:
    """Compare every way of reading less on the estates of these seeds, ``exhaustively`` with each
    of its choices."""
    taken, compared, wrong = 0, 0, 0
    for seed in seeds:
        for reduce in ways:
            rng = Random(f"{reduce.__name__} {seed}")
            whole = world(rng, revoked=reduce is not hide_account)
            smaller = every(reduce, whole, f"{seed}") if exhaustively else (reduce(rng, whole),)
            for less, options in product(smaller, OPTIONS):
                taken += options is OPTIONS[0]
                for ignored, resource in orphans_made(whole, less, options):
                    wrong += 1
                    line = f"{reduce.__name__} {seed}: {resource} by {sorted(ignored)}"
                    print(line, file=sys.stderr)
                compared += len(sets_aside())
    return Count(len(seeds), taken, len(sets_aside()), compared, wrong)


if __name__ == "__main__":
    count = compare(range(int(sys.argv[1]) if len(sys.argv) > 1 else 1), exhaustively=True)
    print(
        f"{count.estates} estates, {count.ways} ways to read less of them, {len(IGNORABLE)} doubts "
        f"set aside singly, in pairs and all together ({count.sets} sets): {count.verdicts:,} "
        f"comparisons of all verdicts, {count.orphans_made} orphans made"
    )
    sys.exit(bool(count.orphans_made))
