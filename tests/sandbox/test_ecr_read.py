"""ECR's reading calls as documented: pages, filters, pulls, archive, referrers, layers."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.cache import sha256_of


@pytest.fixture
def ecr(aws: Sandbox) -> Any:
    seed.repository(aws, "team/app")
    return aws.client("ecr")


def digests(ecr: Any, **filters: str) -> list[str]:
    images = ecr.describe_images(repositoryName="team/app", filter=filters)["imageDetails"]
    return [image["imageDigest"] for image in images]


def test_pages_of_100_unless_told_and_nothing_twice(aws: Sandbox, ecr: Any) -> None:
    made = [seed.image(aws, "team/app", f"t{n}") for n in range(250)]
    first = ecr.describe_images(repositoryName="team/app")
    assert len(first["imageDetails"]) == 100
    for operation, key in (("describe_images", "imageDetails"), ("list_images", "imageIds")):
        pages = list(ecr.get_paginator(operation).paginate(repositoryName="team/app"))
        assert [len(page[key]) for page in pages] == [100, 100, 50]
        assert [row["imageDigest"] for page in pages for row in page[key]] == made
    aws.calls.clear()
    sized = ecr.get_paginator("describe_images").paginate(
        repositoryName="team/app", PaginationConfig={"PageSize": 1000}
    )
    assert len(list(sized)) == 1
    assert aws.calls.tally() == {"ecr:DescribeImages": 1}


def test_a_page_asked_twice_is_the_same_and_a_foreign_token_is_refused(
    aws: Sandbox, ecr: Any
) -> None:
    for n in range(3):
        seed.image(aws, "team/app", f"t{n}")
    token = ecr.describe_images(repositoryName="team/app", maxResults=1)["nextToken"]
    again = [
        ecr.describe_images(repositoryName="team/app", maxResults=1, nextToken=token)
        for _ in range(2)
    ]
    assert again[0]["imageDetails"] == again[1]["imageDetails"]
    with pytest.raises(ClientError, match="InvalidParameterException"):
        ecr.list_images(repositoryName="team/app", nextToken=token)


def test_pages_of_repositories(aws: Sandbox, ecr: Any) -> None:
    for n in range(120):
        seed.repository(aws, f"r{n:03}")
    pages = list(ecr.get_paginator("describe_repositories").paginate())
    assert [len(page["repositories"]) for page in pages] == [100, 21]


def test_tag_and_status_filters(aws: Sandbox, ecr: Any) -> None:
    tagged = seed.image(aws, "team/app", "a")
    bare = seed.image(aws, "team/app", config=b"bare")
    old = seed.image(aws, "team/app", "old", archived=True)
    assert digests(ecr) == [tagged, bare]
    assert digests(ecr, tagStatus="TAGGED") == [tagged]
    assert digests(ecr, tagStatus="UNTAGGED") == [bare]
    assert digests(ecr, imageStatus="ARCHIVED") == [old]
    assert digests(ecr, imageStatus="ANY") == [tagged, bare, old]
    rows = ecr.list_images(repositoryName="team/app", filter={"imageStatus": "ARCHIVED"})
    assert rows["imageIds"] == [{"imageDigest": old, "imageTag": "old"}]


def test_an_untagged_image_has_no_tags_key(aws: Sandbox, ecr: Any) -> None:
    when = datetime(2024, 5, 6, tzinfo=UTC)
    seed.image(aws, "team/app", pushed=when)
    detail = ecr.describe_images(repositoryName="team/app")["imageDetails"][0]
    assert "imageTags" not in detail
    assert "lastRecordedPullTime" not in detail
    assert detail["imagePushedAt"] == when
    assert detail["imageStatus"] == "ACTIVE"


def test_a_missing_id_fails_describe_and_is_a_failure_of_get(aws: Sandbox, ecr: Any) -> None:
    here = seed.image(aws, "team/app", "here")
    ids = [{"imageTag": "here"}, {"imageTag": "gone"}]
    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        ecr.describe_images(repositoryName="team/app", imageIds=ids)
    answer = ecr.batch_get_image(repositoryName="team/app", imageIds=ids)
    assert [image["imageId"] for image in answer["images"]] == [
        {"imageDigest": here, "imageTag": "here"}
    ]
    assert [failure["failureCode"] for failure in answer["failures"]] == ["ImageNotFound"]


def test_batch_get_moves_the_pull_time_once_a_day(aws: Sandbox, ecr: Any) -> None:
    digest = seed.image(aws, "team/app", "a")

    def pulled() -> Any:
        detail = ecr.describe_images(repositoryName="team/app")["imageDetails"][0]
        return detail.get("lastRecordedPullTime")

    def pull() -> Any:
        ecr.batch_get_image(repositoryName="team/app", imageIds=[{"imageDigest": digest}])
        return pulled()

    assert pulled() is None
    first = pull()
    assert pull() == first
    aws.advance(25 * 3600)
    assert pull() - first > timedelta(hours=24)


def test_archive_and_restore(aws: Sandbox, ecr: Any) -> None:
    digest = seed.image(aws, "team/app", "a")
    named = {"repositoryName": "team/app", "imageId": {"imageDigest": digest}}
    assert (
        ecr.update_image_storage_class(**named, targetStorageClass="ARCHIVE")["imageStatus"]
        == "ARCHIVED"
    )
    assert digests(ecr) == []
    got = ecr.batch_get_image(repositoryName="team/app", imageIds=[{"imageDigest": digest}])
    assert [failure["failureCode"] for failure in got["failures"]] == ["ImageNotFound"]
    aws.world.restore_seconds = 600
    assert (
        ecr.update_image_storage_class(**named, targetStorageClass="STANDARD")["imageStatus"]
        == "ACTIVATING"
    )
    assert digests(ecr) == []
    assert digests(ecr, imageStatus="ACTIVATING") == [digest]
    aws.advance(601)
    assert digests(ecr) == [digest]


def test_referrers_of_a_subject(aws: Sandbox, ecr: Any) -> None:
    subject = seed.image(aws, "team/app", "a")
    text = seed.manifest(b"{}", subject=subject, artifact_type="application/vnd.example.sig")
    signature = seed.image(aws, "team/app", text=text)
    answer = ecr.list_image_referrers(repositoryName="team/app", subjectId={"imageDigest": subject})
    assert [(r["digest"], r["artifactType"]) for r in answer["referrers"]] == [
        (signature, "application/vnd.example.sig")
    ]
    described = ecr.describe_images(
        repositoryName="team/app", imageIds=[{"imageDigest": signature}]
    )
    assert described["imageDetails"][0]["subjectManifestDigest"] == subject


def test_layers_and_configs_are_downloaded_from_loopback(aws: Sandbox, ecr: Any) -> None:
    config, layer = seed.image_config({"a": "b"}), b"\x1f\x8b layer"
    seed.image(aws, "team/app", "a", config=config, layers=[layer])
    for content in (config, layer):
        answer = ecr.get_download_url_for_layer(
            repositoryName="team/app", layerDigest=sha256_of(content)
        )
        assert answer["downloadUrl"].startswith(aws.endpoint)
        with urllib.request.urlopen(answer["downloadUrl"], timeout=60) as reply:
            assert reply.read() == content
    assert aws.calls.tally() == {"ecr-layer:GET": 2, "ecr:GetDownloadUrlForLayer": 2}
    aws.advance(2 * 3600)
    with pytest.raises(urllib.error.HTTPError, match="403") as error:
        urllib.request.urlopen(answer["downloadUrl"], timeout=60)
    error.value.close()
    with pytest.raises(ecr.exceptions.LayersNotFoundException):
        ecr.get_download_url_for_layer(repositoryName="team/app", layerDigest="sha256:" + "0" * 64)


def test_a_token_that_is_still_valid(ecr: Any) -> None:
    expires = ecr.get_authorization_token()["authorizationData"][0]["expiresAt"]
    assert timedelta(hours=11) < expires - datetime.now(UTC) < timedelta(hours=13)


def test_absent_policies_have_their_own_errors(ecr: Any) -> None:
    with pytest.raises(ecr.exceptions.RepositoryPolicyNotFoundException):
        ecr.get_repository_policy(repositoryName="team/app")
    with pytest.raises(ecr.exceptions.LifecyclePolicyNotFoundException):
        ecr.get_lifecycle_policy(repositoryName="team/app")


def test_registry_settings(ecr: Any) -> None:
    assert ecr.describe_registry()["replicationConfiguration"] == {"rules": []}
    assert ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []
    ecr.create_pull_through_cache_rule(
        ecrRepositoryPrefix="hub", upstreamRegistryUrl="registry-1.docker.io"
    )
    rules = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert [rule["ecrRepositoryPrefix"] for rule in rules] == ["hub"]
    assert [rule["upstreamRepositoryPrefix"] for rule in rules] == ["ROOT"]


def test_lifecycle_preview(aws: Sandbox, ecr: Any) -> None:
    old = seed.image(aws, "team/app", pushed=datetime(2020, 1, 1, tzinfo=UTC))
    seed.image(aws, "team/app", config=b"new")
    policy = (
        '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType":'
        ' "sinceImagePushed", "countUnit": "days", "countNumber": 14},'
        ' "action": {"type": "expire"}}]}'
    )
    with pytest.raises(ecr.exceptions.LifecyclePolicyPreviewNotFoundException):
        ecr.get_lifecycle_policy_preview(repositoryName="team/app")
    ecr.start_lifecycle_policy_preview(repositoryName="team/app", lifecyclePolicyText=policy)
    preview = ecr.get_lifecycle_policy_preview(repositoryName="team/app")
    assert preview["status"] == "COMPLETE"
    assert [result["imageDigest"] for result in preview["previewResults"]] == [old]


def test_pull_time_exclusions_are_kept_by_region(aws: Sandbox) -> None:
    """API_RegisterPullTimeUpdateExclusion: one principal of one registry at a time."""
    ecr, elsewhere = aws.client("ecr"), aws.client("ecr", region_name="eu-west-1")
    role = "arn:aws:iam::123456789012:role/scan"
    ecr.register_pull_time_update_exclusion(principalArn=role)
    assert ecr.list_pull_time_update_exclusions()["pullTimeUpdateExclusions"] == [role]
    assert elsewhere.list_pull_time_update_exclusions()["pullTimeUpdateExclusions"] == []
    with pytest.raises(ClientError, match="ExclusionAlreadyExistsException"):
        ecr.register_pull_time_update_exclusion(principalArn=role)
    ecr.deregister_pull_time_update_exclusion(principalArn=role)
    with pytest.raises(ClientError, match="ExclusionNotFoundException"):
        ecr.deregister_pull_time_update_exclusion(principalArn=role)
    with pytest.raises(ClientError, match="RegistryPolicyNotFoundException"):
        ecr.get_registry_policy()
