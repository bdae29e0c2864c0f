"""What is about to be deleted -> a copy of it beside the journal, readable by its owner alone.

Images as an OCI image layout (opencontainers/image-spec, image-layout.md), one for each repository:
the exact bytes of manifest, config and layers, each verified by its digest. Everything else as the
answers of the calls that describe it. A copy that cannot be made stops the deletion.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from jotgraph.apply.read import every, parts
from jotgraph.apply.world import World, is_gone
from jotgraph.errors import ApplyError
from jotgraph.records import EcrImage, Kind, ResourceId, key_of, kind_of
from jotgraph.sources.calls import Place
from jotgraph.sources.failures import CallFailedError, Failure
from jotgraph.sources.registry_blobs import fetch_manifests, stream_blob

Answers = dict[str, Any]
NAME = "org.opencontainers.image.ref.name"
"""Annotation of a tag in an OCI layout (image-spec, annotations.md)."""


def document_path(folder: Path, resource: ResourceId) -> Path:
    """Where the answers about a resource are kept."""
    name = hashlib.sha256(resource.encode()).hexdigest()[:24]
    return folder / "backup" / f"{kind_of(resource)}-{name}.json"


def layout_path(folder: Path, account: str, region: str, repository: str) -> Path:
    """Where the OCI layout of a repository is."""
    return folder / "backup" / "oci" / account / region / repository.replace("/", "__")


def keep(world: World, folder: Path, resource: ResourceId) -> None:
    """Keep what describes a resource of Lambda, IAM, ECR (a repository) or the engine. Raises
    CallFailedError when it cannot be read whole."""
    kind = kind_of(resource)
    answers = _READERS[kind](world, resource) if kind in _READERS else _engine(world, resource)
    write_json(document_path(folder, resource), {"id": resource, "answers": answers})
    if kind is Kind.LOCAL_IMAGE:
        _save(world, folder, resource)


def keep_images(
    folder: Path, place: Place, repository: str, images: Sequence[EcrImage]
) -> dict[str, str]:
    """Keep images of one repository, blobs that are there already left alone. Returns why not, by
    digest, of those that could not be kept. Raises CallFailedError when no manifest was read."""
    root = layout_path(folder, place.account, place.region, repository)
    found = fetch_manifests(place, repository, [each.digest for each in images])
    failed: dict[str, str] = {}
    for image in images:
        content = found[image.digest]
        try:
            if isinstance(content, Failure):
                raise CallFailedError(content)
            described = msgspec.json.decode(content)
            for blob in _blobs(described):
                _keep_blob(root, place, repository, blob)
        except CallFailedError as error:
            archived = "it is archived and cannot be read; restore it first, or --no-backup"
            said = error.failure.detail if image.status == "ACTIVE" else archived
            failed[image.digest] = f"no backup: {said}"
            continue
        _write_blob(root, image.digest, iter([content]))
        _note(root, image.digest, described, len(content), image.tags)
    return failed


def write_json(path: Path, value: object) -> None:
    """Write a document that only its owner reads, wholly or not at all."""
    with _whole(path) as file:
        file.write(msgspec.json.encode(value, enc_hook=str))


def read_json(path: Path) -> Any:
    """Read what ``write_json`` wrote. Raises ApplyError."""
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise ApplyError(f"the backup {path} cannot be read: {error}") from error


def _blobs(manifest: Mapping[str, Any]) -> list[str]:
    listed = [manifest.get("config") or {}, *(manifest.get("layers") or ())]
    return [str(each["digest"]) for each in listed if each.get("digest") and not each.get("urls")]


def _keep_blob(root: Path, place: Place, repository: str, digest: str) -> None:
    if not blob_path(root, digest).exists():
        _write_blob(root, digest, stream_blob(place, repository, digest))


def blob_path(root: Path, digest: str) -> Path:
    """``blobs/sha256/<hex>`` of a layout."""
    algorithm, _, hexes = digest.partition(":")
    return root / "blobs" / algorithm / hexes


def _write_blob(root: Path, digest: str, chunks: Iterator[bytes]) -> None:
    with _whole(blob_path(root, digest)) as file:
        for chunk in chunks:
            file.write(chunk)


def _note(
    root: Path, digest: str, manifest: Mapping[str, Any], size: int, tags: Sequence[str]
) -> None:
    """Add a manifest to the layout's index, once for each of its tags."""
    path = root / "index.json"
    index: dict[str, Any] = (
        read_json(path) if path.exists() else {"schemaVersion": 2, "manifests": []}
    )
    media = manifest.get("mediaType") or "application/vnd.oci.image.manifest.v1+json"
    others = [each for each in index["manifests"] if each["digest"] != digest]
    mine: list[dict[str, Any]] = [{"mediaType": media, "digest": digest, "size": size}]
    if tags:
        mine = [{**mine[0], "annotations": {NAME: tag}} for tag in tags]
    write_json(root / "oci-layout", {"imageLayoutVersion": "1.0.0"})
    write_json(path, {**index, "manifests": [*others, *mine]})


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears when it is complete and on the disk, mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _trigger(world: World, resource: ResourceId) -> Answers:
    account, region, uuid = parts(resource)
    place = world.place(account, region)
    found = place.ask("lambda", "GetEventSourceMapping", "UUID", UUID=uuid)
    return {"GetEventSourceMapping": _plain(found)}


