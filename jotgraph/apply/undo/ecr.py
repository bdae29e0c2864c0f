"""Restores ECR repositories with their settings, and images with the same bytes and digest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from jotgraph.apply.backup.copies import read_json
from jotgraph.apply.backup.images import NAME, blobs_of, media_type
from jotgraph.apply.backup.paths import blob_path, layout_path
from jotgraph.apply.undo.restorer import Restorer, own_tags
from jotgraph.records import EcrImage, digest_of, name_of, repository_name_of, repository_of
from jotgraph.records.quarantine import archived_key
from jotgraph.sources.ecr.requests import has_layer
from jotgraph.sources.single import digest_of_tag

PART = 10 << 20
"""Bytes of one UploadLayerPart (ECR requires 5 to 10 MiB except for the last)."""
_SETTINGS = (
    "imageTagMutability", "imageTagMutabilityExclusionFilters", "imageScanningConfiguration",
    "encryptionConfiguration",
)  # fmt: skip


def repository(restorer: Restorer) -> str:
    """Create a repository with its previous settings, tags and policies. Tags that name archived
    images are left out."""
    answers, name = restorer.answers, name_of(restorer.id)
    copy = answers["DescribeRepositories"]
    settings = {key: copy[key] for key in _SETTINGS if copy.get(key)}
    listed = own_tags((answers["ListTagsForResource"] or {}).get("tags"))
    tags = [tag for tag in listed if not archived_key(tag["Key"])]
    restorer.ask("ecr", "CreateRepository", once=True, repositoryName=name, tags=tags, **settings)
    if policy := answers["GetRepositoryPolicy"]:
        text = policy["policyText"]
        restorer.ask("ecr", "SetRepositoryPolicy", repositoryName=name, policyText=text)
    if policy := answers["GetLifecyclePolicy"]:
        text = policy["lifecyclePolicyText"]
        restorer.ask("ecr", "PutLifecyclePolicy", repositoryName=name, lifecyclePolicyText=text)
    return "created again, with its settings"


def image(restorer: Restorer) -> str:
    """Upload the layers, then the manifest with each tag that no other image has now."""
    name, digest = repository_name_of(restorer.id), digest_of(restorer.id)
    root = layout_path(restorer.copies.folder, restorer.id)
    path = blob_path(root, digest)
    if not path.exists():
        raise restorer.without_backup()
    content = path.read_bytes()
    manifest = msgspec.json.decode(content)
    tags = _tags(restorer, root, digest)
    for blob, _ in blobs_of(manifest):
        _upload(restorer, name, root, blob)
    free, left = _free_of(restorer, tags)
    for tag in free or [""]:
        _put(restorer, content, tag)
    return "; ".join(["pushed again with the same digest", *left])


def tag_again(restorer: Restorer) -> str:
    """Give an image that somebody pushed again the tags it lacks, except those of other images now;
    say what was done."""
    record, digest = restorer.session.read(restorer.id), digest_of(restorer.id)
    root = layout_path(restorer.copies.folder, restorer.id)
    path = blob_path(root, digest)
    if not isinstance(record, EcrImage) or not path.exists():
        return "it exists"
    lacking = [tag for tag in _tags(restorer, root, digest) if tag not in record.tags]
    if not lacking:
        return "it exists"
    restorer.require_sound_copy()
    free, left = _free_of(restorer, lacking)
    for tag in free:
        _put(restorer, path.read_bytes(), tag)
    again = f", and has its tags {', '.join(free)} again" if free else ""
    return "; ".join([f"it exists, pushed again since{again}", *left])


def _free_of(restorer: Restorer, tags: Sequence[str]) -> tuple[list[str], list[str]]:
    """The tags that no other image has now, and a remark on the others."""
    free = [tag for tag in tags if _free(restorer, tag, digest_of(restorer.id))]
    left = [tag for tag in tags if tag not in free]
    return free, [f"tag {tag} now names another image and was not moved" for tag in left]


def _put(restorer: Restorer, content: bytes, tag: str) -> None:
    """Put a manifest with a tag, or without."""
    copy = restorer.backup_of(restorer.id) or {}
    restorer.ask(
        "ecr",
        "PutImage",
        once=True,
        repositoryName=repository_name_of(restorer.id),
        imageManifest=content.decode(),
        imageManifestMediaType=media_type(msgspec.json.decode(content), copy.get("mediaType", "")),
        imageDigest=digest_of(restorer.id),
        **({"imageTag": tag} if tag else {}),
    )


def _tags(restorer: Restorer, root: Path, digest: str) -> list[str]:
    """The tags that the image had; in a copy made before 0.2 only the layout's index has them."""
    if copy := restorer.backup_of(restorer.id):
        return list(copy["tags"])
    index = read_json(root / "index.json")["manifests"]
    named = (listed.get("annotations") or {} for listed in index if listed["digest"] == digest)
    return [annotations[NAME] for annotations in named if NAME in annotations]


def _free(restorer: Restorer, tag: str, digest: str) -> bool:
    """Whether a tag names nothing, or this image: later pushes keep their tags."""
    repository = repository_of(restorer.id)
    return digest_of_tag(restorer.session.connections, repository, tag) in ("", digest)


def _upload(restorer: Restorer, name: str, root: Path, digest: str) -> None:
    """Upload a layer or configuration that the repository lacks."""
    if has_layer(restorer.client, name, digest):
        return
    upload = restorer.ask("ecr", "InitiateLayerUpload", repositoryName=name)["uploadId"]
    words = {"repositoryName": name, "uploadId": upload}
    first = 0
    with blob_path(root, digest).open("rb") as file:
        while chunk := file.read(PART):
            last = first + len(chunk) - 1
            restorer.ask(
                "ecr",
                "UploadLayerPart",
                partFirstByte=first,
                partLastByte=last,
                layerPartBlob=chunk,
                **words,
            )
            first = last + 1
    restorer.ask("ecr", "CompleteLayerUpload", layerDigests=[digest], **words)
