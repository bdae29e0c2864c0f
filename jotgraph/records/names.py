"""All names by which people may refer to a resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from jotgraph.records.docker import Container, LocalImage
from jotgraph.records.ecr import EcrImage, EcrRepository
from jotgraph.records.ids import ResourceId, digest_of, kind_of, last_name_of, name_of
from jotgraph.records.inventory import Node
from jotgraph.records.kind_traits import Home, Way
from jotgraph.records.kinds import KINDS
from jotgraph.records.lambda_ import Function
from jotgraph.records.references import registry_host
from jotgraph.records.workloads import Workload


def ref_names(ref: str) -> Iterator[str]:
    """Return the short names of a ref: ``refs/heads/main`` is also ``heads/main`` and ``main``
    (gitrevisions)."""
    yield ref
    if ref.startswith("refs/"):
        yield ref.removeprefix("refs/")
        yield ref.split("/", 2)[-1]


def names_of(resource: ResourceId, node: Node) -> Iterator[tuple[Way, str]]:
    """Yield each name, possibly empty, with the way in which it names the resource."""
    yield Way.ID, resource
    yield Way.ID, getattr(node, "arn", "")
    yield from _in_id(resource)
    if isinstance(node, _NamedOtherwise):
        yield from _other_names(node)


_NamedOtherwise: TypeAlias = Container | LocalImage | EcrImage | EcrRepository | Function | Workload
"""Kinds with more names than their id and ARN contain."""


def _in_id(resource: ResourceId) -> Iterator[tuple[Way, str]]:
    """Yield the names in the id itself: its name, the digest in it, a role's name without the
    path."""
    info = KINDS[kind_of(resource)]
    yield info.named, name_of(resource)
    if digest := digest_of(resource):
        yield from ((Way.DIGEST, digest), (Way.DIGEST, digest.removeprefix("sha256:")))
    if info.home is Home.ACCOUNT:
        yield info.named, last_name_of(resource)


def _other_names(node: _NamedOtherwise) -> Iterator[tuple[Way, str]]:
    match node:
        case LocalImage():
            yield from ((Way.LOCAL, name) for name in (*node.tags, *node.repo_digests))
        case Container():
            yield Way.PLAIN, node.name.removeprefix("/")
        case EcrImage():
            yield from _image_names(node)
        case EcrRepository():
            yield Way.PLAIN, node.uri
        case Function():
            yield Way.QUALIFIED, f"{node.name}:$LATEST"
        case Workload():
            yield from ((Way.QUALIFIED, f"{node.service}/{node.name}"), (Way.PLAIN, node.name))


def _image_names(image: EcrImage) -> Iterator[tuple[Way, str]]:
    host = registry_host(image.account, image.region)
    for name in (image.repository, f"{host}/{image.repository}"):
        yield Way.QUALIFIED, f"{name}@{image.digest}"
        for tag in image.tags:
            yield Way.QUALIFIED, f"{name}:{tag}"
