"""Fill ECR in process: repositories, images, indexes; see seed.py for what is common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from jotgraph.sandbox.ecr.put import read_image, store
from jotgraph.sandbox.ecr.scans import scan_for
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Image, Images, ecr_backend, images_of, repository_of
from jotgraph.sources.cache import sha256_of

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


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
        "config": {"mediaType": CONFIG, "digest": sha256_of(content), "size": len(content)},
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
    command: Sequence[str] = (),
) -> bytes:
    """The bytes of an OCI image config."""
    config: dict[str, Any] = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Env": list(env), "Labels": dict(labels or {})},
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
    }
    if command:
        config["config"]["Cmd"] = list(command)
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
        text = manifest(config, [(sha256_of(layer), len(layer)) for layer in layers])
    for blob in (*([config] if config is not None else []), *layers):
        images.blobs[sha256_of(blob)] = blob
    made = _put(aws, images, text, media_type, tags, pushed)
    if pulled is not None:
        made.pulled_at = pulled.timestamp()
    if archived:
        made.archived, made.archived_at = True, aws.world.now()
    return made.digest


def _put(
    aws: Sandbox,
    images: Images,
    text: str,
    media_type: str | None,
    tags: Iterable[str],
    pushed: datetime | None,
) -> Image:
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


def scan(
    aws: Sandbox,
    repo: str,
    digest: str,
    status: str = "COMPLETE",
    counts: Mapping[str, int] | None = None,
    *,
    completed: datetime | None = None,
    described: bool = True,
    account: str | None = None,
    region: str | None = None,
) -> None:
    """Set the result of an image's last vulnerability scan. ``counts`` are those of a completed
    scan; ``described`` is whether DescribeImages shows it, as the first version of basic scanning
    does and later ones may not."""
    images = images_of(repository_of(aws.world, account or aws.account, region or aws.region, repo))
    made = images.by_digest[digest]
    when = completed.timestamp() if completed else aws.world.now()
    made.scan = scan_for(made, status, counts, when, described=described)
