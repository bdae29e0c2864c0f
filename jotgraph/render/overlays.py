"""A plan, an older graph or a commit -> the mark of each resource, for ``Options.marks``."""

from __future__ import annotations

from typing import Any

import msgspec

from jotgraph import graph as graphs
from jotgraph.errors import PlanError
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.records import Commit, Kind, Missing, ResourceId, kind_of

_PARTS = (("kept", "kept"), ("steps", "delete"), ("blocks", "blocked"))


def plan(source: bytes) -> dict[ResourceId, str]:
    """``delete``, ``blocked`` or ``kept`` for every id of a plan's JSON. Raises PlanError."""
    try:
        read: Any = msgspec.json.decode(source)
        return {
            ResourceId(str(each["id"])): mark
            for part, mark in _PARTS
            for each in read.get(part, ())
        }
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError) as err:
        raise PlanError(f"this file is not a plan: {err}") from err


def diff(before: ResourceGraph, after: ResourceGraph) -> dict[ResourceId, str]:
    """``added`` and ``changed`` since ``before``; what is gone cannot be drawn as it is now, unless
    something still refers to it: then it is ``removed``."""
    found: dict[ResourceId, str] = {}
    for each in after:
        now = graphs.record(after, each)
        old = graphs.record(before, each) if each in before else None
        if isinstance(now, Missing):
            if old is not None and not isinstance(old, Missing):
                found[each] = "removed"
        elif old is None or isinstance(old, Missing):
            found[each] = "added"
        elif old != now:
            found[each] = "changed"
    return found


def where(graph: ResourceGraph, commit: ResourceId) -> dict[ResourceId, str]:
    """For every image, version and function: ``contains`` when a commit it was built from descends
    from ``commit``, ``lacks`` when none does, ``unknown`` when it is tied to no commit."""
    after = _descendants(graph, commit)
    marks: dict[ResourceId, str] = {}
    for each in graphs.of_kind(graph, Kind.LOCAL_IMAGE, Kind.ECR_IMAGE):
        made = _commits(graph, each)
        marks[each] = ("contains" if made & after else "lacks") if made else "unknown"
    for each in graphs.of_kind(graph, Kind.FUNCTION, Kind.VERSION):
        runs = graphs.dependencies(graph, each, Relation.RUNS)
        words = {marks.get(image, "unknown") for image in runs}
        marks[each] = words.pop() if len(words) == 1 else "unknown"
    marks[commit] = "contains"
    return marks


def _commits(graph: ResourceGraph, image: ResourceId) -> set[ResourceId]:
    """The commits an image, or the local image it is a copy of, was built from."""
    made = (Relation.BUILT_FROM, Relation.CONTENT_EQUALS)
    found = set(graphs.dependencies(graph, image, *made))
    for each in graphs.dependencies(graph, image, Relation.COPY_OF):
        found |= set(graphs.dependencies(graph, each, *made))
    return {each for each in found if kind_of(each) is Kind.COMMIT}


def _descendants(graph: ResourceGraph, commit: ResourceId) -> set[ResourceId]:
    children: dict[str, list[ResourceId]] = {}
    for each in graphs.of_kind(graph, Kind.COMMIT):
        found = graphs.record(graph, each)
        for parent in found.parents if isinstance(found, Commit) else ():
            children.setdefault(f"commit:{parent}", []).append(each)
    reached, queue = {commit}, [commit]
    while queue:
        for each in children.get(queue.pop(), ()):
            if each not in reached:
                reached.add(each)
                queue.append(each)
    return reached
