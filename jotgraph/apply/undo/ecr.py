"""ECR: repositories with their settings, images as the same bytes under the same digest."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jotgraph.apply.backup import NAME, blob_path, layout_path, read_json
from jotgraph.apply.undo.restorer import CannotError, Maker, own_tags
from jotgraph.records import ecr_repo_id
from jotgraph.sources.ecr.requests import has_layer
from jotgraph.sources.single import digest_of_tag, parts

PART = 10 << 20
"""Bytes of one UploadLayerPart (ECR asks for 5 to 10 MiB but for the last)."""
_SETTINGS = (
    "imageTagMutability", "imageTagMutabilityExclusionFilters", "imageScanningConfiguration",
    "encryptionConfiguration",
)  # fmt: skip


def repository(make: Maker) -> str:
    """Settings, tags and both policies as they were."""
    answers, name = make.answers, parts(make.id)[2]
    found = answers["DescribeRepositories"]
    settings = {key: found[key] for key in _SETTINGS if found.get(key)}
    tags = own_tags((answers["ListTagsForResource"] or {}).get("tags"))
    make.ask("ecr", "CreateRepository", once=True, repositoryName=name, tags=tags, **settings)
    if policy := answers["GetRepositoryPolicy"]:
        text = policy["policyText"]
        make.ask("ecr", "SetRepositoryPolicy", repositoryName=name, policyText=text)
    if policy := answers["GetLifecyclePolicy"]:
        text = policy["lifecyclePolicyText"]
        make.ask("ecr", "PutLifecyclePolicy", repositoryName=name, lifecyclePolicyText=text)
    return "created now, with its settings"


def image(make: Maker) -> str:
    """Layers, then the manifest under each of its tags that no other image has by now."""
    account, region, rest = parts(make.id)
    name, _, digest = rest.partition("@")
    root = layout_path(make.folder, account, region, name)
    path = blob_path(root, digest)
    if not path.exists():
        raise CannotError("no backup of it was made")
    content = path.read_bytes()
    manifest = msgspec.json.decode(content)
    for part in (manifest.get("config") or {}, *(manifest.get("layers") or ())):
        if part.get("digest") and not part.get("urls"):
            _upload(make, name, root, part["digest"])
    listed = [e for e in read_json(root / "index.json")["manifests"] if e["digest"] == digest]
    tags = [each["annotations"][NAME] for each in listed if "annotations" in each]
    moved = [each for each in tags if not _free(make, each, digest)]
    for tag in [each for each in tags if each not in moved] or [None]:
        make.ask(
            "ecr",
            "PutImage",
            once=True,
            repositoryName=name,
            imageManifest=content.decode(),
            imageManifestMediaType=listed[0]["mediaType"],
            imageDigest=digest,
            **({"imageTag": tag} if tag else {}),
        )
    said = ["the same bytes under the same digest; pushed now"]
    said += [f"tag {each} names another image by now and was left there" for each in moved]
    return "; ".join(said)


def _free(make: Maker, tag: str, digest: str) -> bool:
    """Whether a tag names nothing, or this image: what was pushed since keeps its tags."""
    account, region, rest = parts(make.id)
    repository = ecr_repo_id(account, region, rest.partition("@")[0])
    return digest_of_tag(make.world, repository, tag) in ("", digest)


def _upload(make: Maker, name: str, root: Path, digest: str) -> None:
    """Upload a layer or configuration that the repository has not."""
    if has_layer(make.place(), name, digest):
        return
    upload = make.ask("ecr", "InitiateLayerUpload", repositoryName=name)["uploadId"]
    words = {"repositoryName": name, "uploadId": upload}
    first = 0
    with blob_path(root, digest).open("rb") as file:
        while chunk := file.read(PART):
            last = first + len(chunk) - 1
            make.ask(
                "ecr",
                "UploadLayerPart",
                partFirstByte=first,
                partLastByte=last,
                layerPartBlob=chunk,
                **words,
            )
            first = last + 1
    make.ask("ecr", "CompleteLayerUpload", layerDigests=[digest], **words)
