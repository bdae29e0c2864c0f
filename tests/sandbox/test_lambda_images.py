"""Which image a function runs: URIs, refusals, frozen versions, deleted images."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture
def role(aws: Sandbox) -> str:
    return seed.role(aws, "app")


@pytest.fixture
def digest(aws: Sandbox) -> str:
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1", config=b"a decoy of the same last name")
    seed.repository(aws, "team/app")
    return seed.image(aws, "team/app", "v1")


def create(aws: Sandbox, role: str, uri: str, name: str = "fn") -> Any:
    return aws.client("lambda").create_function(
        FunctionName=name, Role=role, PackageType="Image", Code={"ImageUri": uri}
    )


@pytest.mark.parametrize("form", ["team/app:v1", "team/app@{digest}", "team/app:v1@{digest}"])
def test_namespaced_uris_by_tag_digest_and_both(
    aws: Sandbox, role: str, digest: str, form: str
) -> None:
    uri = f"{HOST}/{form.format(digest=digest)}"
    made = create(aws, role, uri)
    assert made["CodeSha256"] == digest.removeprefix("sha256:")
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    code = aws.client("lambda").get_function(FunctionName="fn")["Code"]
    assert code == {
        "RepositoryType": "ECR",
        "ImageUri": uri,
        "ResolvedImageUri": f"{HOST}/team/app@{digest}",
    }


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("team/app:v9", "does not exist"),
        ("team/none:v1", "does not exist"),
        ("team/app@sha256:" + "0" * 64, "does not exist"),
        ("team/app", "does not exist"),
        ("team/app:old", "does not exist"),
        ("team/app:multi", "image manifest, config or layer media type .* is not supported"),
    ],
)
def test_images_that_lambda_refuses(
    aws: Sandbox, role: str, digest: str, reference: str, message: str
) -> None:
    seed.index(aws, "team/app", {digest: "linux/amd64"}, "multi")
    seed.image(aws, "team/app", "old", config=b"old", archived=True)
    with pytest.raises(ClientError, match=message) as error:
        create(aws, role, f"{HOST}/{reference}")
    assert error.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert aws.client("lambda").list_functions()["Functions"] == []


def test_an_image_of_another_region_or_account(aws: Sandbox, role: str, digest: str) -> None:
    with pytest.raises(ClientError, match="not valid"):
        create(aws, role, f"{HOST.replace('us-east-1', 'eu-west-1')}/team/app:v1")
    seed.repository(aws, "shared", account="210987654321")
    theirs = seed.image(aws, "shared", "v1", account="210987654321")
    uri = seed.uri(aws, "shared:v1", account="210987654321")
    with pytest.raises(ClientError, match="does not have permission to access the ECR image"):
        create(aws, role, uri)
    aws.client("ecr", account="210987654321").set_repository_policy(
        repositoryName="shared",
        policyText='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal":'
        ' {"Service": "lambda.amazonaws.com"}, "Action": "ecr:BatchGetImage"}]}',
    )
    assert create(aws, role, uri)["CodeSha256"] == theirs[7:]


def test_roles_that_lambda_refuses(aws: Sandbox, digest: str) -> None:
    uri = f"{HOST}/team/app:v1"
    other = seed.role(aws, "other", trust=seed.TRUST.replace("lambda", "ec2"))
    for role in (other, "arn:aws:iam::123456789012:role/none"):
        with pytest.raises(ClientError, match="cannot be assumed"):
            create(aws, role, uri)
    with pytest.raises(ClientError, match="Cross-account pass role"):
        create(aws, "arn:aws:iam::210987654321:role/app", uri)
    with pytest.raises(ClientError, match="ValidationException"):
        create(aws, "app-role-name-only", uri)


def test_a_moved_tag_changes_nothing_until_the_next_deploy(
    aws: Sandbox, role: str, digest: str
) -> None:
    functions = aws.client("lambda")
    uri = f"{HOST}/team/app:v1"
    create(aws, role, uri)
    functions.publish_version(FunctionName="fn")
    moved = seed.image(aws, "team/app", "v1", config=b"moved")
    for qualifier in ("$LATEST", "1"):
        got = functions.get_function(FunctionName="fn", Qualifier=qualifier)
        assert got["Code"]["ResolvedImageUri"] == f"{HOST}/team/app@{digest}"
    functions.update_function_code(FunctionName="fn", ImageUri=uri)
    runs = {
        qualifier: functions.get_function(FunctionName="fn", Qualifier=qualifier)["Code"]
        for qualifier in ("$LATEST", "1")
    }
    assert runs["$LATEST"]["ResolvedImageUri"] == f"{HOST}/team/app@{moved}"
    assert runs["1"]["ResolvedImageUri"] == f"{HOST}/team/app@{digest}"


def test_a_version_keeps_its_role_uri_and_settings(aws: Sandbox, role: str, digest: str) -> None:
    functions = aws.client("lambda")
    create(aws, role, f"{HOST}/team/app:v1")
    functions.publish_version(FunctionName="fn")
    other = seed.role(aws, "next")
    functions.update_function_configuration(
        FunctionName="fn", Role=other, Environment={"Variables": {"A": "2"}}
    )
    functions.update_function_code(FunctionName="fn", ImageUri=f"{HOST}/team/app@{digest}")
    old = functions.get_function(FunctionName="fn", Qualifier="1")
    assert old["Configuration"]["Role"] == role
    assert "Environment" not in old["Configuration"]
    assert old["Code"]["ImageUri"] == f"{HOST}/team/app:v1"
    new = functions.get_function(FunctionName="fn")
    assert new["Configuration"]["Role"] == other
    assert new["Code"]["ImageUri"] == f"{HOST}/team/app@{digest}"


def test_a_deleted_image_fails_its_functions_only_later(
    aws: Sandbox, role: str, digest: str
) -> None:
    functions = aws.client("lambda")
    create(aws, role, f"{HOST}/team/app:v1")
    functions.publish_version(FunctionName="fn")
    aws.client("ecr").batch_delete_image(
        repositoryName="team/app", imageIds=[{"imageDigest": digest}]
    )
    assert functions.invoke(FunctionName="fn")["StatusCode"] == 200
    assert functions.get_function(FunctionName="fn")["Configuration"]["State"] == "Active"
    assert aws.age_functions() == 2
    config = functions.get_function(FunctionName="fn")["Configuration"]
    assert (config["State"], config["StateReasonCode"]) == ("Failed", "ImageDeleted")
    with pytest.raises(ClientError, match="Failed"):
        functions.invoke(FunctionName="fn")


def test_zip_functions_have_a_base64_sha_and_no_image(aws: Sandbox, role: str) -> None:
    functions = aws.client("lambda")
    made = functions.create_function(
        FunctionName="zip",
        Role=role,
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": b"PK"},
    )
    assert made["CodeSha256"].endswith("=")
    assert functions.get_function(FunctionName="zip")["Code"]["RepositoryType"] == "S3"
