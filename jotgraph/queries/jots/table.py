"""The rows of the table of deployments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from operator import attrgetter

import msgspec

from jotgraph.analysis.health import findings, order, states
from jotgraph.analysis.health.drift import drift, workload_drift
from jotgraph.analysis.health.table import RANKS
from jotgraph.analysis.lag import refs_of
from jotgraph.analysis.lag.source import source_of
from jotgraph.analysis.provenance import copies, running
from jotgraph.analysis.provenance.carriers import images_run, listed_in
from jotgraph.analysis.testing import tested
from jotgraph.gc_pause import collector_off
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    dependents,
    is_missing,
    of_kind,
    record,
)
from jotgraph.links import Relation
from jotgraph.queries.answers.jots import AliasRoute, Configuration, Jot, JotImage, Jots
from jotgraph.queries.jots.cells import (
    commit_of,
    dates_of,
    image_of,
    local_copies,
    local_tags,
    tag_of,
)
from jotgraph.queries.jots.filters import Only
from jotgraph.records import (
    Alias,
    EcrImage,
    Function,
    ImageType,
    Kind,
    ResourceId,
    Version,
    Workload,
    WorkloadState,
    digest_of,
    kind_of,
)
from jotgraph.records.references import LATEST_PUBLISHED, reference
from jotgraph.records.resolved import unresolved
from jotgraph.records.workloads import ELSEWHERE


def jots(
    graph: ResourceGraph,
    *,
    ref: str | None = None,
    all_versions: bool = False,
    undeployed: bool = False,
    only: Only | None = None,
) -> Jots:
    """Return one row for each different code of each function, the worst first.

    ``ref`` is a branch, tag or full ref to compare with; None is each repository's HEAD. Without
    ``all_versions`` a published version is listed when it is the newest or an alias routes to it.
    ``undeployed`` adds images that nothing runs; ``only`` filters rows.
    """
    refs_of(graph, ref)  # a ref that no repository has is an error, whatever runs
    with collector_off():
        answer = _table(graph, ref, all_versions=all_versions, undeployed=undeployed)
    if only is None:
        return answer
    kept = tuple(jot for jot in answer.jots if only.takes(jot))
    return msgspec.structs.replace(answer, jots=kept)


def _table(graph: ResourceGraph, ref: str | None, *, all_versions: bool, undeployed: bool) -> Jots:
    rows: list[Jot] = []
    hidden = 0
    for configurations, left_out in _by_function(graph, all_versions):
        hidden += left_out
        rows.extend(_jot(graph, ref, group) for group in configurations)
    rows.extend(
        row
        for resource in of_kind(graph, Kind.WORKLOAD)
        for row in _of_workload(graph, ref, resource)
    )
    if undeployed:
        rows.extend(_images_not_deployed(graph, ref))
    return Jots(about(graph), tuple(sorted(rows, key=_worst_first)), hidden)


def _worst_first(jot: Jot) -> tuple[bool, int, str, str, str]:
    """A sort key: running before not running, then the worst finding, then place and name. Versions
    of one function keep their order."""
    worst = RANKS[jot.states[0]] if jot.states else len(RANKS)
    return not jot.function, worst, jot.account, jot.region, jot.function


def _by_function(
    graph: ResourceGraph, all_versions: bool
) -> Iterator[tuple[list[list[Configuration]], int]]:
    """Group each function's configurations by equal code, and count the versions left out."""
    for resource in of_kind(graph, Kind.FUNCTION):
        function = record(graph, resource)
        assert isinstance(function, Function)
        versions = sorted(_versions(graph, resource), key=attrgetter("order"), reverse=True)
        if all_versions:
            every: list[Configuration] = [function, *versions]
            yield [[configuration] for configuration in every], 0
            continue
        shown = [
            version
            for position, version in enumerate(versions)
            if position == 0
            or version.number == LATEST_PUBLISHED
            or dependents(graph, version.id, Relation.ROUTES_TO)
        ]
        groups: dict[tuple[str, str], list[Configuration]] = {}
        together: list[Configuration] = [function, *shown]
        for configuration in together:
            groups.setdefault((configuration.code_sha256, configuration.role_arn), []).append(
                configuration
            )
        yield list(groups.values()), len(versions) - len(shown)
    yield [[version] for version in _stray_versions(graph)], 0


def _versions(graph: ResourceGraph, function: ResourceId) -> Iterator[Version]:
    for resource in dependents(graph, function, Relation.PART_OF):
        node = record(graph, resource)
        if isinstance(node, Version):
            yield node


def _stray_versions(graph: ResourceGraph) -> Iterator[Version]:
    """The versions whose function was not read."""
    for resource in of_kind(graph, Kind.VERSION):
        node = record(graph, resource)
        if isinstance(node, Version) and (
            node.function not in graph or is_missing(graph, node.function)
        ):
            yield node


