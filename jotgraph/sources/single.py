"""One resource as it is now, as the record that a scan would make of it.

Everything here raises CallFailedError when it is unknown whether a resource exists: unread is never
absent.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jotgraph.errors import CallFailedError
from jotgraph.records import (
    Alias,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    LocalImage,
    LogGroup,
    Record,
    ResourceId,
    Role,
    Trigger,
    Version,
    digest_of,
    function_name_of,
    key_of,
    kind_of,
    last_name_of,
    local_image_id,
    name_of,
    place_of,
    qualifier_of,
    repository_name_of,
)
from jotgraph.sources.aws import roles
from jotgraph.sources.aws.log_groups import get_log_group, log_group_of, log_group_tags
from jotgraph.sources.connections import Connections, ask_engine, is_gone
from jotgraph.sources.docker import container_of, image_id_of, local_image_of
from jotgraph.sources.ecr.listing import image_of, repository_record
from jotgraph.sources.ecr.requests import get_images, get_repository, list_images
from jotgraph.sources.functions.configuration import configuration_of
from jotgraph.sources.functions.detail import ask_function
from jotgraph.sources.functions.invocations import provisioned_of
from jotgraph.sources.functions.listing import alias_of, trigger_of
from jotgraph.sources.functions.requests import (
    get_alias,
    get_trigger,
    list_aliases,
    list_configurations,
    list_triggers,
    list_versions,
)
from jotgraph.sources.functions.tags import with_tags

NO_KEY = b""
"""A fixed key: values of variables are not compared here, the revision is."""


def read(connections: Connections, resource: ResourceId) -> Record | None:
    """Return the record of a resource, or None when it no longer exists."""
    try:
        return READERS[kind_of(resource)](connections, resource)
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def read_trigger(connections: Connections, resource: ResourceId) -> Trigger:
    client = connections.client(resource)
    return with_tags(client, trigger_of(client, get_trigger(client, name_of(resource))))


def read_alias(connections: Connections, resource: ResourceId) -> Alias:
    client, function = connections.client(resource), function_name_of(resource)
    return alias_of(client, function, get_alias(client, function, qualifier_of(resource)))


def read_configuration(connections: Connections, resource: ResourceId) -> Function | Version:
    """A function, or a version of one."""
    account, region = place_of(resource)
    name, number = function_name_of(resource), qualifier_of(resource)
    asked: Function | Version = (
        Version(account=account, region=region, name=name, number=number)
        if number
        else Function(account=account, region=region, name=name)
    )
    return ask_function(connections.client(resource), asked, NO_KEY)


def read_image(connections: Connections, resource: ResourceId) -> EcrImage | None:
    client, digest = connections.client(resource), digest_of(resource)
    details = get_images(client, repository_name_of(resource), digest=digest)
    images = (image_of(client, detail) for detail in details)
    return next((image for image in images if image.digest == digest), None)


def read_repository(connections: Connections, resource: ResourceId) -> EcrRepository | None:
    client = connections.client(resource)
    detail = get_repository(client, name_of(resource))
    return None if detail is None else repository_record(client, detail)


def read_role(connections: Connections, resource: ResourceId) -> Role:
    return roles.read_role(connections.client(resource), last_name_of(resource))


def read_container(connections: Connections, resource: ResourceId) -> Container | None:
    return next(
        (container for container in containers(connections) if container.id == resource), None
    )


def containers(connections: Connections) -> list[Container]:
    """Every container of the engine, running or not."""
    listed = ask_engine(connections.docker().containers, all=True)
    return [container_of(summary) for summary in listed]


def read_local_image(connections: Connections, resource: ResourceId) -> LocalImage:
    """A local image from the engine's inspection, without its parent and without checking whether
    its id is the digest of its configuration."""
    image = key_of(resource)
    detail = ask_engine(connections.docker().inspect_image, image)
    return local_image_of("", image, detail, detail, containerd=True)


def image_named(connections: Connections, name: str) -> ResourceId | None:
    """Return the local image that a name refers to now, or None."""
    try:
        detail = ask_engine(connections.docker().inspect_image, name)
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise
    return local_image_id(image_id_of(detail["Id"]))


def read_log_group(connections: Connections, resource: ResourceId) -> LogGroup | None:
    """Return a log group with its tags; without them when they may not be read."""
    client = connections.client(resource)
    detail = get_log_group(client, name_of(resource))
    if detail is None:
        return None
    group = log_group_of(client, detail)
    try:
        tags = tuple(sorted(log_group_tags(client, group.arn).items()))
    except CallFailedError:
        return group
    return msgspec.structs.replace(group, tags=tags)


def configurations(connections: Connections, account: str, region: str) -> list[Function | Version]:
    """Every function and published version of a place."""
    client = connections.region(account, region)
    listed = list_configurations(client).whole()
    return [configuration_of(client, detail, NO_KEY) for detail in listed]


def versions(connections: Connections, function: ResourceId) -> list[Version]:
    """The published versions of a function."""
    client = connections.client(function)
    listed = list_versions(client, name_of(function)).whole()
    records = (configuration_of(client, configuration, NO_KEY) for configuration in listed)
    return [version for version in records if isinstance(version, Version)]


def aliases(connections: Connections, function: ResourceId) -> list[Alias]:
    """The aliases of a function."""
    client, name = connections.client(function), name_of(function)
    return [alias_of(client, name, detail) for detail in list_aliases(client, name).whole()]


def triggers(connections: Connections, account: str, region: str) -> list[Trigger]:
    """Every event source mapping of a place."""
    client = connections.region(account, region)
    return [trigger_of(client, detail) for detail in list_triggers(client).whole()]


def provisioned(connections: Connections, function: ResourceId) -> tuple[str, ...]:
    """Return the versions and aliases of a function with provisioned concurrency, sorted."""
    try:
        return provisioned_of(connections.client(function), name_of(function))
    except CallFailedError as error:
        if is_gone(error):
            return ()
        raise


def images(connections: Connections, repository: ResourceId) -> dict[str, EcrImage]:
    """Return every image of a repository by digest, including archived ones; none when the
    repository is gone."""
    client = connections.client(repository)
    try:
        listed = list_images(client, name_of(repository)).whole()
    except CallFailedError as error:
        if is_gone(error):
            return {}
        raise
    records = (image_of(client, detail) for detail in listed)
    return {image.digest: image for image in records}


def digest_of_tag(connections: Connections, repository: ResourceId, tag: str) -> str:
    """Return the digest that a tag names; empty when there is none."""
    try:
        details = get_images(connections.client(repository), name_of(repository), tag=tag)
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise
    return str(details[0]["imageDigest"]) if details else ""


READERS: dict[Kind, Callable[[Connections, ResourceId], Record | None]] = {
    Kind.TRIGGER: read_trigger,
    Kind.ALIAS: read_alias,
    Kind.VERSION: read_configuration,
    Kind.FUNCTION: read_configuration,
    Kind.ECR_IMAGE: read_image,
    Kind.ECR_REPO: read_repository,
    Kind.ROLE: read_role,
    Kind.LOG_GROUP: read_log_group,
    Kind.CONTAINER: read_container,
    Kind.LOCAL_IMAGE: read_local_image,
}
"""How to read each deletable kind again."""
