"""Fill Lambda, IAM and Lambda's metrics in process; see seed.py for what is common."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from jotgraph.errors import SandboxError
from jotgraph.sandbox.functions import packages
from jotgraph.sandbox.functions.aliases import create_alias
from jotgraph.sandbox.functions.common import function_arn, here
from jotgraph.sandbox.functions.functions import new_configuration
from jotgraph.sandbox.functions.functions import publish as publish_one
from jotgraph.sandbox.functions.images import resolve
from jotgraph.sandbox.functions.triggers import new_trigger
from jotgraph.sandbox.seed.call import call
from jotgraph.sandbox.seed.ecr import uri
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from jotgraph.sandbox.world import Function, iam_backend, lambda_time

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
"""A trust policy for Lambda."""


def _request(
    aws: Sandbox, service: str, account: str | None, region: str | None, **params: Any
) -> Request:
    return Request(service, "", region or aws.region, account or aws.account, "", params)


def role(
    aws: Sandbox,
    name: str,
    *,
    path: str = "/",
    trust: str | Mapping[str, Any] = TRUST,
    attached: Iterable[str] = (),
    inline: Mapping[str, Mapping[str, Any]] | None = None,
    boundary: str | None = None,
    created: datetime | None = None,
    last_used: datetime | None = None,
    last_used_region: str | None = None,
    tags: Mapping[str, str] | None = None,
    instance_profile: str | None = None,
    account: str | None = None,
) -> str:
    """Make a role; returns its ARN. ``attached`` are ARNs, AWS's own or of policies that exist."""
    from moto.iam.models import Role  # noqa: PLC0415 -- moto takes a second to import

    from jotgraph.sandbox.iam.calls import aws_policy  # noqa: PLC0415 -- with moto

    where = account or aws.account
    backend = iam_backend(where)
    identity = "AROA" + hashlib.sha256(f"{where}/{name}".encode()).hexdigest()[:17].upper()
    document = trust if isinstance(trust, str) else json.dumps(trust)
    listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    make: Any = Role
    made = make(where, "aws", identity, name, document, path, boundary, "", listed, "3600")
    backend.roles[identity] = made
    if created is not None:
        made.create_date = created
    made.last_used, made.last_used_region = last_used, last_used_region
    made.policies.update((key, json.dumps(body)) for key, body in (inline or {}).items())
    for arn in attached:
        policy = backend.managed_policies.get(arn) or aws_policy(where, arn)
        policy.attach_to(made)
    if instance_profile:
        if instance_profile not in {p.name for p in backend.instance_profiles.values()}:
            backend.create_instance_profile(instance_profile, "/", [])
        backend.add_role_to_instance_profile(instance_profile, name)
    return str(made.arn)


def function(
    aws: Sandbox,
    name: str,
    image: str | None = None,
    *,
    role: str = "",
    modified: datetime | None = None,
    env: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    description: str = "",
    architecture: str = "x86_64",
    state: str = "Active",
    reason: str | None = None,
    image_config: Mapping[str, Sequence[str]] | None = None,
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Make a function of ``repo:tag``, ``repo@digest`` or a full URI; without an image a zip one.
    Called again for the same name it deploys anew: versions and aliases stay. Returns its ARN.
    The role is not checked; without one ``lambda-default`` is named."""
    request = _request(aws, "lambda", account, region)
    if image is None:
        code = packages.keep(aws.world, {"S3Bucket": "code", "S3Key": name})
        kind = {"PackageType": "Zip", "Runtime": "python3.13", "Handler": "app.handler"}
    else:
        full = image if ".dkr.ecr." in image else uri(aws, image, account, region)
        code, kind = resolve(aws.world, request, full), {"PackageType": "Image"}
    arn = f"arn:aws:iam::{request.account}:role/lambda-default"
    spec: dict[str, Any] = {"Role": role or arn, "Description": description, **kind}
    spec["Architectures"] = [architecture]
    if env:
        spec["Environment"] = {"Variables": env}
    if image_config:
        spec["ImageConfig"] = image_config
    config = new_configuration(aws.world, request, name, spec, code)
    config["State"] = state
    if modified is not None:
        config["LastModified"] = lambda_time(modified.timestamp())
    if reason:
        config["StateReasonCode"] = config["StateReason"] = reason
    functions = here(aws.world, request).functions
    stored = functions.setdefault(name, Function(config))
    stored.latest, stored.changed = config, True
    stored.tags.update(tags or {})
    return function_arn(request, name)


def version(
    aws: Sandbox,
    name: str,
    *,
    modified: datetime | None = None,
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Publish the function as it is; returns the version number."""
    request = _request(aws, "lambda", account, region)
    owner = here(aws.world, request).functions[name]
    owner.changed = True
    made = publish_one(aws.world, request, name, owner)
    if modified is not None:
        made["LastModified"] = lambda_time(modified.timestamp())
    return str(made["Version"])


def alias(
    aws: Sandbox,
    name: str,
    alias: str,
    version: str,
    *,
    weights: Mapping[str, float] | None = None,
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Name a version; returns the alias's ARN."""
    params: dict[str, Any] = {"FunctionName": name, "Name": alias, "FunctionVersion": version}
    if weights:
        params["RoutingConfig"] = {"AdditionalVersionWeights": dict(weights)}
    reply = create_alias(aws.world, _request(aws, "lambda", account, region, **params))
    if reply is None:
        raise SandboxError(f"alias {alias!r} was not made")
    return str(reply.result["AliasArn"])


def trigger(
    aws: Sandbox,
    function: str,
    source: str,
    *,
    enabled: bool = True,
    modified: datetime | None = None,
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Map a source ARN to ``function`` or ``function:alias``, present or not; returns the
    UUID, the same for the same two."""
    request = _request(aws, "lambda", account, region)
    name, _, qualifier = function.partition(":")
    arn = function_arn(request, name, qualifier)
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn} {source}"))
    made = new_trigger(aws.world, request, arn, source, enabled, identity)
    if modified is not None:
        made["LastModified"] = modified.timestamp()
    here(aws.world, request).triggers[made["UUID"]] = made
    return str(made["UUID"])


def metric(
    aws: Sandbox,
    name: str,
    points: Iterable[tuple[datetime, float]],
    *,
    metric: str = "Invocations",
    qualifier: str = "",
    executed: str = "",
    account: str | None = None,
    region: str | None = None,
) -> None:
    """Record values of an AWS/Lambda metric for a function, for one qualifier of it (dimension
    ``Resource``), or for what a qualifier sent to one version (``ExecutedVersion``)."""
    dimensions = [("FunctionName", name)]
    if qualifier:
        dimensions.append(("Resource", f"{name}:{qualifier}"))
    if executed:
        dimensions.append(("ExecutedVersion", executed))
    place = aws.world.metrics.setdefault((account or aws.account, region or aws.region), {})
    series = place.setdefault((metric, *sorted(dimensions)), [])
    series.extend((moment.timestamp(), float(value)) for moment, value in points)


def capacity_provider(
    aws: Sandbox,
    name: str,
    role: str,
    *,
    account: str | None = None,
    region: str | None = None,
) -> None:
    """Make a capacity provider with its operator role, by ARN."""
    permissions = {"CapacityProviderOperatorRoleArn": role}
    network = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    words = {"CapacityProviderName": name, "PermissionsConfig": permissions, "VpcConfig": network}
    call(aws, "lambda", "CreateCapacityProvider", account, region, **words)
