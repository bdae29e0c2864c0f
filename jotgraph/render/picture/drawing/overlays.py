"""Marks of resources from a plan, an older inventory or a commit, for ``Options.marks``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from jotgraph.plan.model import Plan
from jotgraph.queries.answers.difference import Difference
from jotgraph.queries.answers.where import Where
from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing import style


def plan(made: Plan) -> dict[ResourceId, str]:
    """Return ``delete`` (for a quarantine ``aside``, or ``left`` for the sweep), ``blocked`` or
    ``kept`` for every resource in a plan."""
    goes = "aside" if made.quarantine else "delete"
    marks = {kept.id: "kept" for kept in made.kept} | {left.id: "left" for left in made.left}
    marks |= {step.id: goes for step in made.steps}
    return marks | {block.id: "blocked" for block in made.blocks}


def counts(about: str, marks: Mapping[ResourceId, str], but: str = "") -> str:
    """Return the subject of the marks and their numbers (``but`` for one), for the caption: ``plan:
    to delete 9, kept 4``."""
    times = Counter(mark for resource, mark in marks.items() if resource != but)
    parts = [f"{word} {times[mark]:,}" for mark, (word, _) in style.MARKS.items() if times[mark]]
    return f"{about}: {', '.join(parts) or 'nothing is marked'}"


def diff(difference: Difference) -> dict[ResourceId, str]:
    """Return ``added``, ``removed`` or ``changed``; what one of the two did not look for has no
    mark."""
    marks = dict.fromkeys(difference.added, "added") | dict.fromkeys(difference.removed, "removed")
    return marks | {changed.id: "changed" for changed in difference.changed}


def where(answer: Where) -> dict[ResourceId, str]:
    """Return ``contains``, ``lacks`` or ``unknown`` for everything that comes from a commit."""
    marks = {answer.commit: "contains"}
    for word in ("contains", "lacks", "unknown"):
        marks |= {holder.id: word for holder in getattr(answer, word)}
    return marks
