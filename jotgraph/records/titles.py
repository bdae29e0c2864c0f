"""The one name by which people are shown a resource: images by tag beside the digest, triggers by
source and function."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.records.docker import Container, LocalImage
from jotgraph.records.ecr import EcrImage
from jotgraph.records.ids import (
    ResourceId,
    hex_of,
    kind_of,
    name_of,
    repository_name_of,
    short_name,
    spellings,
)
from jotgraph.records.inventory import Node
from jotgraph.records.kinds import Kind
from jotgraph.records.lambda_ import Trigger
from jotgraph.records.references import SHA, arn_of, lambda_target

SHORT = 9
"""Digits that a person reads: unique in repositories of a million commits (git's own estimate)."""


def short(digest: str) -> str:
    """The first digits of a digest, an id that ends in one, or a SHA."""
    return digest.rpartition(":")[2][:SHORT]


def title(resource: ResourceId, node: Node | None = None, indexes: Iterable[EcrImage] = ()) -> str:
    """Return a name without its account and region: ``shop/checkout:1.4 @1a2b3c4d5``.

    ``node`` is what was read of it; ``indexes`` list an image, and their tags name it as well.
    """
    kind = kind_of(resource)
    if kind in (Kind.ECR_IMAGE, Kind.LOCAL_IMAGE):
        return image_title(resource, tag_of(node, indexes))
    if kind is Kind.COMMIT:
        return short(name_of(resource))
    if isinstance(node, Trigger):
        return trigger_title(node)
    if isinstance(node, Container) and node.name:
        return f"{node.name.removeprefix('/')} ({short(hex_of(resource))})"
    return short_name(resource)


def image_title(image: ResourceId, tag: str) -> str:
    """``shop/checkout:1.4 @1a2b3c4d5``; ``shop/checkout@1a2b3c4d5`` without a tag; of a local image
    ``shop/checkout:dev (1a2b3c4d5)``."""
    digest = short(hex_of(image))
    if kind_of(image) is Kind.LOCAL_IMAGE:
        return f"{tag} ({digest})" if tag else digest
    repository = repository_name_of(image)
    if repository == "?":
        return f"@{digest} of an unknown repository"
    return f"{repository}:{tag} @{digest}" if tag else f"{repository}@{digest}"


def spellings_of(node: Node) -> tuple[str, ...]:
    """How a shell pattern may mean what was read: an image by its tags as well."""
    return spellings(node.id, node.tags if isinstance(node, EcrImage | LocalImage) else ())


def tag_of(node: Node | None, indexes: Iterable[EcrImage] = ()) -> str:
    """A tag that an image is known by, its own or that of an index it is in; of several the first
    that is no revision."""
    if isinstance(node, LocalImage):
        tags = sorted(node.tags)
    elif isinstance(node, EcrImage):
        tags = [*sorted(node.tags), *sorted(tag for index in indexes for tag in index.tags)]
    else:
        return ""
    return next((tag for tag in tags if not SHA.fullmatch(tag)), short(tags[0]) if tags else "")


def trigger_title(trigger: Trigger) -> str:
    """``orders → checkout``: whose events it takes, and what it calls."""
    source, target = arn_of(trigger.source_arn), lambda_target(trigger.function_arn)
    called = name_of(target) if target else trigger.function_arn
    taken = source.name if source else trigger.source_arn
    return f"{taken or trigger.uuid[:8]} → {called or 'an unknown function'}"
