"""Names of resources in sentences and commands: images by tag and short digest."""

from __future__ import annotations

from collections import Counter

from jotgraph.graph import ResourceGraph, dependents, known_of_kind, record, remembered
from jotgraph.links import Relation
from jotgraph.records import (
    EcrImage,
    Kind,
    ResourceId,
    function_name_of,
    kind_of,
    name_of,
    place_of,
    repository_name_of,
    repository_of,
    short_name,
)
from jotgraph.records.ids import NOWHERE
from jotgraph.records.titles import title


def image_name(graph: ResourceGraph, image: ResourceId) -> str:
    """Return ``shop/checkout:1.4 @1a2b3c4d5``, or ``shop/checkout@1a2b3c4d5`` without a tag."""
    return titled(graph, image)


def titled(graph: ResourceGraph, resource: ResourceId) -> str:
    """Return the display name of a resource, whether or not it is in the graph."""
    if resource not in graph:
        return title(resource)
    listing = dependents(graph, resource, Relation.CONTAINS)
    above = [index for child in listing if isinstance(index := record(graph, child), EcrImage)]
    return title(resource, record(graph, resource), above)


def argument(graph: ResourceGraph, resource: ResourceId) -> str:
    """Return a resource as the argument of a command: the short name if that is unambiguous, else
    the id."""
    kind, name, named = kind_of(resource), short_name(resource), _named(graph)
    if kind in (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS):
        alone = named[Kind.FUNCTION, function_name_of(resource)] == 1
    elif kind is Kind.ECR_IMAGE:
        alone = named[Kind.ECR_REPO, repository_name_of(resource)] == 1
    elif kind in (Kind.ECR_REPO, Kind.ROLE):
        name, alone = f"{kind}:{name}", named[kind, name] == 1
    else:  # the hex of git and the engine
        alone = place_of(resource) == NOWHERE
    return name if alone else resource


@remembered
def _named(graph: ResourceGraph) -> Counter[tuple[Kind, str]]:
    """How many functions, repositories and roles share each name."""
    named = {repository_of(image) for image in known_of_kind(graph, Kind.ECR_IMAGE)}
    for kind in (Kind.FUNCTION, Kind.ROLE, Kind.ECR_REPO):
        named.update(known_of_kind(graph, kind))
    return Counter((kind_of(resource), name_of(resource)) for resource in named)
