"""The ``stale`` resources that a cleanup may delete, and those still called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from jotgraph.analysis.health import Code, Finding, findings
from jotgraph.graph import ResourceGraph, about, dependents, of_kind, record
from jotgraph.links import Relation
from jotgraph.records import Alias, Function, Kind, ResourceId, Version


def stale(graph: ResourceGraph, codes: Collection[Code]) -> dict[ResourceId, Finding]:
    """Return functions and versions with a finding of these codes, each with the worst; as
    ``stale`` lists them."""
    worst: dict[ResourceId, Finding] = {}
    for resource in of_kind(graph, Kind.FUNCTION, Kind.VERSION) if codes else ():
        for finding in findings(graph, resource):
            if finding.known and finding.code in codes:
                worst.setdefault(resource, finding)
    return worst


def called(
    graph: ResourceGraph, resources: Iterable[ResourceId], ignore: Collection[str]
) -> Iterator[tuple[ResourceId, str]]:
    """Return what must be kept because it is called, or because that was not read, with the reason.
    Lambda may serve it from its own copy of the image for weeks. A function whose update failed is
    kept, too: it works as before. ``ignore`` are ignored doubts."""
    window = about(graph).scope.window_days
    for resource in resources:
        node = record(graph, resource)
        if isinstance(node, Function) and not node.runs_what_it_says:
            yield resource, "its last update failed: what ran before it works still"
            continue
        counts = list(_counts(graph, resource))
        if any(counts):
            many = max(count for count in counts if count)
            yield resource, f"called {many:,} times in the {window} days read: it still works"
        elif None in counts and _UNREAD not in ignore:
            yield resource, f"whether it is called was not read: scan --usage [{_UNREAD}]"


_UNREAD = "invocations-unread"


def _counts(graph: ResourceGraph, resource: ResourceId) -> Iterator[int | None]:
    """The calls of a configuration in the window. A function's include those of all versions and
    aliases. A version's include those of aliases that route to it."""
    node = record(graph, resource)
    if isinstance(node, Function | Version):
        yield node.invocations
    for dependent in dependents(graph, resource, Relation.PART_OF, Relation.ROUTES_TO):
        part = record(graph, dependent)
        if isinstance(part, Version | Alias) and (isinstance(node, Version) or part.invocations):
            yield part.invocations
