"""One FunctionConfiguration, as every call of Lambda that tells of functions gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.records import Function, Version
from jotgraph.records.mentions import names_in_values
from jotgraph.records.references import unqualified
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.environment import env_hash, revision_env

LATEST = "$LATEST"


def configuration_of(
    place: RegionClient, detail: Mapping[str, Any], key: bytes
) -> Function | Version:
    """Make a record of one FunctionConfiguration, as ListFunctions and GetFunction give it."""
    number = detail.get("Version", LATEST)
    variables = (detail.get("Environment") or {}).get("Variables") or {}
    arn = str(detail.get("FunctionArn", ""))
    shared: dict[str, Any] = {
        "account": place.account,
        "region": place.region,
        "name": detail["FunctionName"],
        "arn": unqualified(arn),
        "package_type": detail.get("PackageType") or "",
        "code_sha256": detail.get("CodeSha256", ""),
        "role_arn": detail.get("Role", ""),
        "last_modified": parse_time(detail.get("LastModified")),
        "revision": detail.get("RevisionId", ""),
        "runtime": detail.get("Runtime", ""),
        "handler": detail.get("Handler", ""),
        "description": detail.get("Description", ""),
        "architectures": tuple(detail.get("Architectures") or ()),
        "env_names": tuple(sorted(variables)),
        "env_hash": env_hash(variables, key),
        "env": revision_env(variables, place.revision_names),
        "mentions": names_in_values(variables.values()),
        "layers": tuple(str(layer.get("Arn", "")) for layer in detail.get("Layers") or ()),
        "log_group": (detail.get("LoggingConfig") or {}).get("LogGroup", ""),
    }
    return Function(**shared) if number == LATEST else Version(number=number, **shared)
