"""Graph -> whether the tag that a function was deployed from has moved on from what it runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from jotgraph.graph import ResourceGraph, dependencies, record
from jotgraph.links import Relation
from jotgraph.records import EcrImage, ImageType, ResourceId, digest_of


class Drift(NamedTuple):
    """What the deployed tag of one function or version names now."""

    moved_to: tuple[ResourceId, ...]
    """The images that it names, when none of them is what runs, or an index that lists it: a build
    that wraps the same image in an index (with provenance, or for a second platform) changes the
    digest that the tag names and not a byte of what runs."""
    unclear: bool
    """It names an index of which nobody read what it lists."""


def drift(graph: ResourceGraph, resource: ResourceId) -> Drift:
    """Compare by digest: copies of one image in several repositories are one image."""
    runs = set(map(digest_of, dependencies(graph, resource, Relation.RUNS)))
    named = dependencies(graph, resource, Relation.FOLLOWS)
    if not runs or any(_holds(graph, each, runs) for each in named):
        return Drift((), False)
    unclear = any(_unread(graph, each) for each in named)
    return Drift(() if unclear else named, unclear)


def _holds(graph: ResourceGraph, image: ResourceId, digests: Collection[str]) -> bool:
    listed = dependencies(graph, image, Relation.CONTAINS)
    return any(digest_of(each) in digests for each in (image, *listed))


def _unread(graph: ResourceGraph, image: ResourceId) -> bool:
    found = record(graph, image)
    return (
        isinstance(found, EcrImage)
        and found.type is ImageType.INDEX
        and not (found.manifest_read or found.children)
    )
