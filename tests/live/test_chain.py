"""The chain, end to end, on real parts: a real commit, a real build with labels, a real push under
a true ECR name, the same manifest in ECR, a function made from the tag, its role."""

from __future__ import annotations

import hashlib
import json

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.live.chain import FUNCTION, REPOSITORY, TAG, Aws, deploy, release
from tests.rig.fixtures import NewRepository
from tests.rig.live import ECR_HOST, Rig


@pytest.fixture
def clients(aws: Sandbox) -> Aws:
    made = Aws(aws.client("ecr"), aws.client("iam"), aws.client("lambda"))
    made.ecr.create_repository(repositoryName=REPOSITORY)
    return made


@pytest.mark.parametrize("buildkit", [False, True], ids=["classic", "buildkit"])
def test_digests_are_equal_from_the_engine_to_the_function(
    ecr_named: Rig, git_repository: NewRepository, clients: Aws, buildkit: bool
) -> None:
    build = release(git_repository(), ecr_named, clients, "print(1)\n", buildkit=buildkit)
    function = deploy(ecr_named, clients)
    stored = clients.ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": TAG}])[
        "images"
    ]

    digest = f"sha256:{hashlib.sha256(build.manifest).hexdigest()}"
    assert [build.pushed, build.served, build.stored] == [digest] * 3
    assert build.repo_digests == (f"{ECR_HOST}/{REPOSITORY}@{digest}",)
    assert [image.get("imageManifest", "").encode() for image in stored] == [build.manifest]
    assert json.loads(build.manifest)["config"]["digest"] == build.image
    assert function["Configuration"]["CodeSha256"] == digest.removeprefix("sha256:")
    assert function["Code"]["ResolvedImageUri"] == f"{ECR_HOST}/{REPOSITORY}@{digest}"
    assert function["Code"]["ImageUri"] == f"{ECR_HOST}/{REPOSITORY}:{TAG}"


def test_the_tag_moves_and_the_function_keeps_what_it_runs(
    ecr_named: Rig, git_repository: NewRepository, clients: Aws
) -> None:
    repository = git_repository()
    old = release(repository, ecr_named, clients, "print(1)\n", buildkit=True)
    deploy(ecr_named, clients)
    new = release(repository, ecr_named, clients, "print(2)\n", buildkit=True)

    function = clients.functions.get_function(FunctionName=FUNCTION)
    images = clients.ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert function["Configuration"].get("CodeSha256") == old.stored.removeprefix("sha256:")
    assert {image.get("imageDigest"): image.get("imageTags") for image in images} == {
        old.stored: None,
        new.stored: [TAG],
    }
