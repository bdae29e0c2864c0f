"""Seeding: what is put in process is what the API shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox


def test_seeding_makes_no_calls(aws: Sandbox) -> None:
    for name in ("one", "two"):
        seed.repository(aws, name)
        for number in range(150):
            seed.image(aws, name, f"t{number}")
    assert len(aws.calls) == 0
    pages = aws.client("ecr").get_paginator("list_images").paginate(repositoryName="two")
    shown = {row["imageTag"] for page in pages for row in page["imageIds"]}
    assert shown == {f"t{number}" for number in range(150)}


def test_an_index_with_an_attestation_in_buildx_layout(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    amd = seed.image(aws, "app", config=b"amd")
    statement = seed.image(aws, "app", config=b"attestation")
    multi = seed.index(aws, "app", {amd: "linux/arm/v7"}, "v1", attests={statement: amd})
    answer = aws.client("ecr").batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])
    shown = answer["images"][0]
    assert shown["imageId"]["imageDigest"] == multi
    children = json.loads(shown["imageManifest"])["manifests"]
    assert [(child["digest"], child["platform"]) for child in children] == [
        (amd, {"os": "linux", "architecture": "arm", "variant": "v7"}),
        (statement, {"os": "unknown", "architecture": "unknown"}),
    ]
    assert children[1]["annotations"]["vnd.docker.reference.digest"] == amd


def test_deploying_again_keeps_versions_and_times_are_ours(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    first = seed.image(aws, "app", "v1")
    old = datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    seed.function(aws, "fn", "app:v1", modified=old, env={"GIT_SHA": "abc"})
    number = seed.version(aws, "fn", modified=old)
    second = seed.image(aws, "app", "v1", config=b"second")
    seed.function(aws, "fn", "app:v1", state="Failed", reason="ImageAccessDenied")
    rows = aws.client("lambda").list_versions_by_function(FunctionName="fn")["Versions"]
    assert [(row["Version"], row["CodeSha256"]) for row in rows] == [
        ("$LATEST", second[7:]),
        (number, first[7:]),
    ]
    assert rows[1]["LastModified"] == "2021-02-03T04:05:06.000+0000"
    assert rows[1]["Environment"] == {"Variables": {"GIT_SHA": "abc"}}
    config = aws.client("lambda").get_function(FunctionName="fn")["Configuration"]
    assert (config["State"], config["StateReasonCode"]) == ("Failed", "ImageAccessDenied")


def test_a_repository_with_everything(aws: Sandbox) -> None:
    made = datetime(2020, 1, 1, tzinfo=UTC)
    policy = {"Version": "2012-10-17", "Statement": []}
    arn = seed.repository(
        aws, "team/app", created=made, mutability="IMMUTABLE", policy=policy, tags={"a": "b"}
    )
    ecr = aws.client("ecr")
    shown = ecr.describe_repositories(repositoryNames=["team/app"])["repositories"][0]
    assert (shown["createdAt"], shown["imageTagMutability"]) == (made, "IMMUTABLE")
    assert json.loads(ecr.get_repository_policy(repositoryName="team/app")["policyText"]) == policy
    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "a", "Value": "b"}]
