"""A resource id -> its record as it is at this moment, or None when it is not there any more.

Everything here raises CallFailedError when it cannot be said which: unread is never absent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jotgraph.failures import CallFailedError
from jotgraph.records import (
    Alias,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    LocalImage,
    Record,
    ResourceId,
    Role,
    Trigger,
    Version,
    key_of,
    kind_of,
)
from jotgraph.sources.aws.calls import Place
from jotgraph.sources.aws.roles import role_of
from jotgraph.sources.docker import container_of
from jotgraph.sources.ecr.listing import image_of, repository_of
from jotgraph.sources.functions.detail import ask_function
from jotgraph.sources.functions.listing import alias_of, configuration_of, trigger_of
from jotgraph.sources.session import World, ask_engine, is_gone

NO_KEY = b""
"""Values of variables are not compared here: the revision tells."""


def read(world: World, resource: ResourceId) -> Record | None:
    """The record of a resource as the scan would make it now."""
    try:
        return READERS[kind_of(resource)](world, resource)
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def parts(resource: ResourceId) -> tuple[str, str, str]:
    """(account, region, the rest) of an id of ECR or Lambda."""
    account, region, rest = key_of(resource).split("/", 2)
    return account, region, rest


def read_trigger(world: World, resource: ResourceId) -> Trigger:
    account, region, uuid = parts(resource)
    place = world.place(account, region)
    return trigger_of(place, place.ask("lambda", "GetEventSourceMapping", "UUID", UUID=uuid))


def read_alias(world: World, resource: ResourceId) -> Alias:
    account, region, rest = parts(resource)
    name, _, alias = rest.partition(":")
    place = world.place(account, region)
    found = place.ask("lambda", "GetAlias", "Name", FunctionName=name, Name=alias)
    return alias_of(place, name, found)


def read_configuration(world: World, resource: ResourceId) -> Function | Version:
    account, region, rest = parts(resource)
    name, _, number = rest.partition(":")
    place = world.place(account, region)
    asked: Function | Version = (
        Version(account=account, region=region, name=name, number=number)
        if number
        else Function(account=account, region=region, name=name)
    )
    return ask_function(place, asked, NO_KEY)


def read_image(world: World, resource: ResourceId) -> EcrImage | None:
    account, region, rest = parts(resource)
    name, _, digest = rest.partition("@")
    place = world.place(account, region)
    answer = place.ask(
        "ecr",
        "DescribeImages",
        "imageDetails",
        repositoryName=name,
        imageIds=[{"imageDigest": digest}],
    )
    found = [image_of(place, each) for each in answer["imageDetails"]]
    return next((each for each in found if each.digest == digest), None)


def read_repository(world: World, resource: ResourceId) -> EcrRepository | None:
    account, region, name = parts(resource)
    place = world.place(account, region)
    answer = place.ask("ecr", "DescribeRepositories", "repositories", repositoryNames=[name])
    found = [repository_of(place, each) for each in answer["repositories"]]
    return next((each for each in found if each.name == name), None)


def read_role(world: World, resource: ResourceId) -> Role:
    """By the role's own calls, in the shape of GetAccountAuthorizationDetails."""
    account, _, path_and_name = key_of(resource).partition("/")
    place = world.place(account)
    name = path_and_name.rpartition("/")[2]
    detail = dict(place.ask("iam", "GetRole", "Role", RoleName=name)["Role"])
    detail["AttachedManagedPolicies"] = every(
        place, "iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=name
    )
    names = every(place, "iam", "ListRolePolicies", "PolicyNames", RoleName=name)
    detail["RolePolicyList"] = [
        place.ask("iam", "GetRolePolicy", "PolicyDocument", RoleName=name, PolicyName=each)
        for each in names
    ]
    detail["InstanceProfileList"] = every(
        place, "iam", "ListInstanceProfilesForRole", "InstanceProfiles", RoleName=name
    )
    return role_of(account, detail)


def read_container(world: World, resource: ResourceId) -> Container | None:
    return next((each for each in containers(world) if each.id == resource), None)


def containers(world: World) -> list[Container]:
    """Every container of the engine, running or not."""
    engine = world.docker()
    return [container_of(each) for each in ask_engine(engine.containers, all=True)]


def read_local_image(world: World, resource: ResourceId) -> LocalImage:
    engine = world.docker()
    image = key_of(resource)
    found = ask_engine(engine.inspect_image, image)
    tags = tuple(sorted(each for each in found.get("RepoTags") or () if "<none>" not in each))
    return LocalImage(image_id=image, tags=tags)


def every(place: Place, service: str, action: str, items: str, **params: Any) -> list[Any]:
    """A whole listing. Raises CallFailedError when any page is lost. IAM and Lambda call the
    token ``Marker``; Lambda's next one is ``NextMarker``, ECR's ``nextToken``."""
    if service == "ecr":
        listing = place.pages(service, action, items, **params)
    else:
        next_token = "NextMarker" if service == "lambda" else "Marker"
        listing = place.pages(
            service, action, items, token="Marker", next_token=next_token, **params
        )
    if listing.failure:
        raise CallFailedError(listing.failure)
    return list(listing.items)


def configurations(world: World, account: str, region: str) -> list[Function | Version]:
    """Every function and published version of a place, now."""
    place = world.place(account, region)
    found = every(place, "lambda", "ListFunctions", "Functions", FunctionVersion="ALL", MaxItems=50)
    return [configuration_of(place, each, NO_KEY) for each in found]


def triggers(world: World, account: str, region: str) -> list[Trigger]:
    """Every event source mapping of a place, now."""
    place = world.place(account, region)
    found = every(place, "lambda", "ListEventSourceMappings", "EventSourceMappings", MaxItems=100)
    return [trigger_of(place, each) for each in found]


READERS: dict[Kind, Callable[[World, ResourceId], Record | None]] = {
    Kind.TRIGGER: read_trigger,
    Kind.ALIAS: read_alias,
    Kind.VERSION: read_configuration,
    Kind.FUNCTION: read_configuration,
    Kind.ECR_IMAGE: read_image,
    Kind.ECR_REPO: read_repository,
    Kind.ROLE: read_role,
    Kind.CONTAINER: read_container,
    Kind.LOCAL_IMAGE: read_local_image,
}
"""How each kind that may be deleted is looked at again."""
