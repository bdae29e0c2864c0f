"""A resource -> every name that people have for it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from jotgraph.records.docker import Container, LocalImage
from jotgraph.records.ecr import EcrImage, EcrRepository
from jotgraph.records.gaps import Missing
from jotgraph.records.git import Commit
from jotgraph.records.iam import Role
from jotgraph.records.ids import Kind, ResourceId, key_of, kind_of
from jotgraph.records.inventory import Node
from jotgraph.records.lambda_ import Alias, Function, Trigger, Version


class Way(IntEnum):
    """The ways to name a resource; a name is read in the first way that leads anywhere."""

    ID = 0
    """The id or the ARN."""
    FUNCTION = 1
    """A function's name."""
    QUALIFIED = 2
    """``function:alias``, ``function:7``, ``repo:tag``, ``repo@sha256:…``, with or without the
    registry's host."""
    DIGEST = 3
    """A whole digest, commit SHA, image or container id."""
    LOCAL = 4
    """A tag or digest reference of the local engine."""
    PLAIN = 5
    """Name of a role, an ECR repository, a container, a branch or a git tag."""


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
            yield from ((Way.LOCAL, each) for each in (*node.tags, *node.repo_digests))
        case Container():
            yield Way.DIGEST, node.container_id
            yield Way.PLAIN, node.name.removeprefix("/")
        case EcrImage():
            yield from _image_names(node)
        case EcrRepository():
            yield Way.ID, node.arn
            yield from ((Way.PLAIN, each) for each in (node.name, node.uri))
        case Function():
            yield from ((Way.ID, node.arn), (Way.FUNCTION, node.name))
            yield Way.QUALIFIED, f"{node.name}:$LATEST"
        case Version():
            yield from ((Way.ID, node.arn), (Way.QUALIFIED, f"{node.name}:{node.number}"))
        case Alias():
            yield from ((Way.ID, node.arn), (Way.QUALIFIED, f"{node.function_name}:{node.name}"))
        case Trigger():
            yield Way.PLAIN, node.uuid
        case Role():
            yield Way.ID, node.arn
            yield from ((Way.PLAIN, node.name), (Way.PLAIN, f"{node.path}{node.name}".lstrip("/")))
        case Missing():
            yield from _missing_names(resource)


def _image_names(image: EcrImage) -> Iterator[tuple[Way, str]]:
    host = f"{image.account}.dkr.ecr.{image.region}.amazonaws.com"
    for name in (image.repository, f"{host}/{image.repository}"):
        yield Way.QUALIFIED, f"{name}@{image.digest}"
        for tag in image.tags:
            yield Way.QUALIFIED, f"{name}:{tag}"
    yield Way.DIGEST, image.digest
    yield Way.DIGEST, image.digest.removeprefix("sha256:")


def _missing_names(resource: ResourceId) -> Iterator[tuple[Way, str]]:
    key = key_of(resource)
    match kind_of(resource):
        case Kind.COMMIT | Kind.CONTAINER:
            yield Way.DIGEST, key
        case Kind.ECR_IMAGE:
            name = key.split("/", 2)[2]
            yield from ((Way.QUALIFIED, name), (Way.DIGEST, name.rpartition("@")[2]))
        case Kind.FUNCTION:
            yield Way.FUNCTION, key.split("/", 2)[2]
        case Kind.ROLE:
            name = key.partition("/")[2]
            yield from ((Way.PLAIN, name), (Way.PLAIN, name.rpartition("/")[2]))
        case Kind.LOCAL_IMAGE:
            yield Way.DIGEST, key
        case _:
            yield Way.QUALIFIED, key.split("/", 2)[2]
