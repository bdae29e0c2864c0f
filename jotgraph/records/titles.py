"""Display names of resources: images by tag and digest, triggers by source and function."""

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
    short,
    short_name,
    spellings,
)
from jotgraph.records.inventory import Node
from jotgraph.records.kinds import Kind
from jotgraph.records.lambda_ import Trigger
from jotgraph.records.references import SHA, arn_of, lambda_target


def title(resource: ResourceId, node: Node | None = None, indexes: Iterable[EcrImage] = ()) -> str:
    """Return a name without account and region: ``shop/checkout:1.4 @1a2b3c4d5``. ``node`` is the
    record; ``indexes`` are the indexes that list the image, whose tags name it as well."""
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
    """Return the display name of an image: ``shop/checkout:1.4 @1a2b3c4d5``. Without a tag it is
    ``shop/checkout@1a2b3c4d5``; for a local image ``shop/checkout:dev (1a2b3c4d5)``."""
    digest = short(hex_of(image))
    if kind_of(image) is Kind.LOCAL_IMAGE:
        return f"{tag} ({digest})" if tag else digest
    repository = repository_name_of(image)
    if repository == "?":
        return f"@{digest} of an unknown repository"
    return f"{repository}:{tag} @{digest}" if tag else f"{repository}@{digest}"


def spellings_of(node: Node) -> tuple[str, ...]:
    """Return every text that a shell pattern may match for a record; an image also by its tags."""
    return spellings(node.id, node.tags if isinstance(node, EcrImage | LocalImage) else ())


def tag_of(node: Node | None, indexes: Iterable[EcrImage] = ()) -> str:
    """Return the first tag of an image, or of its indexes, that is not a revision; else the first
    tag, shortened."""
    if isinstance(node, LocalImage):
        tags = sorted(node.tags)
    elif isinstance(node, EcrImage):
        tags = [*sorted(node.tags), *sorted(tag for index in indexes for tag in index.tags)]
    else:
        return ""
    return next((tag for tag in tags if not SHA.fullmatch(tag)), short(tags[0]) if tags else "")


def trigger_title(trigger: Trigger) -> str:
    """Return ``orders → checkout``: the trigger's event source and what it calls."""
    source, target = arn_of(trigger.source_arn), lambda_target(trigger.function_arn)
    called = name_of(target) if target else trigger.function_arn
    taken = source.name if source else trigger.source_arn
    return f"{taken or trigger.uuid.partition('-')[0]} → {called or 'an unknown function'}"