def _alias(world: World, resource: ResourceId) -> Answers:
    account, region, rest = parts(resource)
    name, _, alias = rest.partition(":")
    place = world.place(account, region)
    found = place.ask("lambda", "GetAlias", "Name", FunctionName=name, Name=alias)
    return {"GetAlias": _plain(found), **_access(place, name, alias)}


def _configuration(world: World, resource: ResourceId) -> Answers:
    account, region, rest = parts(resource)
    name, _, number = rest.partition(":")
    place = world.place(account, region)
    qualified = {"Qualifier": number} if number else {}
    found = _plain(
        place.ask("lambda", "GetFunction", "Configuration", FunctionName=name, **qualified)
    )
    if (found["Configuration"].get("Environment") or {}).get("Error"):
        said = "no backup: its environment cannot be read (the key may not be used)"
        raise CallFailedError(Failure("denied", said))
    return {"GetFunction": found, **_access(place, name, number)}


def _access(place: Place, name: str, qualifier: str) -> Answers:
    qualified = {"Qualifier": qualifier} if qualifier else {}
    words = {"FunctionName": name, **qualified}
    found = {"GetPolicy": _or_none(place, "lambda", "GetPolicy", **words)}
    if not qualifier.isdigit():
        found["GetFunctionUrlConfig"] = _or_none(place, "lambda", "GetFunctionUrlConfig", **words)
    return found


def _repository(world: World, resource: ResourceId) -> Answers:
    account, region, name = parts(resource)
    place = world.place(account, region)
    answer = place.ask("ecr", "DescribeRepositories", "repositories", repositoryNames=[name])
    found = _plain(answer["repositories"][0])
    arn = found["repositoryArn"]
    return {
        "DescribeRepositories": found,
        "GetRepositoryPolicy": _or_none(place, "ecr", "GetRepositoryPolicy", repositoryName=name),
        "GetLifecyclePolicy": _or_none(place, "ecr", "GetLifecyclePolicy", repositoryName=name),
        "ListTagsForResource": _or_none(place, "ecr", "ListTagsForResource", resourceArn=arn),
    }


def _role(world: World, resource: ResourceId) -> Answers:
    place = world.place(key_of(resource).partition("/")[0])
    name = resource.rpartition("/")[2]
    words = {"RoleName": name}
    inline = every(place, "iam", "ListRolePolicies", "PolicyNames", **words)
    return {
        "GetRole": _plain(place.ask("iam", "GetRole", "Role", **words)["Role"]),
        "attached": [
            each["PolicyArn"]
            for each in every(place, "iam", "ListAttachedRolePolicies", "AttachedPolicies", **words)
        ],
        "inline": {
            each: place.ask("iam", "GetRolePolicy", "PolicyDocument", PolicyName=each, **words)[
                "PolicyDocument"
            ]
            for each in inline
        },
        "profiles": [
            each["InstanceProfileName"]
            for each in every(
                place, "iam", "ListInstanceProfilesForRole", "InstanceProfiles", **words
            )
        ],
    }


def _engine(world: World, resource: ResourceId) -> Answers:
    engine, key = world.docker(), key_of(resource)
    inspect = engine.inspect_container if kind_of(resource) is Kind.CONTAINER else None
    return {"inspect": (inspect or engine.inspect_image)(key)}


def _save(world: World, folder: Path, resource: ResourceId) -> None:
    """``docker save`` of an image with all its names."""
    engine, image = world.docker(), key_of(resource)
    names = engine.inspect_image(image).get("RepoTags") or []
    with _whole(folder / "backup" / f"{image.replace(':', '-')}.tar") as file:
        for chunk in engine.get_image(names[0] if len(names) == 1 else image):
            file.write(chunk)


def _or_none(place: Place, service: str, action: str, **params: Any) -> Any:
    """An answer; None when there is nothing to describe."""
    try:
        return _plain(place.ask(service, action, **params))
    except CallFailedError as error:
        absent = ("RepositoryPolicyNotFoundException", "LifecyclePolicyNotFoundException")
        if is_gone(error) or error.failure.code in absent:
            return None
        raise


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in answer.items() if key != "ResponseMetadata"}


_READERS = {
    Kind.TRIGGER: _trigger,
    Kind.ALIAS: _alias,
    Kind.VERSION: _configuration,
    Kind.FUNCTION: _configuration,
    Kind.ECR_REPO: _repository,
    Kind.ROLE: _role,
}
