"""Fill the sandbox in process, thousands of resources a second, with times of your choice.

Every function takes the running Sandbox first, then names; ``account`` and ``region`` default to
the sandbox's own. Times are aware datetimes. Nothing is logged as a call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from jotgraph.errors import SandboxError
from jotgraph.sandbox.ecr_put import digest_of, read_image, store
from jotgraph.sandbox.lambda_aliases import create_alias
from jotgraph.sandbox.lambda_common import function_arn, here
from jotgraph.sandbox.lambda_functions import new_configuration
from jotgraph.sandbox.lambda_functions import publish as publish_one
from jotgraph.sandbox.lambda_images import resolve, zip_code
from jotgraph.sandbox.lambda_triggers import new_trigger
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from jotgraph.sandbox.world import (
    Images,
    ecr_backend,
    iam_backend,
    images_of,
    lambda_time,
    repository_of,
)

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
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


def uri(aws: Sandbox, reference: str, account: str | None = None, region: str | None = None) -> str:
    """The full image URI of ``repo:tag``, ``repo@digest`` or ``repo:tag@digest``."""
    host = f"{account or aws.account}.dkr.ecr.{region or aws.region}.amazonaws.com"
    return f"{host}/{reference}"


def repository(
    aws: Sandbox,
    name: str,
    *,
    created: datetime | None = None,
    mutability: str = "MUTABLE",
    policy: Mapping[str, Any] | None = None,
    lifecycle: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Make an ECR repository; returns its ARN."""
    backend = ecr_backend(account or aws.account, region or aws.region)
    listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    made = backend.create_repository(name, None, None, None, mutability, listed)
    if created is not None:
        made.created_at = created
    made.policy = json.dumps(policy) if policy else None
    made.lifecycle_policy = json.dumps(lifecycle) if lifecycle else None
    return str(made.arn)


def manifest(
    config: bytes | str = b"{}",
    layers: Sequence[tuple[str, int]] = (),
    *,
    subject: str | None = None,
    artifact_type: str | None = None,
    annotations: Mapping[str, str] | None = None,
    layer_type: str = LAYER,
) -> str:
    """The text of an OCI image manifest over a config blob and (digest, size) layers."""
    content = config.encode() if isinstance(config, str) else config
    body: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": digest_of(content), "size": len(content)},
        "layers": [{"mediaType": layer_type, "digest": d, "size": s} for d, s in layers],
    }
    if artifact_type:
        body["artifactType"] = artifact_type
    if subject:
        body["subject"] = {"mediaType": MANIFEST, "digest": subject, "size": 0}
    if annotations:
        body["annotations"] = dict(annotations)
    return json.dumps(body)


def image_config(
    labels: Mapping[str, str] | None = None,
    *,
    env: Sequence[str] = (),
    diff_ids: Sequence[str] = (),
    created: datetime | None = None,
    architecture: str = "amd64",
) -> bytes:
    """The bytes of an OCI image config."""
    config: dict[str, Any] = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Env": list(env), "Labels": dict(labels or {})},
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
    }
    if created is not None:
        config["created"] = created.isoformat()
    return json.dumps(config).encode()


