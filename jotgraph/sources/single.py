"""One resource as it is at this moment, as the record that a scan would make of it.

Everything here raises CallFailedError when it cannot be said whether a thing is there: unread is
never absent.
"""

from __future__ import annotations

from collections.abc import Callable

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
from jotgraph.sources.aws import roles
from jotgraph.sources.docker import container_of, local_image_of
from jotgraph.sources.ecr.listing import image_of, repository_of
from jotgraph.sources.ecr.requests import get_images, get_repository, list_images
from jotgraph.sources.functions.detail import ask_function
from jotgraph.sources.functions.listing import alias_of, configuration_of, trigger_of
from jotgraph.sources.functions.requests import (
    get_alias,
    get_trigger,
    list_aliases,
    list_configurations,
    list_provisioned,
    list_triggers,
    list_versions,
)
from jotgraph.sources.session import World, ask_engine, is_gone

NO_KEY = b""
"""Values of variables are not compared here: the revision tells."""


def read(world: World, resource: ResourceId) -> Record | None:
    """The record of a resource, or None when it is not there any more."""
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
    return trigger_of(place, get_trigger(place, uuid))


def read_alias(world: World, resource: ResourceId) -> Alias:
    account, region, rest = parts(resource)
    name, _, alias = rest.partition(":")
    place = world.place(account, region)
    return alias_of(place, name, get_alias(place, name, alias))


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
    repository, _, digest = rest.partition("@")
    place = world.place(account, region)
    found = (image_of(place, image) for image in get_images(place, repository, digest=digest))
    return next((image for image in found if image.digest == digest), None)


def read_repository(world: World, resource: ResourceId) -> EcrRepository | None:
    account, region, name = parts(resource)
    place = world.place(account, region)
    found = get_repository(place, name)
    return None if found is None else repository_of(place, found)


def read_role(world: World, resource: ResourceId) -> Role:
    account, _, path_and_name = key_of(resource).partition("/")
    return roles.read_role(world.place(account), path_and_name.rpartition("/")[2])


def read_container(world: World, resource: ResourceId) -> Container | None:
    return next((found for found in containers(world) if found.id == resource), None)


def containers(world: World) -> list[Container]:
    """Every container of the engine, running or not."""
    engine = world.docker()
    return [container_of(listed) for listed in ask_engine(engine.containers, all=True)]


def read_local_image(world: World, resource: ResourceId) -> LocalImage:
    """By what the engine inspects, which has no parent; whether its id is the digest of its
    configuration is not asked."""
    engine = world.docker()
    image = key_of(resource)
    detail = ask_engine(engine.inspect_image, image)
    return local_image_of("", image, detail, detail, containerd=True)


def configurations(world: World, account: str, region: str) -> list[Function | Version]:
    """Every function and published version of a place."""
    place = world.place(account, region)
    listed = list_configurations(place).whole()
    return [configuration_of(place, found, NO_KEY) for found in listed]


def versions(world: World, function: ResourceId) -> list[Version]:
    """The published versions of a function."""
    account, region, name = parts(function)
    place = world.place(account, region)
    listed = (
        configuration_of(place, found, NO_KEY) for found in list_versions(place, name).whole()
    )
    return [found for found in listed if isinstance(found, Version)]


def aliases(world: World, function: ResourceId) -> list[Alias]:
    """The aliases of a function."""
    account, region, name = parts(function)
    place = world.place(account, region)
    return [alias_of(place, name, found) for found in list_aliases(place, name).whole()]


def triggers(world: World, account: str, region: str) -> list[Trigger]:
    """Every event source mapping of a place."""
    place = world.place(account, region)
    return [trigger_of(place, found) for found in list_triggers(place).whole()]


def provisioned(world: World, function: ResourceId) -> list[str]:
    """Versions and aliases of a function that are kept ready to run, sorted."""
    account, region, name = parts(function)
    try:
        listed = list_provisioned(world.place(account, region), name).whole()
    except CallFailedError as error:
        if is_gone(error):
            return []
        raise
    return sorted(str(found["FunctionArn"]).rpartition(":")[2] for found in listed)


def images(world: World, repository: ResourceId) -> dict[str, EcrImage]:
    """Every image of a repository by digest, archived ones too; none when the repository is
    gone."""
    account, region, name = parts(repository)
    place = world.place(account, region)
    try:
        listed = list_images(place, name).whole()
    except CallFailedError as error:
        if is_gone(error):
            return {}
        raise
    found = (image_of(place, detail) for detail in listed)
    return {image.digest: image for image in found}


def digest_of_tag(world: World, repository: ResourceId, tag: str) -> str:
    """The digest that a tag names; empty when it names none."""
    account, region, name = parts(repository)
    try:
        found = get_images(world.place(account, region), name, tag=tag)
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise
    return str(found[0]["imageDigest"]) if found else ""


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
