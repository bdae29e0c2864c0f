"""The images that a lineage leads through, and what runs them."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.analysis.provenance import copies
from jotgraph.graph import ResourceGraph, dependencies, dependents, edges, record
from jotgraph.links import Relation
from jotgraph.records import Kind, ResourceId, Version, key_of, kind_of


def images_of(graph: ResourceGraph, resource: ResourceId) -> tuple[ResourceId, ...]:
    """The images that a resource leads to: in ECR, or local where there is no copy in ECR."""
    match kind_of(resource):
        case Kind.COMMIT:
            start = _built_from(graph, resource)
        case Kind.ECR_REPO:
            start = set(dependents(graph, resource, Relation.STORED_IN))
        case Kind.CONTAINER:
            return dependencies(graph, resource, Relation.USES)
        case Kind.LOCAL_IMAGE:
            start = {resource}
        case Kind.ECR_IMAGE:
            inside = dependencies(graph, resource, Relation.CONTAINS)
            described = dependencies(graph, resource, Relation.DESCRIBES)
            return inside or described or (resource,)
        case Kind.FUNCTION | Kind.VERSION | Kind.ALIAS | Kind.TRIGGER | Kind.WORKLOAD | Kind.ROLE:
            return ()
    return tuple(sorted(_in_registry(graph, start)))


def _built_from(graph: ResourceGraph, commit: ResourceId) -> set[ResourceId]:
    sha = key_of(commit)
    carriers = {
        source
        for source, target, found in edges(graph, Relation.BUILT_FROM, Relation.CONTENT_EQUALS)
        if (target == commit or any(sha in piece.candidates for piece in found))
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


def _in_registry(graph: ResourceGraph, images: Iterable[ResourceId]) -> set[ResourceId]:
    """For each image its copies in ECR, or itself if it has none; indexes by what they contain."""
    found: set[ResourceId] = set()
    for image in images:
        if kind_of(image) is Kind.LOCAL_IMAGE:
            held = {copy for copy in copies(graph, image) if kind_of(copy) is Kind.ECR_IMAGE}
        else:
            held = {image}
        for holder in held or {image}:
            inside = [
                child
                for child in dependencies(graph, holder, Relation.CONTAINS)
                if not dependencies(graph, child, Relation.DESCRIBES)
            ]
            found.update(inside or (holder,))
    return found


def runners_of(
    graph: ResourceGraph, resource: ResourceId, all_versions: bool
) -> tuple[tuple[ResourceId, ...], int]:
    """Functions, versions and workloads whose code is of the resource's lineage, and how many
    versions were left out."""
    match kind_of(resource):
        case Kind.FUNCTION:
            versions = _versions(graph, resource)
            shown = [
                version
                for position, version in enumerate(versions)
                if all_versions or position == 0 or dependents(graph, version, Relation.ROUTES_TO)
            ]
            return (resource, *shown), len(versions) - len(shown)
        case Kind.VERSION | Kind.WORKLOAD:
            return (resource,), 0
        case Kind.ALIAS:
            return dependencies(graph, resource, Relation.ROUTES_TO), 0
        case Kind.TRIGGER:
            targets = dependencies(graph, resource, Relation.INVOKES)
            routed = [
                end
                for target in targets
                for end in dependencies(graph, target, Relation.ROUTES_TO) or (target,)
            ]
            return tuple(sorted(set(routed))), 0
        case Kind.ROLE:
            return dependents(graph, resource, Relation.ASSUMES), 0
        case Kind.COMMIT | Kind.LOCAL_IMAGE | Kind.CONTAINER | Kind.ECR_REPO | Kind.ECR_IMAGE:
            images = images_of(graph, resource)
            found = {
                dependent
                for image in images
                for dependent in dependents(graph, image, Relation.RUNS)
            }
            return tuple(sorted(found)), 0


def _versions(graph: ResourceGraph, function: ResourceId) -> list[ResourceId]:
    """Published versions of a function, newest first."""
    found = [
        node
        for dependent in dependents(graph, function, Relation.PART_OF)
        if isinstance(node := record(graph, dependent), Version)
    ]
    return [version.id for version in sorted(found, key=lambda version: -int(version.number))]
