"""Lambda: published versions. Their numbers are never given twice, "even for a function that has
been deleted and recreated" (Lambda guide, "Manage Lambda function versions"); what an alias needs
is published again, under the next number."""

from __future__ import annotations

from typing import Any

from jotgraph.apply.undo.configuration import code, configuration
from jotgraph.apply.undo.restorer import CannotError, Maker
from jotgraph.apply.undo.waiting import settle
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.records import Kind, ResourceId, kind_of, version_id
from jotgraph.sources.single import parts, read

_BLANK: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""}, "Environment": {"Variables": {}},
    "FileSystemConfigs": [], "ImageConfig": {}, "KMSKeyArn": "", "Layers": [],
    "SnapStart": {"ApplyOn": "None"}, "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}  # fmt: skip
"""What UpdateFunctionConfiguration wants to set a member back to nothing."""
_OTHERWISE = frozenset({"Architectures", "PackageType", "Description", "TenancyConfig"})
"""Members that UpdateFunctionConfiguration does not set, or that PublishVersion does."""


def version(make: Maker) -> str:
    """Never under its number; says under which it is there."""
    if new := renumbered(make, make.id):
        raise CannotError(
            f"numbers are never given twice; the same code and configuration are version {new} now"
        )
    found = (make.backup_of(make.id) or {}).get("GetFunction") or {}
    image = (found.get("Code") or {}).get("ResolvedImageUri", "its package")
    raise CannotError(
        f"numbers are never given twice; it ran {image}: deploy that and publish it to have it "
        "again (its configuration is in the backup)"
    )


def renumbered(make: Maker, resource: ResourceId) -> str:
    """The number under which an undo published a version again, or empty."""
    number = make.noted("number", resource)
    account, region, rest = parts(resource)
    new = version_id(account, region, rest.partition(":")[0], number)
    return number if number and read(make.world, new) is not None else ""


def publish_again(make: Maker, name: str) -> None:
    """Publish what the function's deleted aliases named, oldest first, each by way of $LATEST,
    which is what it was in the end. A version that cannot be published is told as trouble."""
    for number, resource in sorted(_wanted(make, name).items()):
        kept = make.backup_of(resource)
        if kept is None or renumbered(make, resource):
            continue
        try:
            make.note(resource, number=_publish(make, name, kept["GetFunction"]))
        except (CallFailedError, ApplyError, CannotError) as error:
            said = error.failure.detail if isinstance(error, CallFailedError) else str(error)
            make.trouble.append(f"version {number} could not be published again: {said}")
    _become(make, name, make.answers["GetFunction"])


def _wanted(make: Maker, name: str) -> dict[int, ResourceId]:
    """Deleted versions that a deleted alias of the function named, by number."""
    account, region, _ = parts(make.id)
    found: dict[int, ResourceId] = {}
    for each in make.gone:
        of = parts(each)[2].partition(":")[0] if kind_of(each) is Kind.ALIAS else ""
        kept = make.backup_of(each) if of == name else None
        if kept is None or parts(each)[:2] != (account, region):
            continue
        for number in versions_of(kept["GetAlias"]):
            resource = version_id(account, region, name, number)
            if resource in make.gone:
                found[int(number)] = resource
    return found


def versions_of(alias: dict[str, Any]) -> dict[str, float | None]:
    """Numbers that an alias names, each with its weight; the main one's is None."""
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {alias["FunctionVersion"]: None, **weights}


def _publish(make: Maker, name: str, wanted: dict[str, Any]) -> str:
    """The number of a version with this code and configuration: a new one, or the last when it is
    the same (PublishVersion)."""
    _become(make, name, wanted)
    config = wanted["Configuration"]
    made = make.ask(
        "lambda",
        "PublishVersion",
        FunctionName=name,
        CodeSha256=config["CodeSha256"],
        Description=config.get("Description", ""),
    )
    settle(make, name)
    return str(made["Version"])


def _become(make: Maker, name: str, wanted: dict[str, Any]) -> None:
    """Give $LATEST the code and the configuration of a version, or its own, where they differ."""
    now, config = settle(make, name)["Configuration"], wanted["Configuration"]
    if any(now.get(key) != config.get(key) for key in ("CodeSha256", "Architectures")):
        words = {"FunctionName": name, **code(make, wanted)}
        if config.get("Architectures"):
            words["Architectures"] = config["Architectures"]
        make.ask("lambda", "UpdateFunctionCode", **words)
        settle(make, name)
    held, given = configuration(now), configuration(config)
    changed: dict[str, Any] = {
        key: given.get(key, _BLANK.get(key))
        for key in (held.keys() | given.keys()) - _OTHERWISE
        if held.get(key) != given.get(key)
    }
    if changed:
        make.ask("lambda", "UpdateFunctionConfiguration", FunctionName=name, **changed)
        settle(make, name)
