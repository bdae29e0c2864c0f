"""Records of functions from a FunctionConfiguration, the same in every call of Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.records import Function, Version
from jotgraph.records.mentions import names_in_values
from jotgraph.records.references import qualifier_in, unqualified
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.environment import env_hash, revision_env

LATEST = "$LATEST"
LONGEST = 366 * 86400
"""The longest durable execution in seconds (API_DurableConfig, ExecutionTimeout)."""


def configuration_of(
    place: RegionClient, detail: Mapping[str, Any], key: bytes
) -> Function | Version:
    """Make a record of one FunctionConfiguration, as ListFunctions and GetFunction give it."""
    arn = str(detail.get("FunctionArn", ""))
    number = detail.get("Version") or qualifier_in(arn) or LATEST
    variables = (detail.get("Environment") or {}).get("Variables") or {}
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
        "custom_runtime": str((detail.get("RuntimeConfig") or {}).get("RuntimeArn") or ""),
        "capacity_provider": _capacity_provider(detail),
        "durable_seconds": _durable_seconds(detail),
    }
    return Function(**shared) if number == LATEST else Version(number=number, **shared)


def _capacity_provider(detail: Mapping[str, Any]) -> str:
    """The ARN of the capacity provider whose instances it runs on."""
    config = detail.get("CapacityProviderConfig") or {}
    instances = config.get("LambdaManagedInstancesCapacityProviderConfig") or {}
    return str(instances.get("CapacityProviderArn") or "")


def _durable_seconds(detail: Mapping[str, Any]) -> int | None:
    """How long its durable executions may last; the maximum where that is not given."""
    config = detail.get("DurableConfig")
    return int(config.get("ExecutionTimeout") or LONGEST) if config else None
