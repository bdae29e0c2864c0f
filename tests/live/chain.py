"""One real chain from a commit to a role: a repository, an engine and an AWS in, the names of its
parts out; and what happens to it when its tag moves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jotgraph.records import (
    ResourceId,
    commit_id,
    ecr_image_id,
    ecr_repo_id,
    function_id,
    local_image_id,
    role_id,
)
from jotgraph.sandbox.server import Sandbox
from tests.rig.bridge import copy_to_ecr
from tests.rig.git import Repository
from tests.rig.images import oci_labels, recipe
from tests.rig.live import ACCOUNT, REGION, Rig

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient

REPOSITORY = "team/app"
TAG = "prod"
FUNCTION = "app"
ROLE = "app-role"
SOURCE = "https://git.example.com/team/app"

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@dataclass(frozen=True)
class Aws:
    """Clients of one account and region."""

    ecr: ECRClient
    iam: IAMClient
    functions: LambdaClient


@dataclass(frozen=True)
class Build:
    """One commit, built, pushed and put into ECR under ``TAG``."""

    sha: str
    image: str
    """The engine's id, ``sha256:…``."""
    manifest: bytes
    """As the registry serves it."""
    pushed: str
    """Digest that the engine reported for the push."""
    served: str
    """Digest in the registry's header."""
    stored: str
    """Digest that ECR answered."""
    repo_digests: tuple[str, ...]

    @property
    def commit_id(self) -> ResourceId:
        return commit_id(self.sha)

    @property
    def local_id(self) -> ResourceId:
        return local_image_id(self.image)

    @property
    def ecr_id(self) -> ResourceId:
        return ecr_image_id(ACCOUNT, REGION, REPOSITORY, self.stored)


REPO_ID = ecr_repo_id(ACCOUNT, REGION, REPOSITORY)
FUNCTION_ID = function_id(ACCOUNT, REGION, FUNCTION)
ROLE_ID = role_id(ACCOUNT, ROLE)


def release(repository: Repository, rig: Rig, aws: Aws, text: str, *, buildkit: bool) -> Build:
    """Commit ``text``, build it with OCI labels, push it as ``TAG``, put it into ECR."""
    sha = repository.commit({"app.py": text, **recipe()})
    name = rig.name(REPOSITORY, TAG)
    image = rig.build(
        repository.path, name, labels=oci_labels(repository, SOURCE), buildkit=buildkit
    )
    pushed = rig.push(REPOSITORY, TAG)
    manifest = rig.manifest(REPOSITORY, TAG)
    return Build(
        sha=sha,
        image=image,
        manifest=manifest.content,
        pushed=pushed,
        served=manifest.digest,
        stored=copy_to_ecr(rig, aws.ecr, REPOSITORY, TAG),
        repo_digests=tuple(rig.docker.images.get(name).attrs["RepoDigests"]),
    )


def deploy(rig: Rig, aws: Aws) -> dict[str, Any]:
    """Make the role and a function from the tag. Returns GetFunction's answer."""
    role = aws.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)["Role"]
    aws.functions.create_function(
        FunctionName=FUNCTION,
        PackageType="Image",
        Code={"ImageUri": rig.name(REPOSITORY, TAG)},
        Role=role["Arn"],
    )
    aws.functions.get_waiter("function_active_v2").wait(FunctionName=FUNCTION)
    return dict(aws.functions.get_function(FunctionName=FUNCTION))


def open_registry(aws: Sandbox) -> Aws:
    """Make the repository and return the clients."""
    made = Aws(aws.client("ecr"), aws.client("iam"), aws.client("lambda"))
    made.ecr.create_repository(repositoryName=REPOSITORY)
    return made


def chain_of(build: Build) -> tuple[ResourceId, ...]:
    """The six ids, as work flows."""
    return (build.commit_id, build.local_id, REPO_ID, build.ecr_id, FUNCTION_ID, ROLE_ID)
