"""Resources as sentences and commands name them: images by tag and short digest."""

from __future__ import annotations

import shlex
from collections import Counter

from jotgraph.graph import ResourceGraph, dependents, record, remembered
from jotgraph.links import Relation
from jotgraph.records import (
    EcrImage,
    Kind,
    LocalImage,
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
from jotgraph.records.references import SHA

_SHORT = 9
"""Digits that a person reads: unique in repositories of a million commits (git's own estimate)."""


def short(digest: str) -> str:
    """The first digits of a digest, an id that ends in one, or a SHA."""
    return digest.rpartition(":")[2][:_SHORT]


def image_name(graph: ResourceGraph, image: ResourceId) -> str:
    """``shop/checkout:1.4 @1a2b3c4d5``; ``shop/checkout@1a2b3c4d5`` without a tag."""
    digest = short(image)
    tag = tag_of(graph, image)
    if kind_of(image) is Kind.LOCAL_IMAGE:
        return f"{tag} ({digest})" if tag else digest
    repository = repository_name_of(image)
    if repository == "?":
        return f"@{digest} of an unknown repository"
    return f"{repository}:{tag} @{digest}" if tag else f"{repository}@{digest}"


def tag_of(graph: ResourceGraph, image: ResourceId) -> str:
    """A tag that an image is known by, its own or that of an index it is in; of several the first
    that is no revision."""
    node = record(graph, image) if image in graph else None
    if isinstance(node, LocalImage):
        tags: list[str] = sorted(node.tags)
    elif isinstance(node, EcrImage):
        indexes = (record(graph, parent) for parent in dependents(graph, image, Relation.CONTAINS))
        above = (tag for index in indexes if isinstance(index, EcrImage) for tag in index.tags)
        tags = [*sorted(node.tags), *sorted(above)]
    else:
        return ""
    return next((tag for tag in tags if not SHA.fullmatch(tag)), tags[0][:_SHORT] if tags else "")


def argument(graph: ResourceGraph, resource: ResourceId) -> str:
    """A resource as the argument of a command: by a short name where that means it alone, else by
    its id; quoted for a POSIX shell."""
    kind, name, named = kind_of(resource), short_name(resource), _named(graph)
    if kind in (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS):
        alone = named[Kind.FUNCTION, function_name_of(resource)] == 1
    elif kind is Kind.ECR_IMAGE:
        alone = named[Kind.ECR_REPO, repository_name_of(resource)] == 1
    elif kind in (Kind.ECR_REPO, Kind.ROLE):
        name, alone = f"{kind}:{name}", named[kind, name] == 1
    else:  # the hex of git and the engine
        alone = place_of(resource) == NOWHERE
    return shlex.quote(name if alone else resource)


@remembered
def _named(graph: ResourceGraph) -> Counter[tuple[Kind, str]]:
    """How many functions, repositories and roles have each name."""
    named: set[ResourceId] = set()
    for resource in graph:
        kind = kind_of(resource)
        if kind is Kind.ECR_IMAGE:
            named.add(repository_of(resource))
        elif kind in (Kind.FUNCTION, Kind.ROLE, Kind.ECR_REPO):
            named.add(resource)
    return Counter((kind_of(resource), name_of(resource)) for resource in named)
