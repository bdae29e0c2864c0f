"""Literal records with sensible fields, and an inventory of one place read whole, for tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from jotgraph.records import (
    Alias,
    Coverage,
    CoverageState,
    EcrImage,
    EcrRepository,
    Function,
    ImageType,
    Inventory,
    Registry,
    Role,
    Scope,
    Trigger,
    UsedImage,
    Version,
    Workload,
)
from jotgraph.records.kinds import CONSUMERS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)
A, B = "111122223333", "444455556666"
R, S = "eu-west-1", "us-west-2"
LAMBDA_ONLY = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ]
    }
)


def digest(n: int) -> str:
    return f"sha256:{n:064x}"


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def uri(repository: str, *, account: str = A, region: str = R) -> str:
    return f"{account}.dkr.ecr.{region}.amazonaws.com/{repository}"


def repo(name: str = "app", **fields: Any) -> EcrRepository:
    base: dict[str, Any] = {
        "account": A,
        "region": R,
        "policy": "",
        "lifecycle": "",
        "tags": (),
        "created_at": LONG_AGO,
    }
    return EcrRepository(name=name, **(base | fields))


def image(n: int, *tags: str, repository: str = "app", **fields: Any) -> EcrImage:
    base: dict[str, Any] = {
        "account": A,
        "region": R,
        "pushed_at": LONG_AGO,
        "size": 100,
        "media_type": "application/vnd.oci.image.manifest.v1+json",
        "type": ImageType.IMAGE,
        "manifest_read": True,
    }
    return EcrImage(repository=repository, digest=digest(n), tags=tags, **(base | fields))


def _code(n: int | None, tag: str | None, repository: str, place: dict[str, str]) -> dict[str, Any]:
    if n is None:
        return {"package_type": "Zip", "code_sha256": "zip="}
    home = uri(repository, **place)
    return {
        "code_sha256": f"{n:064x}",
        "image_uri": None if tag is None else f"{home}:{tag}",
        "resolved_image_uri": None if tag is None else f"{home}@{digest(n)}",
        "state": None if tag is None else "Active",
    }


def function(
    name: str = "f",
    runs: int | None = 1,
    *,
    tag: str | None = "v1",
    role: str = "r",
    repository: str = "app",
    **fields: Any,
) -> Function:
    place = {"account": fields.get("account", A), "region": fields.get("region", R)}
    base: dict[str, Any] = {
        **place,
        "role_arn": f"arn:aws:iam::{place['account']}:role/{role}",
        "last_modified": LONG_AGO,
        "tags": (),
        "policy": "",
        "urls": (),
        "invocations": 0,
    }
    return Function(name=name, **(base | _code(runs, tag, repository, place) | fields))


def version(
    number: int,
    name: str = "f",
    runs: int | None = 1,
    *,
    tag: str | None = None,
    role: str = "r",
    repository: str = "app",
    **fields: Any,
) -> Version:
    place = {"account": fields.get("account", A), "region": fields.get("region", R)}
    base: dict[str, Any] = {
        **place,
        "role_arn": f"arn:aws:iam::{place['account']}:role/{role}",
        "last_modified": LONG_AGO,
        "invocations": 0,
    }
    code = _code(runs, tag, repository, place)
    return Version(name=name, number=str(number), **(base | code | fields))


def alias(name: str, to: str | int, function: str = "f", **fields: Any) -> Alias:
    base: dict[str, Any] = {
        "account": A,
        "region": R,
        "function_name": function,
        "version": str(to),
    }
    return Alias(name=name, **(base | fields))


def trigger(uuid: str, function: str, **fields: Any) -> Trigger:
    base: dict[str, Any] = {
        "account": A,
        "region": R,
        "function_arn": f"arn:aws:lambda:{R}:{A}:function:{function}",
        "last_modified": LONG_AGO,
    }
    return Trigger(uuid=uuid, **(base | fields))


def workload(
    name: str = "web", *images: str | tuple[str, str], kind: str = "service", **fields: Any
) -> Workload:
    """``images`` are references, or pairs of a reference and the digest it was resolved to."""
    used = tuple(UsedImage(*((one,) if isinstance(one, str) else one)) for one in images)
    base: dict[str, Any] = {"account": A, "region": R, "service": "ecs", "images": used}
    return Workload(name=name, type=kind, **(base | fields))


def role(name: str = "r", **fields: Any) -> Role:
    base: dict[str, Any] = {"account": A, "trust": LAMBDA_ONLY, "created_at": LONG_AGO}
    found = Role(name=name, **(base | fields))
    arn = f"arn:aws:iam::{found.account}:role{found.path}{name}"
    return Role(name=name, arn=arn, **(base | fields))


def asked(
    *places: tuple[str, str], state: CoverageState = CoverageState.EMPTY, **services: CoverageState
) -> tuple[Coverage, ...]:
    """Every service that runs images was asked in each place; ``services`` are the exceptions."""
    return tuple(
        Coverage(
            account=account,
            region=region,
            service=service,
            state=services.get(service.replace("-", "_"), state),
        )
        for account, region in sorted(places)
        for service in ("lambda", *CONSUMERS)
    )


def inventory(
    *records: object, places: tuple[tuple[str, str], ...] = ((A, R),), **fields: Any
) -> Inventory:
    """Everything given, in a scope of which every place, region and registry was read."""

    def of(kind: type) -> tuple[Any, ...]:
        return tuple(each for each in records if type(each) is kind)

    from jotgraph import records as r  # noqa: PLC0415 -- one name for every kind

    base: dict[str, Any] = {
        "taken_at": NOW,
        "scope": Scope(
            accounts=tuple(sorted({account for account, _ in places})),
            places=places,
            enabled=places,
            engine="engine",
            window_days=30,
            coverage=asked(*places),
        ),
        "registries": tuple(
            Registry(account=one, region=two, policy="", pull_exclusions=()) for one, two in places
        ),
        "commits": of(r.Commit),
        "local_images": of(r.LocalImage),
        "containers": of(r.Container),
        "ecr_repositories": of(EcrRepository),
        "ecr_images": of(EcrImage),
        "functions": of(Function),
        "versions": of(Version),
        "aliases": of(Alias),
        "triggers": of(Trigger),
        "workloads": of(Workload),
        "roles": of(Role),
        "git": of(r.GitRepository),
        "content": of(r.ContentMatch),
    }
    return Inventory(**(base | fields))
