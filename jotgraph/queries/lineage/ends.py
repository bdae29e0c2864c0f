"""The images in a lineage, and what runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter

from jotgraph.analysis.provenance import copies
from jotgraph.analysis.provenance.carriers import images_started
from jotgraph.graph import ResourceGraph, dependencies, dependents, edges, record
from jotgraph.links import Relation
from jotgraph.records import Kind, ResourceId, Version, key_of, kind_of, qualifier_of
from jotgraph.records.references import LATEST_PUBLISHED


def images_of(graph: ResourceGraph, resource: ResourceId) -> tuple[ResourceId, ...]:
    """Return the images that a resource leads to: in ECR, or local ones without a copy in ECR. What
    runs images leads to none, since the lineage starts at it."""
    find = _IMAGES.get(kind_of(resource))
    return tuple(find(graph, resource)) if find else ()


def _of_index(graph: ResourceGraph, image: ResourceId) -> tuple[ResourceId, ...]:
    """The images in an index or described by an attestation; any other image by itself."""
    inside = dependencies(graph, image, Relation.CONTAINS)
    return inside or dependencies(graph, image, Relation.DESCRIBES) or (image,)


def _built_from(graph: ResourceGraph, commit: ResourceId) -> set[ResourceId]:
    sha = key_of(commit)
    carriers = {
        source
        for source, target, pieces in edges(graph, Relation.BUILT_FROM, Relation.CONTENT_EQUALS)
        if (target == commit or any(sha in piece.candidates for piece in pieces))
        and kind_of(source) in (Kind.LOCAL_IMAGE, Kind.ECR_IMAGE)
    }
    inside = {
        image
        for carrier in carriers
        for image in dependencies(graph, carrier, Relation.CONTAINS, Relation.DESCRIBES)
    }
    return {
        carrier for carrier in carriers if not dependencies(graph, carrier, Relation.DESCRIBES)
    } | inside


def _in_registry(graph: ResourceGraph, images: Iterable[ResourceId]) -> list[ResourceId]:
    """The ECR copies of each image, or itself if it has none; for an index those of its images."""
    stored_images: set[ResourceId] = set()
    for image in images:
        stored = {image}
        if kind_of(image) is Kind.LOCAL_IMAGE:
            stored = {copy for copy in copies(graph, image) if kind_of(copy) is Kind.ECR_IMAGE}
        for holder in stored or {image}:
            inside = [
                child
                for child in dependencies(graph, holder, Relation.CONTAINS)
                if not dependencies(graph, child, Relation.DESCRIBES)
            ]
            stored_images.update(inside or (holder,))
    return sorted(stored_images)


_IMAGES: Mapping[Kind, Callable[[ResourceGraph, ResourceId], Iterable[ResourceId]]] = {
    Kind.COMMIT: lambda graph, commit: _in_registry(graph, _built_from(graph, commit)),
    Kind.LOCAL_IMAGE: lambda graph, image: _in_registry(graph, {image}),
    Kind.CONTAINER: lambda graph, container: dependencies(graph, container, Relation.USES),
    Kind.ECR_REPO: lambda graph, repository: _in_registry(
        graph, dependents(graph, repository, Relation.STORED_IN)
    ),
    Kind.ECR_IMAGE: _of_index,
}


def runners_of(
    graph: ResourceGraph, resource: ResourceId, all_versions: bool
) -> tuple[tuple[ResourceId, ...], int]:
    """Return what runs a resource's images, and how many versions were left out."""
    if kind_of(resource) is Kind.FUNCTION:
        return _with_versions(graph, resource, all_versions)
    if kind_of(resource) in _IMAGES:
        images = images_of(graph, resource)
        return tuple(sorted({user for image in images for user in _users(graph, image)})), 0
    find = _RUNNERS.get(kind_of(resource))
    return (find(graph, resource) if find else (resource,)), 0


def _users(graph: ResourceGraph, image: ResourceId) -> Iterator[ResourceId]:
    """What runs an image, and workloads that would start with it."""
    yield from dependents(graph, image, Relation.RUNS)
    for user in dependents(graph, image, Relation.FOLLOWS, Relation.MAY_RUN):
        if kind_of(user) is Kind.WORKLOAD and image in images_started(graph, user):
            yield user


def _invoked(graph: ResourceGraph, trigger: ResourceId) -> tuple[ResourceId, ...]:
    """What a trigger calls; for an alias the versions that it routes to."""
    ends = {
        end
        for target in dependencies(graph, trigger, Relation.INVOKES)
        for end in dependencies(graph, target, Relation.ROUTES_TO) or (target,)
    }
    return tuple(sorted(ends))


_RUNNERS: Mapping[Kind, Callable[[ResourceGraph, ResourceId], tuple[ResourceId, ...]]] = {
    Kind.ALIAS: lambda graph, alias: dependencies(graph, alias, Relation.ROUTES_TO),
    Kind.TRIGGER: _invoked,
    Kind.ROLE: lambda graph, role: dependents(graph, role, Relation.ASSUMES),
}
"""How to find what runs code on behalf of other kinds; other kinds run it themselves."""


def _with_versions(
    graph: ResourceGraph, function: ResourceId, all_versions: bool
) -> tuple[tuple[ResourceId, ...], int]:
    versions = _versions(graph, function)
    shown = [
        version
        for position, version in enumerate(versions)
        if all_versions
        or position == 0
        or qualifier_of(version) == LATEST_PUBLISHED
        or dependents(graph, version, Relation.ROUTES_TO)
    ]
    return (function, *shown), len(versions) - len(shown)


def _versions(graph: ResourceGraph, function: ResourceId) -> list[ResourceId]:
    """The published versions of a function, newest first."""
    versions = [
        node
        for dependent in dependents(graph, function, Relation.PART_OF)
        if isinstance(node := record(graph, dependent), Version)
    ]
    return [version.id for version in sorted(versions, key=attrgetter("order"), reverse=True)]
