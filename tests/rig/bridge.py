"""The last step of a push that no emulator takes: what the real registry holds is put into ECR by
its API, byte for byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.rig.live import Rig

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


def copy_to_ecr(rig: Rig, ecr: ECRClient, repository: str, tag: str) -> str:
    """Upload the config and the layers of ``repository:tag`` and put its manifest, unchanged,
    under the same tag, as ``docker push`` to ECR does. Returns the digest that ECR answers."""
    content, media_type, digest = rig.manifest(repository, tag)
    manifest: dict[str, Any] = json.loads(content)
    parts = {part["digest"] for part in (manifest["config"], *manifest["layers"])}
    known = ecr.batch_check_layer_availability(
        repositoryName=repository, layerDigests=sorted(parts)
    )["layers"]
    available = {
        layer.get("layerDigest", "")
        for layer in known
        if layer.get("layerAvailability") == "AVAILABLE"
    }
    for part in sorted(parts - available):
        _upload(ecr, repository, part, rig.blob(repository, part))
    answer = ecr.put_image(
        repositoryName=repository,
        imageManifest=content.decode(),
        imageManifestMediaType=media_type,
        imageTag=tag,
        imageDigest=digest,
    )
    return answer["image"].get("imageId", {}).get("imageDigest", "")


def _upload(ecr: ECRClient, repository: str, digest: str, content: bytes) -> None:
    upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=len(content) - 1,
        layerPartBlob=content,
    )
    ecr.complete_layer_upload(repositoryName=repository, uploadId=upload, layerDigests=[digest])
