"""What exists already of what ``up`` creates, each read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from jotgraph.deploy.build.preparation import Prepared
from jotgraph.deploy.push import target_of
from jotgraph.deploy.registry_image import RegistryImage, read_image, tagged_digest
from jotgraph.deploy.rollout.aliases import LATEST
from jotgraph.deploy.rollout.roles import FUNCTION_TAG, role_name, role_tags
from jotgraph.deploy.run import place_of_run
from jotgraph.deploy.up.run_up import UpOptions
from jotgraph.errors import CallFailedError
from jotgraph.records import (
    Alias,
    ResourceId,
    alias_id,
    ecr_image_id,
    function_id,
    name_of,
    place_of,
)
from jotgraph.records.conventions import REVISION_LABEL
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.roles import get_role
from jotgraph.sources.connections import Connections, is_gone
from jotgraph.sources.ecr.requests import get_repository
from jotgraph.sources.functions.requests import get_function
from jotgraph.sources.single import read_alias

_DIGITS = 12
"""Digits of the commit in an image's tag."""
T = TypeVar("T")


@dataclass(frozen=True)
class Existing:
    """The target of ``up``, and what exists there; None for what does not."""

    function: ResourceId
    repository: ResourceId
    tag: str
    tag_is_named: bool
    """Whether the tag was given; else it comes from the commit."""
    repository_detail: Mapping[str, Any] | None
    tagged: RegistryImage | None
    """The image with the tag."""
    current: Any
    """GetFunction's answer for the function."""
    alias: Alias | None
    behind_alias: Any
    """GetFunction's answer for the version that the alias routes to, if it is a single one."""
    role: str
    """ARN of the given role, or of a new function's own role."""
    is_own_role: bool
    """Whether the role was created for the function."""


def look(
    connections: Connections, prepared: Prepared, function: str, options: UpOptions
) -> Existing:
    """Read all of it. Raises CallFailedError for what cannot be read."""
    home = place_of_run(connections)
    resource, client = function_id(*home, function), connections.region(*home)
    repository, tag = target_of(options.repository or function, options.push.tag, home)
    name = name_of(repository)
    detail = _found(lambda: get_repository(client, name))
    wanted = tag or _default_tag(prepared)
    current = _found(lambda: get_function(client, function))
    alias = None if current is None else _alias(connections, resource, options.deploy.alias)
    role, is_own = _role(client, resource, options.deploy.role, new=current is None)
    return Existing(
        function=resource,
        repository=repository,
        tag=wanted,
        tag_is_named=bool(tag),
        repository_detail=detail,
        tagged=None if detail is None else _tagged(connections, client, repository, wanted),
        current=current,
        alias=alias,
        behind_alias=_behind(client, function, alias),
        role=role,
        is_own_role=is_own,
    )


def _tagged(
    connections: Connections, client: RegionClient, repository: ResourceId, tag: str
) -> RegistryImage | None:
    name = name_of(repository)
    digest = tagged_digest(client, name, tag)
    if not digest:
        return None
    return read_image(connections, ecr_image_id(*place_of(repository), name, digest))


def _alias(connections: Connections, function: ResourceId, alias: str) -> Alias | None:
    if not alias:
        return None
    resource = alias_id(*place_of(function), name_of(function), alias)
    return _found(lambda: read_alias(connections, resource))


def _behind(client: RegionClient, function: str, alias: Alias | None) -> Any:
    if alias is None or alias.weights:
        return None
    version = "" if alias.version == LATEST else alias.version
    return _found(lambda: get_function(client, function, version))


def _role(client: RegionClient, function: ResourceId, given: str, *, new: bool) -> tuple[str, bool]:
    """The ARN of the given role, or of a new function's own if that exists; and whether it was
    created for the function."""
    if given.startswith("arn:") or not (given or new):
        return given, False
    role = _found(lambda: get_role(client, given or role_name(function)))
    if role is None:
        return "", False
    return str(role["Arn"]), role_tags(role).get(FUNCTION_TAG) == function


def _found(read: Callable[[], T]) -> T | None:
    """The answer of a call, None for what does not exist. Raises CallFailedError."""
    try:
        return read()
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def _default_tag(prepared: Prepared) -> str:
    """The default tag of ``push``: the first digits of the commit. Without a commit it is not known
    before the build."""
    revision, dash, rest = prepared.labels.get(REVISION_LABEL, "").partition("-")
    return f"{revision[:_DIGITS]}{dash}{rest}" if revision else "image"
