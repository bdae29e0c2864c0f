"""The image that a resource is or runs, and every resource whose evidence counts for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from jotgraph.graph import (
    ResourceGraph,
    dependencies,
    dependents,
    grade,
    is_missing,
    of_kind,
    record,
    remembered,
)
from jotgraph.links import Grade, Relation
from jotgraph.records import (
    Alias,
    EcrImage,
    Function,
    Kind,
    LocalImage,
    ResourceId,
    Version,
    Workload,
    digest_of,
    kind_of,
    repository_name_of,
    version_id,
)
from jotgraph.records.references import reference
from jotgraph.records.resolved import resolves_once, unresolved

_CONFIGURED = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS)


def image_of(graph: ResourceGraph, resource: ResourceId) -> tuple[ResourceId, ...]:
    """Return the image that a resource is or runs; of several possible copies in ECR all of them. A
    workload of several images has none that represents it."""
    kind = kind_of(resource)
    if kind in (Kind.ECR_IMAGE, Kind.LOCAL_IMAGE):
        return (resource,)
    if kind is Kind.CONTAINER:
        return dependencies(graph, resource, Relation.USES)
    if kind is Kind.WORKLOAD:
        images = images_run(graph, resource)
        return images if len(set(map(digest_of, images))) == 1 else ()
    if kind not in _CONFIGURED:
        return ()
    code = _code(graph, resource) if kind is Kind.ALIAS else resource
    return dependencies(graph, code, Relation.RUNS) if code in graph else ()


@remembered
def images_run(graph: ResourceGraph, workload: ResourceId) -> tuple[ResourceId, ...]:
    """Return the images that a workload runs. For images that it names by tag alone, these are the
    ones that it would start now; where a service does not report which image a tag resolved to,
    there are none."""
    runs = dependencies(graph, workload, Relation.RUNS)
    node = record(graph, workload)
    if not isinstance(node, Workload) or resolves_once(node):
        return runs
    names = {
        (named.account, named.region, named.repository, named.tag or "latest")
        for _, named in unresolved(node)
    }
    by_tag = (
        image
        for image in dependencies(graph, workload, Relation.FOLLOWS)
        if isinstance(stored := record(graph, image), EcrImage)
        and any((*stored.place, stored.repository, tag) in names for tag in stored.tags)
    )
    return tuple(dict.fromkeys((*runs, *by_tag)))


def images_started(graph: ResourceGraph, workload: ResourceId) -> tuple[ResourceId, ...]:
    """Return the images that a workload runs or would run when started. Unlike ``images_run`` this
    covers older revisions, and workloads whose running image is unknown."""
    return images_run(graph, workload) or dependencies(
        graph, workload, Relation.MAY_RUN, Relation.FOLLOWS
    )


def listed_in(graph: ResourceGraph, image: ResourceId) -> tuple[ResourceId, ...]:
    """Return an image and, for an index, everything that it lists, at any depth."""
    held = {image: None}
    todo = [image]
    while todo:
        for child in dependencies(graph, todo.pop(), Relation.CONTAINS):
            if child not in held:
                held[child] = None
                todo.append(child)
    return tuple(held)


def running(graph: ResourceGraph, resource: ResourceId) -> ResourceId | None:
    """Return the image that represents what a function or version runs: among copies, one that was
    read."""
    images = dependencies(graph, resource, Relation.RUNS)
    if len(images) == 1:
        return images[0]
    return min(images, key=lambda image: (is_missing(graph, image), image), default=None)


@remembered
def copies(graph: ResourceGraph, image: ResourceId) -> Mapping[ResourceId, Grade]:
    """Return the image and its copies, local and in ECR, each with the grade of the weakest link to
    it."""
    grades = {image: Grade.PROOF}
    todo = [image]
    while todo:
        current = todo.pop(0)
        ways = [(current, original) for original in dependencies(graph, current, Relation.COPY_OF)]
        ways += [(copy, current) for copy in dependents(graph, current, Relation.COPY_OF)]
        for source, target in ways:
            other = target if source == current else source
            worth = min(grades[current], grade(graph, source, target, Relation.COPY_OF))
            if other not in grades or grades[other] < worth:
                grades[other] = worth
                todo.append(other)
    return grades


def saved_copies(graph: ResourceGraph, image: ResourceId) -> dict[ResourceId, Grade]:
    """Return local images from which a lost ECR image may be restored, best first. These are its
    copies and, as hints, images with its repository's name that copy no other image."""
    grades = {
        local: worth
        for local, worth in copies(graph, image).items()
        if kind_of(local) is Kind.LOCAL_IMAGE and not is_missing(graph, local)
    }
    for local in () if grades else _by_name(graph).get(repository_name_of(image), ()):
        if not dependents(graph, local, Relation.COPY_OF):
            grades[local] = Grade.HINT
    return dict(sorted(grades.items(), key=lambda pair: (-pair[1], pair[0])))