def _jot(graph: ResourceGraph, ref: str | None, group: list[Configuration]) -> Jot:
    first = group[0]
    resource = first.id
    image = running(graph, resource)
    local = local_copies(graph, image) if image else ()
    of_group, ids = findings(graph, resource, ref), [resource]
    if len(group) > 1:
        ids = [configuration.id for configuration in group]
        of_each = (findings(graph, configuration, ref) for configuration in ids)
        of_group = tuple(sorted(chain.from_iterable(of_each), key=order))
    follows = {digest_of(moved) for resource in ids for moved in drift(graph, resource).moved_to}
    commit = commit_of(graph, resource, ref)
    return Jot(
        id=resource,
        account=first.account,
        region=first.region,
        function=first.name,
        qualifiers=tuple(_qualifier(configuration) for configuration in group),
        routes=tuple(sorted(_routes(graph, group), key=lambda route: (route.alias, -route.share))),
        commit=commit,
        local_images=local,
        local_tags=local_tags(graph, local),
        image=image_of(graph, image) if image else None,
        deployed_tag=tag_of(group),
        follows=tuple(sorted(follows)),
        role=next(iter(dependencies(graph, resource, Relation.ASSUMES)), None),
        package=first.package_type.lower(),
        service="",
        states=states(of_group),
        findings=of_group,
        dates=dates_of(graph, first, image, local, commit),
        source=source_of(graph, resource),
        tests=tested(graph, resource),
    )


def _of_workload(graph: ResourceGraph, ref: str | None, resource: ResourceId) -> Iterator[Jot]:
    """Yield one row for each image that a workload runs or would run if started now. When none of
    them is known there is one row for all its ECR images; an old revision that nothing is known to
    run has none."""
    node = record(graph, resource)
    if not isinstance(node, Workload) or node.state is WorkloadState.ACTIVE:
        return
    own = findings(graph, resource, ref)
    moved = {used: drifted.moved_to for used, drifted in workload_drift(graph, node)}
    tags = (named.tag or "latest" for _, named in unresolved(node))
    by_tag = [] if node.account == ELSEWHERE else list(tags)
    for image in images_run(graph, resource) or [resource] * bool(by_tag):
        known = image != resource
        local = local_copies(graph, image) if known else ()
        used = next((named for named in node.images if named.digest == digest_of(image)), None)
        follows = map(digest_of, moved.get(used, ()) if used and known else ())
        commit = commit_of(graph, image, ref)
        yield Jot(
            id=resource,
            account=node.account,
            region=node.region,
            function=node.name,
            qualifiers=(),
            routes=(),
            commit=commit,
            local_images=local,
            local_tags=local_tags(graph, local),
            image=image_of(graph, image) if known else None,
            deployed_tag=(reference(used.image).tag if used else "") if known else by_tag[0],
            follows=tuple(sorted(set(follows))),
            role=next(iter(dependencies(graph, resource, Relation.ASSUMES)), None),
            package="",
            service=node.service,
            states=states(own),
            findings=own,
            dates=dates_of(graph, node, image if known else None, local, commit),
            source=source_of(graph, image, handler=False),
            tests=tested(graph, image),
        )


def _qualifier(configuration: Configuration) -> str:
    return configuration.number if isinstance(configuration, Version) else "$LATEST"


def _routes(graph: ResourceGraph, group: list[Configuration]) -> Iterator[AliasRoute]:
    for configuration in group:
        for resource in dependents(graph, configuration.id, Relation.ROUTES_TO):
            alias = record(graph, resource)
            if isinstance(alias, Alias):
                shares = dict(alias.weights)
                shares.setdefault(alias.version, 1 - sum(shares.values()))
                yield AliasRoute(alias.name, round(shares.get(_qualifier(configuration), 0.0), 6))


def _images_not_deployed(graph: ResourceGraph, ref: str | None) -> Iterator[Jot]:
    """Yield images that nothing runs: those in ECR, then local ones without a copy there."""
    for resource in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, resource)
        assert isinstance(node, EcrImage)
        plain = node.type in (ImageType.IMAGE, ImageType.INDEX, ImageType.UNKNOWN)
        if plain and not _deployed(graph, resource) and not _in_index(graph, resource):
            local = local_copies(graph, resource)
            yield _undeployed(graph, ref, resource, local, image_of(graph, resource))
    for resource in of_kind(graph, Kind.LOCAL_IMAGE):
        if not any(kind_of(copy) is Kind.ECR_IMAGE for copy in copies(graph, resource)):
            yield _undeployed(graph, ref, resource, (resource,), None)


def _deployed(graph: ResourceGraph, image: ResourceId) -> bool:
    """Whether something runs the image or, for an index, an image in it."""
    return any(dependents(graph, stored, Relation.RUNS) for stored in listed_in(graph, image))


def _in_index(graph: ResourceGraph, image: ResourceId) -> bool:
    return bool(dependents(graph, image, Relation.CONTAINS))


def _undeployed(
    graph: ResourceGraph,
    ref: str | None,
    resource: ResourceId,
    local: tuple[ResourceId, ...],
    image: JotImage | None,
) -> Jot:
    node = record(graph, resource)
    place = (node.account, node.region) if isinstance(node, EcrImage) else ("", "")
    own = findings(graph, resource, ref)
    commit = commit_of(graph, resource, ref)
    return Jot(
        id=resource,
        account=place[0],
        region=place[1],
        function="",
        qualifiers=(),
        routes=(),
        commit=commit,
        local_images=local,
        local_tags=local_tags(graph, local),
        image=image,
        deployed_tag="",
        follows=(),
        role=None,
        package="image",
        service="",
        states=states(own),
        findings=own,
        dates=dates_of(graph, None, image.id if image else None, local, commit),
        source=source_of(graph, resource),
        tests=tested(graph, resource),
    )
