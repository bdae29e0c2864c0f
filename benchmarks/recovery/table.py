"""Outcomes counted by recipe, as a table in Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.recovery.judging import Outcome


@dataclass
class Count:
    """Of the builds of one recipe."""

    builds: int = 0
    known: int = 0
    """Builds whose bytes some commit of the clone has."""
    found: int = 0
    """Of these, the true commit is in the set."""
    same: int = 0
    """Of these, the set is the very set of all such commits."""
    proof: int = 0
    """Of these, PROOF."""
    told: int = 0
    """Of the others, what differs is told, or no more than a hint is claimed."""
    false_proof: int = 0
    wrong: int = 0

    def add(self, outcome: Outcome) -> None:
        self.builds += 1
        self.false_proof += outcome.false_proof
        self.wrong += outcome.wrong
        if not outcome.expected:
            self.told += outcome.told
            return
        self.known += 1
        clean = outcome.build.clean and outcome.build.commit
        truth = {outcome.build.commit} if clean else outcome.expected
        self.found += bool(outcome.found & truth)
        self.same += outcome.found == outcome.expected
        self.proof += outcome.proof


def total(outcomes: Iterable[Outcome]) -> Count:
    count = Count()
    for outcome in outcomes:
        count.add(outcome)
    return count


def table(outcomes: Iterable[Outcome]) -> str:
    by_recipe: dict[str, Count] = {}
    everything = Count()
    for outcome in outcomes:
        by_recipe.setdefault(outcome.build.recipe, Count()).add(outcome)
        everything.add(outcome)
    lines = [
        "| build | n | true commit in the set | set = class | PROOF | difference told "
        "| false PROOF | wrong commit |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = [*by_recipe.items(), ("**all**", everything)]
    return "\n".join([*lines, *(_row(name, count) for name, count in rows)])


def _row(name: str, count: Count) -> str:
    unknown = count.builds - count.known
    cells = [
        name,
        f"{count.builds:,}",
        _of(count.found, count.known),
        _of(count.same, count.known),
        _of(count.proof, count.known),
        _of(count.told, unknown),
        str(count.false_proof),
        str(count.wrong),
    ]
    return f"| {' | '.join(cells)} |"


def _of(part: int, whole: int) -> str:
    return f"{part:,}/{whole:,}" if whole else "-"
