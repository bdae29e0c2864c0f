"""Every name that people have for a resource."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.records.docker import Container, LocalImage
from jotgraph.records.ecr import EcrImage, EcrRepository
from jotgraph.records.gaps import Missing
from jotgraph.records.git import Commit
from jotgraph.records.iam import Role
from jotgraph.records.ids import ResourceId, digest_of, kind_of, last_name_of, name_of
from jotgraph.records.inventory import Node
from jotgraph.records.kinds import KINDS, Way
from jotgraph.records.lambda_ import Alias, Function, Trigger, Version
from jotgraph.records.references import registry_host
from jotgraph.records.workloads import Workload


def ref_names(ref: str) -> Iterator[str]:
    """``refs/heads/main`` is also ``heads/main`` and ``main`` (gitrevisions)."""
    yield ref
    if ref.startswith("refs/"):
        yield ref.removeprefix("refs/")
        yield ref.split("/", 2)[-1]


def names_of(resource: ResourceId, node: Node) -> Iterator[tuple[Way, str]]:
    """Each name, some of them empty, with the way in which it names the resource."""
    yield Way.ID, resource
    match node:
        case Commit():
            yield Way.DIGEST, node.sha
        case LocalImage():
            yield Way.DIGEST, node.image_id
            yield Way.DIGEST, node.image_id.removeprefix("sha256:")
            yield from ((Way.LOCAL, name) for name in (*node.tags, *node.repo_digests))
        case Container():
            yield Way.DIGEST, node.container_id
            yield Way.PLAIN, node.name.removeprefix("/")
        case EcrImage():
            yield from _image_names(node)
        case EcrRepository():
            yield Way.ID, node.arn
            yield from ((Way.PLAIN, name) for name in (node.name, node.uri))
        case Function():
            yield from ((Way.ID, node.arn), (Way.FUNCTION, node.name))
            yield Way.QUALIFIED, f"{node.name}:$LATEST"
        case Version():
            yield from ((Way.ID, node.arn), (Way.QUALIFIED, f"{node.name}:{node.number}"))
        case Alias():
            yield from ((Way.ID, node.arn), (Way.QUALIFIED, f"{node.function_name}:{node.name}"))
        case Trigger():
            yield Way.PLAIN, node.uuid
        case Workload():
            yield from ((Way.ID, node.arn), (Way.QUALIFIED, name_of(resource)))
            yield Way.QUALIFIED, f"{node.service}/{node.name}"
            yield Way.PLAIN, node.name
        case Role():
            yield Way.ID, node.arn
            yield from ((Way.PLAIN, node.name), (Way.PLAIN, f"{node.path}{node.name}".lstrip("/")))
        case Missing():
            yield from _missing_names(resource)


def _image_names(image: EcrImage) -> Iterator[tuple[Way, str]]:
    host = registry_host(image.account, image.region)
    for name in (image.repository, f"{host}/{image.repository}"):
        yield Way.QUALIFIED, f"{name}@{image.digest}"
        for tag in image.tags:
            yield Way.QUALIFIED, f"{name}:{tag}"
    yield Way.DIGEST, image.digest
    yield Way.DIGEST, image.digest.removeprefix("sha256:")


def _missing_names(resource: ResourceId) -> Iterator[tuple[Way, str]]:
    """What an id alone says: its name, the digest in it, a role's name without the path."""
    way = KINDS[kind_of(resource)].named
    yield way, name_of(resource)
    if way is Way.QUALIFIED:
        yield Way.DIGEST, digest_of(resource)
    if way is Way.PLAIN:
        yield way, last_name_of(resource)
