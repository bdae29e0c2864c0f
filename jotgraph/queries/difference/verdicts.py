"""Changes of verdicts between two inventories."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.usage import UNREAD, Options, Verdict
from jotgraph.analysis.usage.judges import unused
from jotgraph.analysis.usage.verdicts import Verdicts, verdicts
from jotgraph.graph import ResourceGraph, about, record
from jotgraph.queries.answers.difference import VerdictChange
from jotgraph.records import ResourceId, kind_of


def verdict_changes(before: ResourceGraph, after: ResourceGraph) -> Iterator[VerdictChange]:
    """Return the changed verdicts of resources in both, by id. A verdict that one of the two could
    not give, because something was not read, does not count as changed."""
    then, now = (verdicts(graph, Options(), about(graph).taken_at) for graph in (before, after))
    for resource in sorted(then.own.keys() & now.own.keys()):
        old, _ = _verdict(before, then, resource)
        new, because = _verdict(after, now, resource)
        if old and new and old is not new:
            yield VerdictChange(resource, kind_of(resource), old, new, because)


def _verdict(
    graph: ResourceGraph, judged: Verdicts, resource: ResourceId
) -> tuple[Verdict | None, str]:
    """A verdict and its reason; None for one that is open because something was not read."""
    if resource in judged.in_use:
        return Verdict.IN_USE, judged.in_use[resource][1]
    if doubts := judged.in_doubt.get(resource):
        unread = any(doubt.code in UNREAD or doubt.code == "in-doubt" for doubt in doubts)
        return None if unread else Verdict.UNKNOWN, doubts[0].statement
    return Verdict.ORPHAN, unused(record(graph, resource))
