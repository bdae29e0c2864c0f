"""Tags of images to be deleted: an image loses all its tags, whichever one it was named by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

from jotgraph.analysis.usage import Options
from jotgraph.analysis.usage.ecr_images import kept_tags
from jotgraph.graph import ResourceGraph, record
from jotgraph.plan.model import Plan, Step
from jotgraph.records import (
    EcrImage,
    Kind,
    LocalImage,
    ResourceId,
    kind_of,
    repository_name_of,
)


def kept_by_other_tags(
    graph: ResourceGraph, named: Mapping[str, Collection[ResourceId]], options: Options
) -> dict[ResourceId, str]:
    """Return images that were named by one tag and that a keep pattern protects by another, with
    the reason. ``named`` are the typed names, with what they mean."""
    if "kept-tag" in options.ignore:
        return {}
    typed: dict[ResourceId, set[str]] = {}
    whole: set[ResourceId] = set()
    for name, images in named.items():
        for image in images:
            if tags := _named_by(graph, name, image):
                typed.setdefault(image, set()).update(tags)
            else:
                whole.add(image)
    stays = {}
    for image in typed.keys() - whole:
        others = tuple(tag for tag in _tags(graph, image) if tag not in typed[image])
        for doubt in kept_tags(others, options):
            stays[image] = (
                f"{doubt.statement} [kept-tag], and it was named by its tag {min(typed[image])}; "
                "name it by its digest to delete it with all its tags"
            )
    return stays


def _named_by(graph: ResourceGraph, name: str, image: ResourceId) -> set[str]:
    """The tags of an image in a typed name; empty for its digest or its id."""
    if ":" not in name or "@" in name or name.startswith("sha256:"):
        return set()
    pattern = name.rpartition(":")[2]
    return {tag for tag in _tags(graph, image) if fnmatchcase(tag, pattern)}


def _tags(graph: ResourceGraph, image: ResourceId) -> tuple[str, ...]:
    node = record(graph, image)
    if isinstance(node, LocalImage):
        return tuple(name.rpartition(":")[2] for name in node.tags)
    return node.tags if isinstance(node, EcrImage) else ()


def tags_along(plan: Plan) -> list[str]:
    """Return the tags that are deleted along with a plan's images, beside those in their titles,
    sorted."""
    shown = dict(plan.titles)
    return sorted(
        reference
        for step in plan.steps
        for reference in _references(step)
        if f"{shown.get(step.id, '')} ".partition(" ")[0] != reference
    )


def _references(step: Step) -> list[str]:
    """The tags of an image as people write them; those of the engine include the name."""
    tags = dict(step.fingerprint).get("tags", "").split()
    if kind_of(step.id) is Kind.ECR_IMAGE:
        return [f"{repository_name_of(step.id)}:{tag}" for tag in tags]
    return tags if kind_of(step.id) is Kind.LOCAL_IMAGE else []
