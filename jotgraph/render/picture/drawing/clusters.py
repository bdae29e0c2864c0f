"""The box around a resource; a box's key has the form of an id."""

from __future__ import annotations

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.records import Commit, Kind, ResourceId, key_of, kind_of, repository_of

_GIT, _INDEX = "git:", "index:"


def cluster_of(
    graph: ResourceGraph, resource: ResourceId, parents: set[ResourceId]
) -> ResourceId | None:
    """Return the key of the box that a resource is drawn in."""
    kind = kind_of(resource)
    if kind is Kind.ECR_IMAGE:
        return _index_of(graph, resource) or repository_of(resource)
    if kind in (Kind.VERSION, Kind.ALIAS):
        return next(iter(graphs.dependencies(graph, resource, Relation.PART_OF)), None)
    if kind is Kind.FUNCTION:
        return resource if resource in parents else None
    node = graphs.record(graph, resource)
    if isinstance(node, Commit) and node.repositories:
        return ResourceId(f"{_GIT}{node.repositories[0]}")
    return None


def _index_of(graph: ResourceGraph, image: ResourceId) -> ResourceId | None:
    """The index that contains an image; an index with contents is in its own box."""
    within = (image, *graphs.dependencies(graph, image, Relation.DESCRIBES))
    for member in within:
        holders = [
            *graphs.dependents(graph, member, Relation.CONTAINS),
            *((member,) if graphs.dependencies(graph, member, Relation.CONTAINS) else ()),
        ]
        if holders and repository_of(holders[0]) == repository_of(image):
            return index_box(holders[0])
    return None


def index_box(image: ResourceId) -> ResourceId:
    """Return the key of the box around an index and its contents."""
    return ResourceId(f"{_INDEX}{key_of(image)}")


def index_of(box: str) -> ResourceId | None:
    """Return the index that a box is around; None for any other box."""
    if not box.startswith(_INDEX):
        return None
    return ResourceId(f"{Kind.ECR_IMAGE}:{box.removeprefix(_INDEX)}")


def git_key_of(box: str) -> str:
    """Return the git repository that a box stands for, by its key; empty for any other box."""
    return box.removeprefix(_GIT) if box.startswith(_GIT) else ""
