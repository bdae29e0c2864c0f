"""BatchDeleteImage as documented: what goes, what is refused, how it is told."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

ABSENT = "sha256:" + "0" * 64


def delete(aws: Sandbox, *ids: dict[str, str]) -> tuple[list[dict[str, str]], list[str]]:
    answer = aws.client("ecr").batch_delete_image(repositoryName="app", imageIds=list(ids))
    return answer["imageIds"], [failure["failureCode"] for failure in answer["failures"]]


def left(aws: Sandbox) -> dict[str, list[str]]:
    images = aws.client("ecr").describe_images(repositoryName="app")["imageDetails"]
    return {image["imageDigest"]: image.get("imageTags", []) for image in images}


@pytest.fixture
def app(aws: Sandbox) -> str:
    seed.repository(aws, "app")
    return seed.image(aws, "app", "a", "b")


def test_by_tag_only_untags_while_another_remains(aws: Sandbox, app: str) -> None:
    gone = {"imageDigest": app, "imageTag": "a"}
    assert delete(aws, {"imageTag": "a"}) == ([gone], [])
    assert left(aws) == {app: ["b"]}


def test_the_last_tag_takes_the_image_along(aws: Sandbox, app: str) -> None:
    delete(aws, {"imageTag": "a"}, {"imageTag": "b"})
    assert left(aws) == {}


def test_by_digest_all_tags_go(aws: Sandbox, app: str) -> None:
    gone = [{"imageDigest": app, "imageTag": tag} for tag in ("a", "b")]
    assert delete(aws, {"imageDigest": app}) == (gone, [])
    assert left(aws) == {}


def test_an_untagged_image_is_named_in_the_reply(aws: Sandbox, app: str) -> None:
    bare = seed.image(aws, "app", config=b"bare")
    assert delete(aws, {"imageDigest": bare}) == ([{"imageDigest": bare}], [])


def test_tag_and_digest_must_belong_together(aws: Sandbox, app: str) -> None:
    other = seed.image(aws, "app", "other", config=b"other")
    assert delete(aws, {"imageDigest": other, "imageTag": "a"}) == (
        [],
        ["ImageTagDoesNotMatchDigest"],
    )
    assert left(aws) == {app: ["a", "b"], other: ["other"]}


def test_failures_of_absent_and_malformed_ids(aws: Sandbox, app: str) -> None:
    assert delete(aws, {"imageDigest": ABSENT}, {"imageTag": "x"}, {"imageDigest": "bad"}, {}) == (
        [],
        ["ImageNotFound", "ImageNotFound", "InvalidImageDigest", "MissingDigestAndTag"],
    )


def test_a_child_stays_while_an_index_lists_it(aws: Sandbox, app: str) -> None:
    child = seed.image(aws, "app", config=b"child")
    multi = seed.index(aws, "app", {child: "linux/amd64"}, "multi")
    assert delete(aws, {"imageDigest": child})[1] == ["ImageReferencedByManifestList"]
    assert delete(aws, {"imageDigest": multi}, {"imageDigest": child})[1] == [
        "ImageReferencedByManifestList"
    ]
    assert delete(aws, {"imageDigest": child}) == ([{"imageDigest": child}], [])
    assert left(aws) == {app: ["a", "b"]}


def test_the_last_tag_of_a_child_cannot_go_either(aws: Sandbox, app: str) -> None:
    seed.index(aws, "app", {app: "linux/amd64"}, "multi")
    assert delete(aws, {"imageTag": "a"})[1] == []
    assert delete(aws, {"imageTag": "b"})[1] == ["ImageReferencedByManifestList"]


def test_more_than_100_ids_are_refused(aws: Sandbox, app: str) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        delete(aws, *({"imageTag": str(n)} for n in range(101)))


def test_a_repository_with_images_is_not_deleted(aws: Sandbox, app: str) -> None:
    ecr: Any = aws.client("ecr")
    with pytest.raises(ecr.exceptions.RepositoryNotEmptyException):
        ecr.delete_repository(repositoryName="app")
    delete(aws, {"imageDigest": app})
    ecr.delete_repository(repositoryName="app")
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_images(repositoryName="app")


def test_an_archived_image_keeps_its_repository(aws: Sandbox) -> None:
    seed.repository(aws, "old")
    seed.image(aws, "old", archived=True)
    ecr: Any = aws.client("ecr")
    assert ecr.describe_images(repositoryName="old")["imageDetails"] == []
    with pytest.raises(ecr.exceptions.RepositoryNotEmptyException):
        ecr.delete_repository(repositoryName="old")
