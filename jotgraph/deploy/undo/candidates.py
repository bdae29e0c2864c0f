"""What a run may have created, by its journal and, where a number was not known in advance, by
looking."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.deploy.push.moved import PUSHES, tag_of
from jotgraph.deploy.registry_image import tagged_digest
from jotgraph.deploy.undo.local_images import pulled, unfinished
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import CallFailedError
from jotgraph.records import (
    Kind,
    ResourceId,
    ecr_image_id,
    kind_of,
    name_of,
    place_of,
    version_id,
)
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.requests import list_versions

_MAKES = frozenset(
    {
        "iam:CreateRole", "ecr:CreateRepository", "lambda:CreateFunction", "lambda:CreateAlias",
        "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
        "lambda:TagResource", "lambda:UntagResource", "docker:POST /images/{name}/tag",
        "ecs:RegisterTaskDefinition", "ecs:UpdateService",
    }
)  # fmt: skip
"""Calls after which their resource may exist or have changed."""

ORDER = {
    kind: number
    for number, kind in enumerate(
        (
            Kind.WORKLOAD, Kind.ALIAS, Kind.VERSION, Kind.FUNCTION, Kind.ECR_IMAGE, Kind.ECR_REPO,
            Kind.LOCAL_IMAGE, Kind.CONTAINER, Kind.ROLE,
        )
    )
}  # fmt: skip
"""The order of removal: users before what they use."""


def candidates(undoing: Undoing) -> list[ResourceId]:
    """Return everything that the run may have created or changed. Raises CallFailedError when that
    cannot be read."""
    resources: dict[ResourceId, None] = dict.fromkeys(pulled(undoing))
    refused = undoing.journal.refused
    for entry in undoing.journal.entries:
        if entry.what == "by" and entry.call == "undo":
            break
        if entry.what == "intent" and entry.number in refused:
            continue
        if (entry.what == "intent" and entry.call in _MAKES) or (
            entry.what == "made" and entry.result != "there"
        ):
            for resource in entry.steps:
                resources[resource] = None
        elif entry.what == "intent" and entry.call == "lambda:PublishVersion":
            resources.update(dict.fromkeys(_versions(undoing, entry.steps[0])))
        elif entry.what == "intent" and entry.call in PUSHES:
            resources.update(dict.fromkeys(_image(undoing, entry.steps[0], tag_of(entry))))
    resources.update(dict.fromkeys(unfinished(undoing)))
    return [resource for resource in resources if kind_of(resource) in ORDER]


def _versions(undoing: Undoing, function: ResourceId) -> Iterator[ResourceId]:
    """The versions that the run published."""
    client, name = undoing.session.client(function), name_of(function)
    try:
        listed = list_versions(client, name).whole()
    except CallFailedError as error:
        if is_gone(error):
            return
        raise
    for version in listed:
        if version.get("Description") == undoing.description and version["Version"] != "$LATEST":
            yield version_id(*place_of(function), name, version["Version"])


def _image(undoing: Undoing, repository: ResourceId, tag: str) -> Iterator[ResourceId]:
    """The image that the tag of a push names now."""
    name = name_of(repository)
    digest = tagged_digest(undoing.session.client(repository), name, tag)
    if digest:
        yield ecr_image_id(*place_of(repository), name, digest)