def image(
    aws: Sandbox,
    repo: str,
    *tags: str,
    config: bytes | None = None,
    layers: Sequence[bytes] = (),
    text: str | None = None,
    media_type: str | None = None,
    pushed: datetime | None = None,
    pulled: datetime | None = None,
    archived: bool = False,
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Put an image under any number of tags (none: untagged); returns its digest.

    Give the manifest's ``text``, or a ``config`` blob and ``layers`` bytes to have one made; with
    neither, a small manifest is made from the tags. Blobs can be downloaded.
    """
    images = images_of(repository_of(aws.world, account or aws.account, region or aws.region, repo))
    if text is None:
        config = config if config is not None else image_config({"tag": f"{repo}:{tags}"})
        text = manifest(config, [(digest_of(layer), len(layer)) for layer in layers])
    for blob in (*([config] if config is not None else []), *layers):
        images.blobs[digest_of(blob)] = blob
    made = _put(aws, images, text, media_type, tags, pushed)
    if pulled is not None:
        made.pulled_at = pulled.timestamp()
    if archived:
        made.archived, made.archived_at = True, aws.world.now()
    return str(made.digest)


def _put(
    aws: Sandbox,
    images: Images,
    text: str,
    media_type: str | None,
    tags: Iterable[str],
    pushed: datetime | None,
) -> Any:
    when = pushed.timestamp() if pushed else aws.world.now()
    made = read_image(text, json.loads(text), media_type, when, images)
    made = store(images, made, None)
    for tag in tags:
        store(images, made, tag)
    return made


def index(
    aws: Sandbox,
    repo: str,
    children: Mapping[str, str],
    *tags: str,
    attests: Mapping[str, str] | None = None,
    pushed: datetime | None = None,
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Put an image index; returns its digest. ``children``: digest -> ``os/arch[/variant]``;
    ``attests``: digest of an attestation manifest -> digest of what it is about (buildx layout)."""
    listed = []
    for digest, platform in children.items():
        system, _, rest = platform.partition("/")
        machine, _, variant = rest.partition("/")
        named = {"os": system, "architecture": machine, **({"variant": variant} if variant else {})}
        listed.append({"mediaType": MANIFEST, "digest": digest, "size": 0, "platform": named})
    for digest, subject in (attests or {}).items():
        listed.append(
            {
                "mediaType": MANIFEST,
                "digest": digest,
                "size": 0,
                "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {
                    "vnd.docker.reference.type": "attestation-manifest",
                    "vnd.docker.reference.digest": subject,
                },
            }
        )
    text = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed})
    return image(
        aws, repo, *tags, text=text, media_type=INDEX, pushed=pushed, account=account, region=region
    )


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

    from jotgraph.sandbox.iam import aws_policy  # noqa: PLC0415 -- with moto

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
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Make a function of ``repo:tag``, ``repo@digest`` or a full URI; without an image a zip one.
    Called again for the same name it deploys anew: versions and aliases stay. Returns its ARN.
    The role is not checked; without one ``lambda-default`` is named."""
    from jotgraph.sandbox.world import Function  # noqa: PLC0415 -- its name is ours here

    request = _request(aws, "lambda", account, region)
    if image is None:
        code = zip_code({"S3Bucket": "code", "S3Key": name})
        kind = {"PackageType": "Zip", "Runtime": "python3.13", "Handler": "app.handler"}
    else:
        full = image if ".dkr.ecr." in image else uri(aws, image, account, region)
        code, kind = resolve(aws.world, request, full), {"PackageType": "Image"}
    arn = f"arn:aws:iam::{request.account}:role/lambda-default"
    spec: dict[str, Any] = {"Role": role or arn, "Description": description, **kind}
    spec["Architectures"] = [architecture]
    if env:
        spec["Environment"] = {"Variables": env}
    config = new_configuration(aws.world, request, name, spec, code)
    config["State"] = state
    if modified is not None:
        config["LastModified"] = lambda_time(modified.timestamp())
    if reason:
        config["StateReasonCode"] = config["StateReason"] = reason
    functions = here(aws.world, request).functions
    held = functions.setdefault(name, Function(config))
    held.latest, held.changed = config, True
    held.tags.update(tags or {})
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
    held = here(aws.world, request).functions[name]
    held.changed = True
    made = publish_one(aws.world, request, name, held)
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
    account: str | None = None,
    region: str | None = None,
) -> str:
    """Map a source ARN to ``function`` or ``function:alias``, present or not; returns the UUID."""
    request = _request(aws, "lambda", account, region)
    name, _, qualifier = function.partition(":")
    arn = function_arn(request, name, qualifier)
    made = new_trigger(aws.world, request, arn, source, enabled)
    here(aws.world, request).triggers[made["UUID"]] = made
    return str(made["UUID"])


def metric(
    aws: Sandbox,
    name: str,
    points: Iterable[tuple[datetime, float]],
    *,
    metric: str = "Invocations",
    qualifier: str = "",
    account: str | None = None,
    region: str | None = None,
) -> None:
    """Record values of an AWS/Lambda metric for a function, or for one qualifier of it
    (dimension ``Resource``)."""
    dimensions = [("FunctionName", name)]
    if qualifier:
        dimensions.append(("Resource", f"{name}:{qualifier}"))
    place = aws.world.metrics.setdefault((account or aws.account, region or aws.region), {})
    series = place.setdefault((metric, *sorted(dimensions)), [])
    series.extend((moment.timestamp(), float(value)) for moment, value in points)
