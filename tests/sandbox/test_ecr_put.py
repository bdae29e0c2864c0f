"""PutImage as documented: digests, moved tags, immutability, indexes, layers."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox


@pytest.fixture
def ecr(aws: Sandbox) -> Any:
    aws.world.require_layers = False
    client = aws.client("ecr")
    client.create_repository(repositoryName="team/app")
    return client


def put(ecr: Any, text: str, tag: str | None = None, **params: Any) -> str:
    named = {"imageTag": tag} if tag else {}
    answer = ecr.put_image(repositoryName="team/app", imageManifest=text, **named, **params)
    return str(answer["image"]["imageId"]["imageDigest"])


def tags(ecr: Any) -> dict[str, list[str]]:
    images = ecr.describe_images(repositoryName="team/app")["imageDetails"]
    return {image["imageDigest"]: image.get("imageTags", []) for image in images}


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def text(n: int) -> str:
    return seed.manifest(f'{{"n": {n}}}', [(f"sha256:{n:064x}", n)])


def test_digest_is_of_the_bytes(ecr: Any) -> None:
    spaced = text(1).replace('"schemaVersion": 2', '"schemaVersion":   2')
    assert put(ecr, spaced) == f"sha256:{hashlib.sha256(spaced.encode()).hexdigest()}"
    got = ecr.batch_get_image(
        repositoryName="team/app", imageIds=[{"imageDigest": put(ecr, text(2), "b")}]
    )
    assert got["images"][0]["imageManifest"] == text(2)


def test_wrong_digest_is_refused(ecr: Any) -> None:
    with pytest.raises(ClientError) as error:
        put(ecr, text(1), imageDigest="sha256:" + "0" * 64)
    assert code(error) == "ImageDigestDoesNotMatchException"
    assert tags(ecr) == {}


def test_a_moved_tag_leaves_the_old_image_untagged(ecr: Any) -> None:
    old = put(ecr, text(1), "latest")
    new = put(ecr, text(2), "latest")
    assert tags(ecr) == {old: [], new: ["latest"]}


def test_several_tags_of_one_image(ecr: Any) -> None:
    digest = put(ecr, text(1), "a")
    assert put(ecr, text(1), "b") == digest
    assert tags(ecr) == {digest: ["a", "b"]}
    rows = ecr.list_images(repositoryName="team/app")["imageIds"]
    assert rows == [{"imageDigest": digest, "imageTag": tag} for tag in ("a", "b")]


@pytest.mark.parametrize("tag", ["a", None])
def test_the_same_again_is_refused(ecr: Any, tag: str | None) -> None:
    put(ecr, text(1), "a")
    with pytest.raises(ClientError) as error:
        put(ecr, text(1), tag)
    assert code(error) == "ImageAlreadyExistsException"


def test_an_immutable_tag_does_not_move(ecr: Any) -> None:
    ecr.put_image_tag_mutability(repositoryName="team/app", imageTagMutability="IMMUTABLE")
    first = put(ecr, text(1), "v1")
    with pytest.raises(ClientError) as error:
        put(ecr, text(2), "v1")
    assert code(error) == "ImageTagAlreadyExistsException"
    assert tags(ecr) == {first: ["v1"]}


def test_an_excluded_tag_moves_in_an_immutable_repository(ecr: Any) -> None:
    ecr.put_image_tag_mutability(
        repositoryName="team/app",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filter": "dev-*", "filterType": "WILDCARD"}],
    )
    put(ecr, text(1), "dev-1")
    assert put(ecr, text(2), "dev-1") in tags(ecr)


def test_an_index_needs_its_children(aws: Sandbox, ecr: Any) -> None:
    absent = "sha256:" + "a" * 64
    listed = f'{{"mediaType": "{seed.INDEX}", "manifests": [{{"digest": "{absent}"}}]}}'
    with pytest.raises(ClientError) as error:
        put(ecr, listed, "multi")
    assert code(error) == "ReferencedImagesNotFoundException"


def test_sizes_are_of_compressed_layers_and_an_index_has_its_largest_childs(
    aws: Sandbox, ecr: Any
) -> None:
    small, large = put(ecr, text(10)), put(ecr, text(3000))
    multi = seed.index(aws, "team/app", {small: "linux/amd64", large: "linux/arm64"}, "multi")
    images = ecr.describe_images(repositoryName="team/app")["imageDetails"]
    assert {i["imageDigest"]: i["imageSizeInBytes"] for i in images} == {
        small: 10, large: 3000, multi: 3000,
    }  # fmt: skip
    kinds = {i["imageDigest"]: i["imageManifestMediaType"] for i in images}
    assert kinds == {small: seed.MANIFEST, large: seed.MANIFEST, multi: seed.INDEX}
    assert [i.get("artifactMediaType") for i in images] == [seed.CONFIG, seed.CONFIG, None]


def test_layers_must_be_uploaded_before(aws: Sandbox, ecr: Any) -> None:
    aws.world.require_layers = True
    config = b'{"architecture": "amd64"}'
    body = seed.manifest(config)
    with pytest.raises(ClientError) as error:
        put(ecr, body, "v1")
    assert code(error) == "LayersNotFoundException"
    digest = upload(ecr, config)
    seen = ecr.batch_check_layer_availability(
        repositoryName="team/app", layerDigests=[digest, "sha256:" + "0" * 64]
    )["layers"]
    states = [layer["layerAvailability"] for layer in seen]
    assert states == ["AVAILABLE", "UNAVAILABLE"]
    put(ecr, body, "v1")


def upload(ecr: Any, content: bytes) -> str:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    identity = ecr.initiate_layer_upload(repositoryName="team/app")["uploadId"]
    ecr.upload_layer_part(
        repositoryName="team/app",
        uploadId=identity,
        partFirstByte=0,
        partLastByte=len(content) - 1,
        layerPartBlob=content,
    )
    ecr.complete_layer_upload(repositoryName="team/app", uploadId=identity, layerDigests=[digest])
    return digest


def test_what_was_deleted_can_be_put_back_with_its_layers(aws: Sandbox, ecr: Any) -> None:
    aws.world.require_layers = True
    config = b"{}"
    upload(ecr, config)
    digest = put(ecr, seed.manifest(config), "v1")
    ecr.batch_delete_image(repositoryName="team/app", imageIds=[{"imageDigest": digest}])
    with pytest.raises(ClientError, match="LayersNotFound"):
        put(ecr, seed.manifest(config), "v1")
    upload(ecr, config)
    assert put(ecr, seed.manifest(config), "v1") == digest
