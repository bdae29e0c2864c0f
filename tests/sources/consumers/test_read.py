"""What is read of each workload of each service."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jotgraph.records import (
    UsedImage,
    Workload,
    WorkloadState,
)
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan
from tests.sources.consumers.world import (
    ROLE,
    SINGLE,
    by_name,
    move_the_tag,
    states,
    uri,
)


def test_a_service_runs_the_digest_of_its_deployment(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.task_definition(aws, "web", "app:live", role=f"{ROLE}web", execution_role=f"{ROLE}run")
    arn = seed.ecs_service(aws, "web", "web", cluster="prod", count=3, tags={"team": "a"})
    move_the_tag(aws)
    service = by_name(scan())["ecs/service/prod/web"]
    assert service == Workload(
        account=aws.account,
        region=aws.region,
        service="ecs",
        type="service",
        name="prod/web",
        arn=arn,
        state=WorkloadState.RUNNING,
        images=(UsedImage(uri(aws), digest),),
        roles=(f"{ROLE}run", f"{ROLE}web"),
        tags=(("team", "a"),),
        tasks=3,
        changed_at=service.changed_at,
    )
    assert isinstance(service.changed_at, datetime)


def test_a_service_that_runs_no_task_is_a_use(aws: Sandbox, scan: Scan, digest: str) -> None:
    definition = seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web", count=0)
    aws.client("ecs").deregister_task_definition(taskDefinition=definition)
    found = by_name(scan())
    assert list(found) == ["ecs/service/default/web"], "nobody else can use an INACTIVE revision"
    assert found["ecs/service/default/web"].images == (UsedImage(uri(aws), digest),)


def test_tasks_of_a_deployment_before_are_a_use(aws: Sandbox, scan: Scan, digest: str) -> None:
    """Without version consistency tasks resolve the tag one by one."""
    seed.task_definition(aws, "web", "app:live", consistent=False)
    seed.ecs_service(aws, "web", "web")
    new = move_the_tag(aws)
    aws.client("ecs").update_service(service="web", desiredCount=2)
    service = by_name(scan())["ecs/service/default/web"]
    assert {used.digest for used in service.images} == {digest, new}


def test_a_task_of_no_service_is_a_workload_with_its_role(
    aws: Sandbox, scan: Scan, digest: str
) -> None:
    seed.task_definition(aws, "job", "app:live", role=f"{ROLE}job")
    for role in ("one", "two"):
        seed.ecs_task(aws, "job", overrides={"taskRoleArn": f"{ROLE}{role}"})
    task = by_name(scan())["ecs/task/default/job:1"]
    assert (task.state, task.tasks) == (WorkloadState.RUNNING, 2)
    assert task.images == (UsedImage(uri(aws), digest),)
    assert task.roles == (f"{ROLE}one", f"{ROLE}two")


def test_a_stopped_task_is_no_workload(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.task_definition(aws, "job", "app:live")
    arn = seed.ecs_task(aws, "job")
    aws.client("ecs").stop_task(task=arn)
    assert list(by_name(scan())) == ["ecs/task-definition/job:1"]


def test_the_newest_revision_is_told_from_older_active_ones(aws: Sandbox, scan: Scan) -> None:
    for tag in ("1", "2", "3"):
        last = seed.task_definition(aws, "web", f"app:{tag}", role="web")
    seed.task_definition(aws, "job", "app:1")
    aws.client("ecs").deregister_task_definition(taskDefinition=last)
    found = by_name(scan())
    assert {name: workload.state for name, workload in found.items()} == {
        "ecs/task-definition/job:1": WorkloadState.NEWEST,
        "ecs/task-definition/web:1": WorkloadState.ACTIVE,
        "ecs/task-definition/web:2": WorkloadState.NEWEST,
    }
    assert found["ecs/task-definition/web:2"].roles == (
        "arn:aws:iam::123456789012:role/web",  # ECS takes short names
    )


def test_a_daemon_is_read_with_its_revision(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.daemon(aws, "agent", "app:live", cluster="prod", role=f"{ROLE}agent")
    move_the_tag(aws)
    daemon = by_name(scan())["ecs/daemon/prod/agent"]
    assert (daemon.images, daemon.roles) == ((UsedImage(uri(aws), digest),), (f"{ROLE}agent",))


def test_an_express_service_assumes_its_infrastructure_role(
    aws: Sandbox, scan: Scan, digest: str
) -> None:
    seed.express_service(
        aws, "shop", "app:live", infrastructure_role=f"{ROLE}infra", role=f"{ROLE}shop"
    )
    service = by_name(scan())["ecs/service/default/shop"]
    assert service.roles == (f"{ROLE}infra", f"{ROLE}shop")
    assert service.images == (UsedImage(uri(aws), digest),)


@pytest.mark.parametrize("name", SINGLE)
def test_a_workload_of_each_service_is_read(
    aws: Sandbox, scan: Scan, digest: str, name: str
) -> None:
    fill, state, resolved, roles = SINGLE[name]
    fill(aws)
    move_the_tag(aws)
    found = scan()
    default = ["bedrock-agentcore/endpoint/agent/DEFAULT"] * ("agentcore" in name)
    assert list(by_name(found)) == [*default, name]
    workload = by_name(found)[name]
    assert workload.images == (UsedImage(uri(aws), digest if resolved else ""),)
    assert workload.roles == tuple(f"{ROLE}{role}" for role in roles)
    assert (workload.state, workload.mentions) == (state, ())
    assert workload.arn.startswith(f"arn:aws:{workload.service}:{aws.region}:")
    assert states(found)[workload.service] == "read"


def test_an_endpoint_runs_what_it_resolved(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.model(aws, "m", "app:live")
    seed.endpoint(aws, "e", "m")
    move_the_tag(aws)
    aws.client("sagemaker").delete_model(ModelName="m")
    found = by_name(scan())
    assert list(found) == ["sagemaker/endpoint/e"]
    assert found["sagemaker/endpoint/e"].images == (UsedImage(uri(aws), digest),)
    assert found["sagemaker/endpoint/e"].state is WorkloadState.RUNNING


def test_what_an_endpoint_hosts_is_read_apart(aws: Sandbox, scan: Scan, digest: str) -> None:
    for name in ("e", "f"):
        seed.endpoint(aws, name)
    seed.inference_component(aws, "c", "e", "app:live")
    move_the_tag(aws)
    found = by_name(scan())
    assert found["sagemaker/inference-component/c"].images == (UsedImage(uri(aws), digest),)
    assert aws.calls.count("ListInferenceComponents") == 1, "not one for each endpoint"


def test_an_application_runs_its_workers_images_too(aws: Sandbox, scan: Scan, digest: str) -> None:
    other = seed.image(aws, "app", "driver", config=seed.image_config({"n": "3"}))
    identity = seed.emr_application(aws, "spark", "app:live", workers={"Driver": "app:driver"})
    workload = by_name(scan())[f"emr-serverless/application/{identity}"]
    assert workload.images == tuple(
        sorted([UsedImage(uri(aws), digest), UsedImage(uri(aws, "app:driver"), other)])
    )


NODE = {"targetNodes": "0:"}
JOBS: dict[str, dict[str, Any]] = {
    "nodes": {
        "nodeProperties": {
            "numNodes": 2,
            "mainNode": 0,
            "nodeRangeProperties": [
                {**NODE, "container": {"image": "a", "jobRoleArn": "r1"}},
                {
                    **NODE,
                    "ecsProperties": {
                        "taskProperties": [{"containers": [{"image": "b"}], "taskRoleArn": "r2"}]
                    },
                },
                {**NODE, "eksProperties": {"podProperties": {"containers": [{"image": "c"}]}}},
            ],
        }
    },
    "ecs": {
        "ecsProperties": {
            "taskProperties": [
                {
                    "containers": [{"image": "a"}, {"image": "b"}, {"image": "c"}],
                    "executionRoleArn": "r1",
                    "taskRoleArn": "r2",
                }
            ]
        }
    },
    "eks": {
        "eksProperties": {
            "podProperties": {
                "containers": [{"image": "a"}, {"image": "b"}],
                "initContainers": [{"image": "c"}],
            }
        }
    },
}


@pytest.mark.parametrize("kind", JOBS)
def test_every_kind_of_job_names_its_images(aws: Sandbox, scan: Scan, kind: str) -> None:
    seed.job_definition(aws, "nightly", **JOBS[kind])
    (job,) = scan().workloads
    assert [used.image for used in job.images] == ["a", "b", "c"]
    roles = () if kind == "eks" else ("r1", "r2")
    assert job.roles == tuple(f"arn:aws:iam::{aws.account}:role/{role}" for role in roles)


def test_a_model_of_several_containers_and_one_of_a_package(aws: Sandbox, scan: Scan) -> None:
    seed.model(aws, "pipeline", "docker.io/a:1", "docker.io/b:1")
    containers = [{"Image": "docker.io/c:1"}, {"Image": "docker.io/d:1"}]
    types = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    other = {"Name": "other", "Containers": [{"Image": "docker.io/e:1"}]}
    package = aws.client("sagemaker").create_model_package(
        ModelPackageGroupName="p",
        InferenceSpecification={"Containers": containers, **types},
        AdditionalInferenceSpecifications=[other],
    )["ModelPackageArn"]
    aws.client("sagemaker").create_model(
        ModelName="packed", Containers=[{"ModelPackageName": package}]
    )
    found = by_name(scan())
    assert [used.image for used in found["sagemaker/model/pipeline"].images] == [
        "docker.io/a:1",
        "docker.io/b:1",
    ]
    assert [used.image for used in found["sagemaker/model/packed"].images] == [
        "docker.io/c:1",
        "docker.io/d:1",
        "docker.io/e:1",
    ]


def test_a_model_of_a_package_that_cannot_be_read_leaves_sagemaker_unread(
    aws: Sandbox, scan: Scan
) -> None:
    """As one that another account keeps to itself."""
    package = "arn:aws:sagemaker:us-east-1:210987654321:model-package/p/1"
    aws.client("sagemaker").create_model(
        ModelName="packed", Containers=[{"ModelPackageName": package}]
    )
    aws.faults.deny("sagemaker", "DescribeModelPackage")
    found = scan()
    assert by_name(found)["sagemaker/model/packed"].images == ()
    assert states(found)["sagemaker"] == "denied"


def test_a_kubernetes_cluster_is_a_workload_of_unknown_images(aws: Sandbox, scan: Scan) -> None:
    seed.kubernetes_cluster(aws, "prod", role=f"{ROLE}k")
    cluster = by_name(scan())["eks/cluster/prod"]
    assert (cluster.images, cluster.roles) == ((), (f"{ROLE}k",))


def test_references_of_every_form_are_kept_as_text(aws: Sandbox, scan: Scan) -> None:
    odd = (
        "docker.io/library/redis:7",
        "public.ecr.aws/nginx/nginx@sha256:" + "a" * 64,
        "ghcr.io/acme/web:1",
        "aws.codebuild/standard:7.0",
        "${REGISTRY}.invalid/not a reference:at:all@",
    )
    seed.task_definition(aws, "web", *odd)
    seed.ecs_service(aws, "web", "web")
    found = scan()
    assert [used.image for used in by_name(found)["ecs/service/default/web"].images] == sorted(odd)
    assert states(found)["ecs"] == "read"
    assert [gap for gap in found.gaps if gap.asked] == []


def test_what_a_variable_names_is_mentioned_and_no_value_is_kept(
    aws: Sandbox, scan: Scan, tmp_path: Path
) -> None:
    """A scheduler's container is told which image to start, and as whom."""
    pinned = "sha256:" + "a" * 64
    environment = [
        {"name": "JOB_IMAGE", "value": f"run {uri(aws, 'job:1')} twice"},
        {"name": "PINNED", "value": pinned},
        {"name": "ROLE", "value": f"{ROLE}job"},
        {"name": "PASSWORD", "value": "hunter2"},
    ]
    container = {"name": "c", "image": uri(aws), "environment": environment}
    aws.client("ecs").register_task_definition(family="cron", containerDefinitions=[container])
    (workload,) = scan().workloads
    assert workload.mentions == tuple(sorted([uri(aws, "job:1"), f"{ROLE}job", pinned]))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"job:1" in kept
    assert b"hunter2" not in kept


def test_an_image_that_a_workload_runs_is_read_for_its_commit(
    aws: Sandbox, scan: Scan, one_commit: str
) -> None:
    seed.repository(aws, "app")
    config = seed.image_config({"org.opencontainers.image.revision": "a" * 40})
    seed.image(aws, "app", "live", config=config)
    seed.image(aws, "app", "other", config=seed.image_config({"n": "1"}))
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web")
    found = scan(git=(one_commit,))
    read = {image.tags: image.config_read for image in found.ecr_images}
    assert read == {("live",): True, ("other",): False}
