"""Restores published versions of Lambda, under new numbers.

Numbers are not reused, "even for a function that has been deleted and recreated" (Lambda guide,
"Manage Lambda function versions"); versions that an alias needs are published again under the next
number.
"""

from __future__ import annotations

from typing import Any

from jotgraph.apply.undo.configuration import code, configuration
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.apply.undo.waiting import settle
from jotgraph.errors import ApplyError, CallFailedError, UnrestorableError, reason_of
from jotgraph.records import (
    Kind,
    ResourceId,
    function_name_of,
    function_of,
    kind_of,
    place_of,
    version_id,
)

_BLANK: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""}, "Environment": {"Variables": {}},
    "FileSystemConfigs": [], "ImageConfig": {}, "KMSKeyArn": "", "Layers": [],
    "SnapStart": {"ApplyOn": "None"}, "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}  # fmt: skip
"""The values with which UpdateFunctionConfiguration resets a setting."""
_OTHERWISE = frozenset({"Architectures", "PackageType", "Description", "TenancyConfig"})
"""Settings that UpdateFunctionConfiguration does not change, or that PublishVersion sets."""


def version(restorer: Restorer) -> str:
    """Report the number under which a version exists now, which is never its old one."""
    if new := renumbered(restorer, restorer.id):
        raise UnrestorableError(
            f"version numbers are not reused; the same code and configuration are now version {new}"
        )
    copy = (restorer.backup_of(restorer.id) or {}).get("GetFunction")
    if copy is None:
        raise UnrestorableError(f"version numbers are not reused; {restorer.kept_configuration}")
    image = (copy.get("Code") or {}).get("ResolvedImageUri", "its package")
    raise UnrestorableError(
        f"version numbers are not reused; it ran {image}: deploy that and publish it to have it "
        f"again ({restorer.kept_configuration})"
    )


def renumbered(restorer: Restorer, resource: ResourceId) -> str:
    """Return the number under which an undo published a version again, or empty."""
    number = restorer.noted("number", resource)
    new = version_id(*place_of(resource), function_name_of(resource), number)
    return number if number and restorer.session.read(new) is not None else ""


def publish_again(restorer: Restorer, name: str) -> None:
    """Publish what the function's deleted aliases named, oldest first. Each version passes through
    ``$LATEST``, which is set to its final state last. Versions that cannot be published are noted
    as trouble."""
    for number, resource in sorted(wanted(restorer, name).items()):
        copy = restorer.backup_of(resource)
        if copy is None or renumbered(restorer, resource):
            continue
        try:
            restorer.note(resource, number=_publish(restorer, name, copy["GetFunction"]))
        except (CallFailedError, ApplyError) as error:
            why = f"version {number} could not be published again: {reason_of(error)}"
            restorer.trouble.append(why)
    _become(restorer, name, restorer.answers["GetFunction"])


def wanted(restorer: Restorer, name: str) -> dict[int, ResourceId]:
    """Return the deleted versions that a deleted alias of the function named, by number."""
    by_number: dict[int, ResourceId] = {}
    for alias in restorer.gone:
        if kind_of(alias) is not Kind.ALIAS or function_of(alias) != restorer.id:
            continue
        copy = restorer.backup_of(alias)
        for number in versions_of(copy["GetAlias"]) if copy else ():
            resource = version_id(*place_of(restorer.id), name, number)
            if resource in restorer.gone:
                by_number[int(number)] = resource
    return by_number


def versions_of(alias: dict[str, Any]) -> dict[str, float | None]:
    """Return the version numbers of an alias with their weights; the main one's is None."""
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {alias["FunctionVersion"]: None, **weights}


def _publish(restorer: Restorer, name: str, wanted: dict[str, Any]) -> str:
    """Publish a version with this code and configuration and return its number. That is the last
    version's when nothing differs from it (PublishVersion)."""
    _become(restorer, name, wanted)
    config = wanted["Configuration"]
    version = restorer.ask(
        "lambda",
        "PublishVersion",
        FunctionName=name,
        CodeSha256=config["CodeSha256"],
        Description=config.get("Description", ""),
    )
    settle(restorer, name)
    return str(version["Version"])


def _become(restorer: Restorer, name: str, wanted: dict[str, Any]) -> None:
    """Give ``$LATEST`` the code and configuration of a version, or its own, where they differ."""
    now, config = settle(restorer, name)["Configuration"], wanted["Configuration"]
    if any(now.get(key) != config.get(key) for key in ("CodeSha256", "Architectures")):
        words = {"FunctionName": name, **code(restorer, wanted)}
        if config.get("Architectures"):
            words["Architectures"] = config["Architectures"]
        restorer.ask("lambda", "UpdateFunctionCode", **words)
        settle(restorer, name)
    current, wanted_settings = configuration(now), configuration(config)
    changed: dict[str, Any] = {
        key: wanted_settings.get(key, _BLANK.get(key))
        for key in (current.keys() | wanted_settings.keys()) - _OTHERWISE
        if current.get(key) != wanted_settings.get(key)
    }
    if changed:
        restorer.ask("lambda", "UpdateFunctionConfiguration", FunctionName=name, **changed)
        settle(restorer, name)
