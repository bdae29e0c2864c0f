"""A plan, an older inventory or a commit -> the mark of each resource, for ``Options.marks``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from jotgraph import graph as graphs
from jotgraph.errors import PlanError
from jotgraph.graph import ResourceGraph
from jotgraph.links import infer
from jotgraph.queries import where as query
from jotgraph.queries.difference import difference
from jotgraph.records import Inventory, ResourceId
from jotgraph.render.picture.drawing import style

_PARTS = (("kept", "kept"), ("left", "left"), ("steps", "delete"), ("blocks", "blocked"))


def plan(source: bytes) -> dict[ResourceId, str]:
    """``delete`` (of a quarantine ``aside``, or ``left`` for the sweep), ``blocked`` or ``kept``
    for every id of a plan's JSON. Raises PlanError."""
    try:
        read: Any = msgspec.json.decode(source)
        words = {"delete": "aside"} if read.get("quarantine") else {}
        return {
            ResourceId(str(each["id"])): words.get(mark, mark)
            for part, mark in _PARTS
            for each in read.get(part, ())
        }
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError) as err:
        raise PlanError(f"this file is not a plan: {err}") from err


def counts(about: str, marks: Mapping[ResourceId, str], but: str = "") -> str:
    """What the marks are about and how many there are of each (``but`` for one), for the
    caption: ``plan: will be deleted 9, kept 4``."""
    times = Counter(mark for each, mark in marks.items() if each != but)
    parts = [f"{word} {times[mark]:,}" for mark, (word, _) in style.MARKS.items() if times[mark]]
    return f"{about}: {', '.join(parts) or 'nothing is marked'}"


def diff(before: Inventory, after: Inventory) -> dict[ResourceId, str]:
    """``added``, ``removed`` and ``changed`` since ``before``; what one of the two did not look for
    has no mark. Raises OptionError for inventories without an account in common."""
    found = difference(before, after)
    marks = dict.fromkeys(found.added, "added") | dict.fromkeys(found.removed, "removed")
    return marks | {each.id: "changed" for each in found.changed}


def both(before: Inventory, after: Inventory) -> ResourceGraph:
    """The graph of ``after`` with what has been removed since ``before``, and the lines it had."""
    removed = set(difference(before, after).removed)
    merged: dict[str, tuple[Any, ...]] = defaultdict(tuple)
    for name in before.__struct_fields__:
        held = getattr(before, name)
        if isinstance(held, tuple):
            gone = tuple(each for each in held if getattr(each, "id", None) in removed)
            if gone:
                merged[name] = (*getattr(after, name), *gone)
    then = [each for each in infer(before) if each.source in removed or each.target in removed]
    return graphs.build(msgspec.structs.replace(after, **merged), [*infer(after), *then])


def where(graph: ResourceGraph, commit: ResourceId) -> dict[ResourceId, str]:
    """``contains``, ``lacks`` or ``unknown`` for everything that comes from a commit."""
    found = query.where(graph, commit)
    marks = {commit: "contains"}
    for word in ("contains", "lacks", "unknown"):
        marks |= {each.id: word for each in getattr(found, word)}
    return marks
