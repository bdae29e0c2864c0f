"""Findings of a resource: what is wrong with it, worth a look, or unknown.

Every view (``ls``, ``show``, ``trace``, ``stale``, ``check``, ``rescue``, ``cleanup --stale``,
pictures, the page) takes its findings from here, and their words from ``TABLE``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from jotgraph.analysis.health import (
    by_tag,
    images,
    lambdas,
    lineage,
    newer,
    running,
    trials,
    unused,
    vulnerable,
)
from jotgraph.analysis.health.lambdas import targets
from jotgraph.analysis.health.model import Code, Fact, Finding, Severity
from jotgraph.analysis.health.subject import Rule, Subject
from jotgraph.analysis.health.table import FAILING, OUTDATED, SCAN, TABLE, order, states, unread
from jotgraph.analysis.usage import Options
from jotgraph.graph import ResourceGraph, record, remembered
from jotgraph.records import Alias, Kind, Missing, ResourceId, kind_of

__all__ = [
    "FAILING",
    "OUTDATED",
    "RULES",
    "SCAN",
    "TABLE",
    "Code",
    "Fact",
    "Finding",
    "Severity",
    "findings",
    "of_each",
    "order",
    "presence",
    "states",
    "targets",
    "unread",
]

_LINEAGE: tuple[Rule, ...] = (lineage.conflict, lineage.dirty, newer.source_gone)
_CONFIGURATION: tuple[Rule, ...] = (
    running.image,
    running.state,
    lambdas.role,
    running.drifted,
    *_LINEAGE,
    trials.tests,
    vulnerable.running,
    running.expiring_image,
    lambdas.quarantined,
    lineage.lag,
    newer.undeployed,
    lambdas.called,
)


def _inherited(on: Subject) -> Iterator[Finding]:
    """The findings of an alias: those of the versions it leads to. Whether it is called is its
    own."""
    if not isinstance(on.node, Alias):
        return
    for number, target in targets(on.node):
        if target not in on.graph:
            statement = f"version {number} was not read"
            yield on.unknown(Code.BROKEN, Fact.VERSION, statement)
            continue
        whose = number if number == "$LATEST" else f"version {number}"
        for finding in findings(on.graph, target, on.ref, on.options):
            if finding.code is Code.UNREAD:
                statement = f"version {number} was not read"
                yield on.unknown(Code.BROKEN, Fact.VERSION, statement)
            elif finding.code is not Code.IDLE and finding.unread is not Fact.INVOCATIONS:
                statement = f"{whose}: {finding.statement}"
                yield msgspec.structs.replace(
                    finding, resource=on.id, statement=statement, version=number
                )


RULES: Mapping[Kind, tuple[Rule, ...]] = MappingProxyType(
    {
        Kind.COMMIT: (),
        Kind.LOCAL_IMAGE: (
            *_LINEAGE,
            images.only_copy,
            trials.tests,
            newer.unpushed,
            unused.orphan,
        ),
        Kind.CONTAINER: (unused.orphan,),
        Kind.ECR_REPO: (unused.orphan,),
        Kind.ECR_IMAGE: (
            *_LINEAGE,
            images.archived,
            trials.tests,
            vulnerable.image,
            images.expiring,
            unused.orphan,
        ),
        Kind.FUNCTION: (*_CONFIGURATION, unused.orphan),
        Kind.VERSION: (*_CONFIGURATION, unused.orphan),
        Kind.ALIAS: (_inherited, lambdas.called),
        Kind.TRIGGER: (unused.orphan,),
        Kind.WORKLOAD: (
            running.workload,
            by_tag.started_by_tag,
            lambdas.role,
            running.drifted,
            *_LINEAGE,
            trials.tests,
            vulnerable.running,
            running.expiring_image,
            lineage.lag,
            newer.undeployed,
        ),
        Kind.ROLE: (lambdas.quarantined, unused.orphan),
        Kind.LOG_GROUP: (unused.orphan,),
    }
)
"""The rules for each kind; a resource that was not found is judged by ``missing`` alone."""


_DEFAULTS = Options()


def findings(
    graph: ResourceGraph,
    resource: ResourceId,
    ref: str | None = None,
    options: Options | None = None,
) -> tuple[Finding, ...]:
    """Return the findings of a resource, worst first.

    ``ref`` is a branch or tag that commits are compared with (each repository's HEAD by default);
    ``options`` decide what is an orphan. Raises KeyError for an id that is not in the graph,
    UnknownNameError for a ref that no repository has.
    """
    default = options is None or options == _DEFAULTS  # one question, however it is put
    return _findings(graph, resource, ref, None if default else options)


@remembered
def _findings(
    graph: ResourceGraph, resource: ResourceId, ref: str | None, options: Options | None
) -> tuple[Finding, ...]:
    on = Subject(graph, resource, record(graph, resource), ref, options or _DEFAULTS)
    if isinstance(on.node, Missing):
        rules: tuple[Rule, ...] = (lineage.missing, *RULES[kind_of(resource)])
    else:
        rules = RULES[kind_of(resource)]
    return tuple(sorted([finding for rule in rules for finding in rule(on)], key=order))


@remembered
def presence(graph: ResourceGraph, resource: ResourceId) -> Finding | None:
    """Return the finding that a resource is missing, archived or not read, if it has one."""
    on = Subject(graph, resource, record(graph, resource), None, _DEFAULTS)
    return next(
        (finding for rule in (lineage.missing, images.archived) for finding in rule(on)), None
    )


def of_each(
    graph: ResourceGraph,
    resources: Iterable[ResourceId],
    ref: str | None = None,
    options: Options | None = None,
) -> dict[ResourceId, tuple[Finding, ...]]:
    """Return the findings of several resources, without resources that have none."""
    by_resource = {resource: findings(graph, resource, ref, options) for resource in resources}
    return {resource: findings_ for resource, findings_ in by_resource.items() if findings_}
