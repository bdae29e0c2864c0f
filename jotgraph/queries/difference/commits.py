"""The commits between what a resource ran and what it runs now."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.analysis.lag.origin import origin
from jotgraph.graph import ResourceGraph, record
from jotgraph.queries.answers.difference import CommitRange
from jotgraph.records import Commit, ResourceId, commit_id, kind_of
from jotgraph.records.kinds import RUNNERS

_CODE = frozenset({"code_sha256", "resolved_image_uri", "version", "weights", "images"})
"""Fields that change when a resource runs something else."""


def commits_between(
    before: ResourceGraph, after: ResourceGraph, resource: ResourceId, fields: Iterable[str]
) -> CommitRange | None:
    """Return the commits between what a resource ran and what it runs now. None when that is the
    same, or one of the two commits is unknown."""
    if kind_of(resource) not in RUNNERS or _CODE.isdisjoint(fields):
        return None
    old, new = origin(before, resource).commit, origin(after, resource).commit
    if not old or not new or old == new:
        return None
    had, has = _history((after, before), old), _history((after, before), new)
    if had is None or has is None:
        return CommitRange(old, new)
    return CommitRange(old, new, len(has - had), len(had - has))


def _history(graphs: Iterable[ResourceGraph], sha: str) -> frozenset[str] | None:
    """A commit and all its ancestors; None when one of them was not read."""
    known, todo = {sha}, [sha]
    while todo:
        parents = _parents(graphs, todo.pop())
        if parents is None:
            return None
        fresh = [parent for parent in parents if parent not in known]
        known.update(fresh)
        todo.extend(fresh)
    return frozenset(known)


def _parents(graphs: Iterable[ResourceGraph], sha: str) -> tuple[str, ...] | None:
    for graph in graphs:
        resource = commit_id(sha)
        node = record(graph, resource) if resource in graph else None
        if isinstance(node, Commit):
            return node.parents
    return None
