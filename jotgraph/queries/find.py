"""A name typed by a person -> the one resource it means, or all that a glob matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from enum import IntEnum
from fnmatch import fnmatchcase

from jotgraph.errors import AmbiguousNameError, UnknownNameError
from jotgraph.graph import ResourceGraph, about, record
from jotgraph.records import (
    Alias,
    Commit,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    LocalImage,
    Missing,
    Node,
    ResourceId,
    Role,
    Trigger,
    Version,
    commit_id,
    key_of,
    kind_of,
)

SHORTEST_PREFIX = 4
_SUGGESTED_FROM = 20_000
_HEX = re.compile(r"[0-9a-f]+")
_ANCESTRY = re.compile(r"(?P<base>.+?)(?P<steps>(?:~\d*|\^)+)")


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


LISTS = "jotgraph ls --all and jotgraph orphans --all list what is here"
"""Where a person finds the names."""


def find(graph: ResourceGraph, name: str) -> ResourceId:
    """Return the one resource that ``name`` means.

    A unique prefix (4 or more hex digits) of a digest or SHA, ``kind:name``, and ``~n`` and ``^``
    after a commit are understood as well. Raises UnknownNameError, with the nearest names, or
    AmbiguousNameError, with the candidates.
    """
    found = _candidates(graph, name)
    if not found:
        raise UnknownNameError(name, _nearest(graph, name), LISTS)
    if len(found) > 1:
        raise AmbiguousNameError(name, found)
    return found[0]


def find_many(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """Return what a name or a glob (``*``, ``?``, ``[…]``) means, sorted; a name without them is
    ``find``'s. Raises UnknownNameError when a glob matches nothing."""
    if not any(each in name for each in "*?["):
        return (find(graph, name),)
    found = {
        resource for _, text, resource in _names(graph) if text == name or fnmatchcase(text, name)
    }
    if not found:
        raise UnknownNameError(name, (), LISTS)
    return tuple(sorted(found))


def short(resource: ResourceId) -> str:
    """A name for people, which ``find`` reads back unless it is ambiguous: ``checkout:7``,
    ``shop/checkout@sha256:1a2b3c4d5e6f``, ``1a2b3c4d5e6f``."""
    kind, key = kind_of(resource), key_of(resource)
    match kind:
        case Kind.COMMIT | Kind.CONTAINER:
            return key[:12]
        case Kind.LOCAL_IMAGE:
            return key[:19]
        case Kind.ECR_IMAGE:
            name, _, digest = key.split("/", 2)[2].rpartition("@")
            return f"{name}@{digest[:19]}"
        case Kind.ROLE:
            return key.partition("/")[2]
        case _:
            return key.split("/", 2)[2]


def _candidates(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    if name in graph:
        return (ResourceId(name),)
    found: dict[int, set[ResourceId]] = {}
    for way, text, resource in _names(graph):
        if text == name:
            found.setdefault(way, set()).add(resource)
    if found:
        return _one_of_the_same_bytes(found[min(found)])
    for attempt in (_by_prefix, _by_ancestry, _by_kind):
        if some := attempt(graph, name):
            return some
    return ()


def _names(graph: ResourceGraph) -> Iterator[tuple[Way, str, ResourceId]]:
    """Every name of every resource."""
    for resource in graph:
        for way, text in _names_of(resource, record(graph, resource)):
            if text:
                yield way, text, resource
    for repository in about(graph).git:
        refs = list(repository.refs)
        if repository.head:
            refs.append(("HEAD", repository.head))
        for ref, sha in refs:
            if commit_id(sha) in graph:
                for text in _ref_names(ref):
                    yield Way.PLAIN, text, commit_id(sha)


def _ref_names(ref: str) -> Iterator[str]:
    """``refs/heads/main`` is also ``heads/main`` and ``main`` (gitrevisions)."""
    yield ref
    if ref.startswith("refs/"):
        yield ref.removeprefix("refs/")
        yield ref.split("/", 2)[-1]


def _names_of(resource: ResourceId, node: Node) -> Iterator[tuple[Way, str]]:
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


def _by_prefix(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """``1a2b``, ``sha256:1a2b`` or ``repo@sha256:1a2b`` (``repo@1a2b``)."""
    place, _, digest = name.rpartition("@")
    prefix = digest.lower().removeprefix("sha256:")
    if len(prefix) < SHORTEST_PREFIX or not _HEX.fullmatch(prefix):
        return ()
    commits_too = not place and not digest.startswith("sha256:")
    found = set()
    for resource in graph:
        kind, key = kind_of(resource), key_of(resource)
        if kind in (Kind.COMMIT, Kind.CONTAINER):
            hit = commits_too and key.startswith(prefix)
        elif kind is Kind.LOCAL_IMAGE:
            hit = not place and key.removeprefix("sha256:").startswith(prefix)
        elif kind is Kind.ECR_IMAGE:
            head, _, hexes = key.rpartition("@sha256:")
            hit = hexes.startswith(prefix) and place in ("", head.split("/", 2)[2])
        else:
            continue
        if hit:
            found.add(resource)
    return _one_of_the_same_bytes(found)


def _one_of_the_same_bytes(found: set[ResourceId]) -> tuple[ResourceId, ...]:
    """In the containerd store a local image's id is the manifest's digest, as in ECR: the digest
    then means the image in ECR."""
    digests = {key_of(each).rpartition("@")[2] for each in found if kind_of(each) is Kind.ECR_IMAGE}
    return tuple(
        sorted(
            each
            for each in found
            if kind_of(each) is not Kind.LOCAL_IMAGE or key_of(each) not in digests
        )
    )


def _by_ancestry(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """``main~2``, ``HEAD^``: first parents only (gitrevisions)."""
    match = _ANCESTRY.fullmatch(name)
    if match is None:
        return ()
    steps = sum(int(each[1:] or 1) for each in re.findall(r"~\d*|\^", match["steps"]))
    ends = {_ancestor(graph, each, steps) for each in _candidates(graph, match["base"])}
    return tuple(sorted(each for each in ends if each is not None))


def _ancestor(graph: ResourceGraph, resource: ResourceId, steps: int) -> ResourceId | None:
    for _ in range(steps):
        node = record(graph, resource)
        if not isinstance(node, Commit) or not node.parents:
            return None
        resource = commit_id(node.parents[0])
        if resource not in graph:
            return None
    return resource


def _by_kind(graph: ResourceGraph, name: str) -> tuple[ResourceId, ...]:
    """``role:app``, ``ecr-repo:app``: a name restricted to one kind."""
    kind, colon, rest = name.partition(":")
    if not colon or kind not in tuple(Kind):
        return ()
    found: dict[int, set[ResourceId]] = {}
    for way, text, resource in _names(graph):
        if text == rest and kind_of(resource) == kind:
            found.setdefault(way, set()).add(resource)
    return tuple(sorted(found[min(found)])) if found else ()


def _nearest(graph: ResourceGraph, name: str) -> tuple[str, ...]:
    names: set[str] = set()
    for way, text, _ in _names(graph):
        if way in (Way.FUNCTION, Way.QUALIFIED, Way.LOCAL, Way.PLAIN) and "@" not in text:
            names.add(text)
            if len(names) >= _SUGGESTED_FROM:
                break
    return tuple(get_close_matches(name, sorted(names), n=3, cutoff=0.6))
