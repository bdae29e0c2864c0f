"""One of each resource, with the fields that a complete scan reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from jotgraph.records import (
    Alias,
    Commit,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    ImageType,
    LocalImage,
    LogGroup,
    Role,
    Trigger,
    Version,
    Workload,
    pairs,
)
from jotgraph.records.media_types import OCI_MANIFEST
from tests.factories.names import (
    ACCOUNT,
    LONG_AGO,
    NOW,
    REGION,
    Name,
    code_sha256,
    digest,
    function_arn,
    role_arn,
    sha,
    uri,
)
from tests.factories.parts import used_image

Made = TypeVar("Made")


def trust(*services: str) -> str:
    """A trust policy that lets services assume a role: ``lambda``, ``ecs-tasks``."""
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        for service in services
    ]
    return json.dumps({"Statement": statements})


LAMBDA_ONLY = trust("lambda")


def made(record: Callable[..., Made], fields: Mapping[str, Any], given: Mapping[str, Any]) -> Made:
    """A record of the usual fields and of those that a test tells, of which a mapping is frozen."""
    values = {**fields, **given}
    return record(
        **{
            name: pairs(value) if isinstance(value, dict) else value
            for name, value in values.items()
        }
    )


def commit(name: Name = 1, *parents: Name, minutes: int = 0, **fields: Any) -> Commit:
    """A commit of so many minutes after the time of the others."""
    usual = {
        "sha": sha(name),
        "parents": tuple(sha(parent) for parent in parents),
        "committed_at": NOW + timedelta(minutes=minutes),
        "repositories": ("shop",),
    }
    return made(Commit, usual, fields)


def local_image(name: Name = 1, *tags: str, **fields: Any) -> LocalImage:
    usual = {"image_id": digest(name), "tags": tags, "size": 212_000_000}
    return made(LocalImage, usual, fields)


def container(digits: str = "c0ffeec0ffee", image: Name = 1, **fields: Any) -> Container:
    return made(Container, {"container_id": digits, "image_id": digest(image)}, fields)


def _placed(fields: Mapping[str, Any]) -> tuple[dict[str, str], str, str]:
    """The place of a record, as fields and as its account and region."""
    account, region = fields.get("account", ACCOUNT), fields.get("region", REGION)
    return {"account": account, "region": region}, account, region


def ecr_repository(name: str = "app", **fields: Any) -> EcrRepository:
    place, account, region = _placed(fields)
    usual = {
        **place,
        "name": name,
        "arn": f"arn:aws:ecr:{region}:{account}:repository/{name}",
        "uri": uri(name, **place),
        "policy": "",
        "lifecycle": "",
        "tags": (),
        "created_at": LONG_AGO,
    }
    return made(EcrRepository, usual, fields)


def ecr_image(name: Name = 1, *tags: str, repository: str = "app", **fields: Any) -> EcrImage:
    """An image of one platform, whose manifest was read; ``type=`` makes it an index."""
    usual = {
        "account": ACCOUNT,
        "region": REGION,
        "repository": repository,
        "digest": digest(name),
        "tags": tags,
        "pushed_at": LONG_AGO,
        "size": 84_000_000,
        "media_type": OCI_MANIFEST,
        "type": ImageType.IMAGE,
        "manifest_read": True,
    }
    return made(EcrImage, usual, fields)


def _code(
    runs: Name | None, tag: str | None, repository: str, place: Mapping[str, str]
) -> dict[str, Any]:
    """What Lambda says of the code, by whether it was asked for more than a list (``tag``)."""
    if runs is None:
        return {"package_type": "Zip", "code_sha256": "emlw"}
    if tag is None:
        return {"code_sha256": code_sha256(runs)}
    home = uri(repository, **place)
    return {
        "code_sha256": code_sha256(runs),
        "image_uri": f"{home}:{tag}",
        "resolved_image_uri": f"{home}@{digest(runs)}",
        "state": "Active",
    }


def function(
    name: str = "pay",
    runs: Name | None = 1,
    *,
    tag: str | None = "v1",
    role: str = "pay-role",
    repository: str = "app",
    **fields: Any,
) -> Function:
    """A function that runs an image, deployed by its tag; ``runs=None`` makes it a zip package,
    and of one with ``tag=None`` only what a list says was read."""
    place, account, _ = _placed(fields)
    usual = {
        **place,
        "name": name,
        "arn": function_arn(name, **place),
        **_code(runs, tag, repository, place),
        "role_arn": role_arn(role, account=account),
        "last_modified": LONG_AGO,
        "tags": (),
        "policy": "",
        "urls": (),
        "provisioned": (),
        "invocations": 0,
    }
    return made(Function, usual, fields)


def version(
    number: int | str = 1,
    name: str = "pay",
    runs: Name | None = 1,
    *,
    tag: str | None = None,
    role: str = "pay-role",
    repository: str = "app",
    **fields: Any,
) -> Version:
    """A published version of a function, listed; with a ``tag``, read whole."""
    place, account, _ = _placed(fields)
    usual = {
        **place,
        "name": name,
        "number": str(number),
        "arn": function_arn(f"{name}:{number}", **place),
        **_code(runs, tag, repository, place),
        "role_arn": role_arn(role, account=account),
        "last_modified": LONG_AGO,
        "invocations": 0,
    }
    return made(Version, usual, fields)


def alias(name: str = "live", to: int | str = 1, function: str = "pay", **fields: Any) -> Alias:
    """An alias that sends all calls to one version of a function, or to ``$LATEST``."""
    place, _, _ = _placed(fields)
    usual = {
        **place,
        "function_name": function,
        "name": name,
        "arn": function_arn(f"{function}:{name}", **place),
        "version": str(to),
    }
    return made(Alias, usual, fields)


def trigger(uuid: str = "5f0c6f0e", function: str = "pay", **fields: Any) -> Trigger:
    """A trigger that calls a function, or with ``name:qualifier`` an alias or version."""
    place, _, _ = _placed(fields)
    usual = {
        **place,
        "uuid": uuid,
        "function_arn": function_arn(function, **place),
        "last_modified": LONG_AGO,
    }
    return made(Trigger, usual, fields)


def workload(
    name: str = "web", *images: str | tuple[str, str], type: str = "service", **fields: Any
) -> Workload:
    """A user of images; each is a reference, or one with the digest that it was resolved to."""
    place, _, _ = _placed(fields)
    used = (used_image(image) if isinstance(image, str) else used_image(*image) for image in images)
    usual = {**place, "service": "ecs", "type": type, "name": name, "images": tuple(sorted(used))}
    return made(Workload, usual, fields)


def log_group(name: str = "/aws/lambda/pay", **fields: Any) -> LogGroup:
    """A log group that keeps events for ever."""
    place, account, region = _placed(fields)
    arn = f"arn:aws:logs:{region}:{account}:log-group:{name}"
    return made(LogGroup, {**place, "name": name, "arn": arn, "created_at": LONG_AGO}, fields)


def role(name: str = "pay-role", **fields: Any) -> Role:
    """A role that Lambda alone may assume."""
    account, path = fields.get("account", ACCOUNT), fields.get("path", "/")
    usual = {
        "account": account,
        "name": name,
        "arn": role_arn(name, account=account, path=path),
        "trust": LAMBDA_ONLY,
        "created_at": LONG_AGO,
    }
    return made(Role, usual, fields)
