"""Task definitions of ECS: read, registered with another image, and deregistered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.apply.session import Session
from jotgraph.deploy.registry_image import RegistryImage
from jotgraph.deploy.run import RUN_TAG, Run
from jotgraph.errors import ApplyError, NotThereError, OptionError
from jotgraph.records import ResourceId
from jotgraph.records.references import ecr_reference
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.ecs_services import active_task_definitions, get_task_definition

REGISTER = "ecs:RegisterTaskDefinition"
_NOT_TAKEN = frozenset(
    {
        "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities",
        "registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt",
    }
)  # fmt: skip
"""Members of a TaskDefinition that RegisterTaskDefinition does not accept."""


def chosen_container(definition: Mapping[str, Any], asked: str, image: RegistryImage) -> str:
    """Return the container to update. It is the requested one, the only one, or the only one with
    an image of the same repository. Raises OptionError, NotThereError."""
    names = [str(row["name"]) for row in definition["containerDefinitions"]]
    listed = ", ".join(names)
    if asked:
        if asked not in names:
            raise NotThereError(
                f"{definition['family']} has no container {asked}; name one that it has: {listed}"
            )
        return asked
    if len(names) == 1:
        return names[0]
    same = [
        str(row["name"])
        for row in definition["containerDefinitions"]
        if (named := ecr_reference(row["image"])) and named.repository == image.record.repository
    ]
    if len(same) != 1:
        raise OptionError(
            f"{definition['family']} has several containers ({listed}); name one: --container"
        )
    return same[0]


def image_of(definition: Mapping[str, Any], container: str) -> str:
    rows = definition["containerDefinitions"]
    return str(next((row["image"] for row in rows if row["name"] == container), ""))


def digest_in(definition: Mapping[str, Any], container: str) -> str:
    """Return the digest that a container runs; empty if it is given a tag."""
    named = ecr_reference(image_of(definition, container))
    return named.digest if named else ""


def first_digest(definition: Mapping[str, Any]) -> str:
    """Return the digest of the first container that is given one."""
    rows = definition["containerDefinitions"]
    digests = (digest_in(definition, str(row["name"])) for row in rows)
    return next((digest for digest in digests if digest), "")


def registered_revision(
    run: Run,
    resource: ResourceId,
    definition: Mapping[str, Any],
    container: str,
    image: RegistryImage,
) -> str:
    """Return the ARN of the next revision with the image, which this run registers once."""
    place = run.session.client(resource)
    family = str(definition["family"])
    if run.journal.intents(resource, REGISTER):
        for ours in own_revisions(place, run.identity, family):
            if image_of(ours, container) == image.uri:  # a tag may have moved since
                return str(ours["taskDefinitionArn"])
    request = {key: value for key, value in definition.items() if key not in _NOT_TAKEN}
    request["containerDefinitions"] = [
        {**row, "image": image.uri} if row["name"] == container else row
        for row in definition["containerDefinitions"]
    ]
    kept = ("aws:", "jotgraph:")
    own = [tag for tag in definition["tags"] if not str(tag["key"]).startswith(kept)]
    request["tags"] = [*own, *({"key": key, "value": value} for key, value in run.tags.items())]
    run.tell(f"registering the next revision of {definition['family']}")
    answer = run.session.call((resource,), "ecs", "RegisterTaskDefinition", **_bare(request))
    if made := answer.get("taskDefinition"):
        return str(made["taskDefinitionArn"])
    if not (registered := own_revisions(place, run.identity, family)):
        raise ApplyError("the revision was registered but cannot be found; run the command again")
    return str(registered[0]["taskDefinitionArn"])


def _bare(request: dict[str, Any]) -> dict[str, Any]:
    """Remove empty members, some of which ECS refuses."""
    return {key: value for key, value in request.items() if value not in (None, [], {}, "")}


def own_revisions(place: RegionClient, identity: str, family: str) -> list[dict[str, Any]]:
    """Return the active revisions of a family that a run registered, by its tag, newest first. Each
    revision is read. Raises CallFailedError."""
    listed = active_task_definitions(place, family)
    definitions = (get_task_definition(place, arn) for arn in listed)
    tag = {"key": RUN_TAG, "value": identity}
    return [definition for definition in definitions if tag in definition["tags"]]


def deregister(session: Session, resource: ResourceId, definition: str) -> None:
    """Deregister a revision. Raises CallFailedError."""
    session.call((resource,), "ecs", "DeregisterTaskDefinition", taskDefinition=definition)