@remembered
def _by_name(graph: ResourceGraph) -> Mapping[str, tuple[ResourceId, ...]]:
    """Local images by the names in their tags, with and without registry host and leading path."""
    by_name: dict[str, dict[ResourceId, None]] = defaultdict(dict)
    for resource in of_kind(graph, Kind.LOCAL_IMAGE):
        node = record(graph, resource)
        assert isinstance(node, LocalImage)
        for tag in node.tags:
            parts = reference(tag).name.split("/")
            for first in range(len(parts)):
                by_name["/".join(parts[first:])][resource] = None
    return {name: tuple(ids) for name, ids in by_name.items()}


@remembered
def carriers(graph: ResourceGraph, image: ResourceId) -> Mapping[ResourceId, Grade]:
    """Return every resource whose evidence counts for an image. These are its copies, the indexes
    that contain them, and what describes any of those: an attestation of an index is about every
    image in it."""
    grades = dict(copies(graph, image))
    for relation in (Relation.CONTAINS, Relation.DESCRIBES):
        for copy, worth in list(grades.items()):
            for carrier in dependents(graph, copy, relation):
                worst = min(worth, grade(graph, carrier, copy, relation))
                grades[carrier] = max(worst, grades.get(carrier, worst))
    return grades


def speakers(graph: ResourceGraph, resource: ResourceId) -> dict[ResourceId, Grade]:
    """Return every resource whose evidence counts for the image that a resource is or runs. For an
    index the listed images that the resource may run are included."""
    grades: dict[ResourceId, Grade] = {}
    for image in image_of(graph, resource):
        grades.update(carriers(graph, image))
        for listed in _listed(graph, image, resource):
            grades.update(carriers(graph, listed))
    return grades


_PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
"""Lambda's architectures as indexes write them."""


def _platforms(graph: ResourceGraph, resource: ResourceId) -> tuple[str, ...]:
    """The platforms of the images that a function can run; empty when unknown."""
    code = record(graph, _code(graph, resource))
    if not isinstance(code, (Function, Version)):
        return ()
    return tuple(_PLATFORMS.get(name, f"linux/{name}") for name in code.architectures)


def _listed(graph: ResourceGraph, index: ResourceId, runs: ResourceId) -> tuple[ResourceId, ...]:
    """The images in an index that a resource may run; empty for an image that is no index."""
    node = record(graph, index)
    if not isinstance(node, EcrImage) or not node.children:
        return ()
    platforms = _platforms(graph, runs)
    wanted = {
        child.digest
        for child in node.children
        if child.runs
        and (not platforms or any(f"{child.platform}/".startswith(f"{p}/") for p in platforms))
    }
    inside = dependencies(graph, index, Relation.CONTAINS)
    return tuple(image for image in inside if digest_of(image) in wanted)


def deployers(graph: ResourceGraph, resource: ResourceId) -> dict[ResourceId, Grade]:
    """Return every resource whose evidence counts for a deployment: the function, version or alias,
    what it routes to, and aliases that route there."""
    kind = kind_of(resource)
    if kind not in _CONFIGURED:
        return {}
    if kind is not Kind.ALIAS:
        routing = dependents(graph, resource, Relation.ROUTES_TO)
        return dict.fromkeys(sorted((resource, *routing)), Grade.PROOF)
    code = _code(graph, resource)
    routing = dependents(graph, code, Relation.ROUTES_TO) if code in graph else ()
    ids = {resource, code, *routing}
    return {carrier: Grade.PROOF for carrier in sorted(ids) if carrier in graph}


def _code(graph: ResourceGraph, alias: ResourceId) -> ResourceId:
    """The main version of an alias, or its function for ``$LATEST``; the alias itself if that was
    not read."""
    node = record(graph, alias)
    if not isinstance(node, Alias):
        return alias
    where = node.account, node.region, node.function_name
    return node.function if node.version == "$LATEST" else version_id(*where, node.version)
