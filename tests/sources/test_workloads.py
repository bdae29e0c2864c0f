"""Workloads of the embedded AWS: what is read of each service, with which calls, and what each
failure leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jotgraph.records import (
    CONSUMERS,
    CoverageState,
    Inventory,
    Kind,
    UsedImage,
    Workload,
    WorkloadState,
)
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import consumers
from jotgraph.sources.consumers import Consumer
from tests.sources.conftest import NOTHING_RUNS, Scan

HERE = "123456789012/us-east-1"
OTHER = "210987654321"
ROLE = "arn:aws:iam::123456789012:role/service/"


@pytest.fixture
def digest(aws: Sandbox) -> str:
    """The digest of ``app:live``, a tag that each test may move."""
    seed.repository(aws, "app")
    return seed.image(aws, "app", "live")


def _move_the_tag(aws: Sandbox) -> str:
    return seed.image(aws, "app", "live", config=seed.image_config({"n": "2"}))


def _by_name(found: Inventory) -> dict[str, Workload]:
    return {each.id.removeprefix(f"workload:{HERE}/"): each for each in found.workloads}


def _states(found: Inventory) -> dict[str, str]:
    return {each.service: str(each.state) for each in found.scope.coverage}


def _calls(aws: Sandbox) -> dict[str, int]:
    """Calls to services of the table, but for those that prove emptiness."""
    services = {entry.client or entry.service for entry in consumers.CONSUMERS}
    return {
        call: count for call, count in aws.calls.tally().items() if call.split(":")[0] in services
    }


def _uri(aws: Sandbox, reference: str = "app:live") -> str:
    return seed.uri(aws, reference)


def test_an_empty_account_is_proven_by_one_listing_each(aws: Sandbox, scan: Scan) -> None:
    found = scan()
    assert _calls(aws) == dict.fromkeys(NOTHING_RUNS, 1)
    assert _states(found) == dict.fromkeys((*CONSUMERS, "lambda"), "empty")
    assert all(each.whole for each in found.scope.coverage)
    assert found.workloads == ()


def test_every_place_is_asked(aws: Sandbox, scan: Scan) -> None:
    seed.task_definition(aws, "web", "docker.io/web:1", region="eu-west-1")
    found = scan(regions=("us-east-1", "eu-west-1"))
    states = {each.region: each.state for each in found.scope.coverage if each.service == "ecs"}
    assert states == {"us-east-1": CoverageState.EMPTY, "eu-west-1": CoverageState.READ}
    (workload,) = found.workloads
    assert workload.id == f"workload:{aws.account}/eu-west-1/ecs/task-definition/web:1"


def test_a_service_runs_the_digest_of_its_deployment(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.task_definition(aws, "web", "app:live", role=f"{ROLE}web", execution_role=f"{ROLE}run")
    arn = seed.ecs_service(aws, "web", "web", cluster="prod", count=3, tags={"team": "a"})
    _move_the_tag(aws)
    service = _by_name(scan())["ecs/service/prod/web"]
    assert service == Workload(
        account=aws.account,
        region=aws.region,
        service="ecs",
        type="service",
        name="prod/web",
        arn=arn,
        state=WorkloadState.RUNNING,
        images=(UsedImage(_uri(aws), digest),),
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
    found = _by_name(scan())
    assert list(found) == ["ecs/service/default/web"], "nobody else can use an INACTIVE revision"
    assert found["ecs/service/default/web"].images == (UsedImage(_uri(aws), digest),)


def test_tasks_of_a_deployment_before_are_a_use(aws: Sandbox, scan: Scan, digest: str) -> None:
    """Without version consistency tasks resolve the tag one by one."""
    seed.task_definition(aws, "web", "app:live", consistent=False)
    seed.ecs_service(aws, "web", "web")
    new = _move_the_tag(aws)
    aws.client("ecs").update_service(service="web", desiredCount=2)
    service = _by_name(scan())["ecs/service/default/web"]
    assert {used.digest for used in service.images} == {digest, new}


def test_a_task_of_no_service_is_a_workload_with_its_role(
    aws: Sandbox, scan: Scan, digest: str
) -> None:
    seed.task_definition(aws, "job", "app:live", role=f"{ROLE}job")
    for role in ("one", "two"):
        seed.ecs_task(aws, "job", overrides={"taskRoleArn": f"{ROLE}{role}"})
    task = _by_name(scan())["ecs/task/default/job:1"]
    assert (task.state, task.tasks) == (WorkloadState.RUNNING, 2)
    assert task.images == (UsedImage(_uri(aws), digest),)
    assert task.roles == (f"{ROLE}one", f"{ROLE}two")


def test_a_stopped_task_is_no_workload(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.task_definition(aws, "job", "app:live")
    arn = seed.ecs_task(aws, "job")
    aws.client("ecs").stop_task(task=arn)
    assert list(_by_name(scan())) == ["ecs/task-definition/job:1"]


def test_the_newest_revision_is_told_from_older_active_ones(aws: Sandbox, scan: Scan) -> None:
    for tag in ("1", "2", "3"):
        last = seed.task_definition(aws, "web", f"app:{tag}", role="web")
    seed.task_definition(aws, "job", "app:1")
    aws.client("ecs").deregister_task_definition(taskDefinition=last)
    found = _by_name(scan())
    assert {name: each.state for name, each in found.items()} == {
        "ecs/task-definition/job:1": WorkloadState.NEWEST,
        "ecs/task-definition/web:1": WorkloadState.ACTIVE,
        "ecs/task-definition/web:2": WorkloadState.NEWEST,
    }
    assert found["ecs/task-definition/web:2"].roles == (
        "arn:aws:iam::123456789012:role/web",  # ECS takes short names
    )


def test_a_daemon_is_read_with_its_revision(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.daemon(aws, "agent", "app:live", cluster="prod", role=f"{ROLE}agent")
    _move_the_tag(aws)
    daemon = _by_name(scan())["ecs/daemon/prod/agent"]
    assert (daemon.images, daemon.roles) == ((UsedImage(_uri(aws), digest),), (f"{ROLE}agent",))


def test_an_express_service_assumes_its_infrastructure_role(
    aws: Sandbox, scan: Scan, digest: str
) -> None:
    seed.express_service(
        aws, "shop", "app:live", infrastructure_role=f"{ROLE}infra", role=f"{ROLE}shop"
    )
    service = _by_name(scan())["ecs/service/default/shop"]
    assert service.roles == (f"{ROLE}infra", f"{ROLE}shop")
    assert service.images == (UsedImage(_uri(aws), digest),)


Fill = Callable[[Sandbox], object]

SINGLE: dict[str, tuple[Fill, WorkloadState, bool, tuple[str, ...]]] = {
    "apprunner/service/shop": (
        lambda aws: seed.runner_service(
            aws, "shop", "app:live", role=f"{ROLE}a", access_role=f"{ROLE}b"
        ),
        WorkloadState.RUNNING,
        False,
        ("a", "b"),
    ),
    "batch/job-definition/nightly:1": (
        lambda aws: seed.job_definition(aws, "nightly", "app:live", role=f"{ROLE}a"),
        WorkloadState.NEWEST,
        False,
        ("a",),
    ),
    "codebuild/project/ci": (
        lambda aws: seed.build_project(aws, "ci", "app:live", role=f"{ROLE}a"),
        WorkloadState.NEWEST,
        False,
        ("a",),
    ),
    "sagemaker/model/m": (
        lambda aws: seed.model(aws, "m", "app:live", role=f"{ROLE}a"),
        WorkloadState.ACTIVE,
        False,
        ("a",),
    ),
    "sagemaker/image-version/lab:1": (
        lambda aws: seed.studio_image(aws, "lab", "app:live"),
        WorkloadState.NEWEST,
        True,
        (),
    ),
    "gamelift/container-group/game:1": (
        lambda aws: seed.container_group(aws, "game", "app:live"),
        WorkloadState.NEWEST,
        True,
        (),
    ),
    "bedrock-agentcore/runtime/agent:1": (
        lambda aws: seed.agent_runtime(aws, "agent", "app:live", role=f"{ROLE}a"),
        WorkloadState.NEWEST,
        False,
        ("a",),
    ),
}
"""Workload -> how it is made, its state, whether it says its digest, its roles."""


@pytest.mark.parametrize("name", SINGLE)
def test_a_workload_of_each_service_is_read(
    aws: Sandbox, scan: Scan, digest: str, name: str
) -> None:
    fill, state, resolved, roles = SINGLE[name]
    fill(aws)
    _move_the_tag(aws)
    found = scan()
    assert list(_by_name(found)) == [name]
    workload = _by_name(found)[name]
    assert workload.images == (UsedImage(_uri(aws), digest if resolved else ""),)
    assert workload.roles == tuple(f"{ROLE}{role}" for role in roles)
    assert (workload.state, workload.mentions) == (state, ())
    assert workload.arn.startswith(f"arn:aws:{workload.service}:{aws.region}:")
    assert _states(found)[workload.service] == "read"


def test_an_endpoint_runs_what_it_resolved(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.model(aws, "m", "app:live")
    seed.endpoint(aws, "e", "m")
    _move_the_tag(aws)
    aws.client("sagemaker").delete_model(ModelName="m")
    found = _by_name(scan())
    assert list(found) == ["sagemaker/endpoint/e"]
    assert found["sagemaker/endpoint/e"].images == (UsedImage(_uri(aws), digest),)
    assert found["sagemaker/endpoint/e"].state is WorkloadState.RUNNING


def test_what_an_endpoint_hosts_is_read_apart(aws: Sandbox, scan: Scan, digest: str) -> None:
    for name in ("e", "f"):
        seed.endpoint(aws, name)
    seed.inference_component(aws, "c", "e", "app:live")
    _move_the_tag(aws)
    found = _by_name(scan())
    assert found["sagemaker/inference-component/c"].images == (UsedImage(_uri(aws), digest),)
    assert aws.calls.count("ListInferenceComponents") == 1, "not one for each endpoint"


def test_an_application_runs_its_workers_images_too(aws: Sandbox, scan: Scan, digest: str) -> None:
    other = seed.image(aws, "app", "driver", config=seed.image_config({"n": "3"}))
    identity = seed.emr_application(aws, "spark", "app:live", workers={"Driver": "app:driver"})
    workload = _by_name(scan())[f"emr-serverless/application/{identity}"]
    assert workload.images == tuple(
        sorted([UsedImage(_uri(aws), digest), UsedImage(_uri(aws, "app:driver"), other)])
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
    package = "arn:aws:sagemaker:us-east-1:123456789012:model-package/p/1"
    aws.client("sagemaker").create_model(
        ModelName="packed", Containers=[{"ModelPackageName": package}]
    )
    found = _by_name(scan())
    assert [used.image for used in found["sagemaker/model/pipeline"].images] == [
        "docker.io/a:1",
        "docker.io/b:1",
    ]
    assert [used.image for used in found["sagemaker/model/packed"].images] == [package]


def test_a_kubernetes_cluster_is_a_workload_of_unknown_images(aws: Sandbox, scan: Scan) -> None:
    seed.kubernetes_cluster(aws, "prod", role=f"{ROLE}k")
    cluster = _by_name(scan())["eks/cluster/prod"]
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
    assert [used.image for used in _by_name(found)["ecs/service/default/web"].images] == sorted(odd)
    assert _states(found)["ecs"] == "read"
    assert [gap for gap in found.gaps if gap.asked] == []


def test_what_a_variable_names_is_mentioned_and_no_value_is_kept(
    aws: Sandbox, scan: Scan, tmp_path: Path
) -> None:
    """A scheduler's container is told which image to start, and as whom."""
    pinned = "sha256:" + "a" * 64
    environment = [
        {"name": "JOB_IMAGE", "value": f"run {_uri(aws, 'job:1')} twice"},
        {"name": "PINNED", "value": pinned},
        {"name": "ROLE", "value": f"{ROLE}job"},
        {"name": "PASSWORD", "value": "hunter2"},
    ]
    container = {"name": "c", "image": _uri(aws), "environment": environment}
    aws.client("ecs").register_task_definition(family="cron", containerDefinitions=[container])
    (workload,) = scan().workloads
    assert workload.mentions == tuple(sorted([_uri(aws, "job:1"), f"{ROLE}job", pinned]))
    kept = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
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


def test_calls_are_those_of_the_formula(aws: Sandbox, scan: Scan) -> None:
    clusters, tasks, services, daemons, definitions = 2, 103, 12, 3, 101
    for number in range(definitions):
        seed.task_definition(aws, f"f{number}", "docker.io/a:1")
    for name in ("one", "two")[:clusters]:
        seed.ecs_service(aws, "many", "f0", cluster=name, count=tasks - services + 1)
        for number in range(services - 1):
            seed.ecs_service(aws, f"s{number}", "f0", cluster=name)
        for number in range(daemons):
            seed.daemon(aws, f"d{number}", "docker.io/a:1", cluster=name)
    for number in range(101):
        seed.job_definition(aws, f"j{number}", "docker.io/a:1")
        seed.build_project(aws, f"p{number}", "docker.io/a:1")
    for number in range(21):
        seed.runner_service(aws, f"r{number}", "docker.io/a:1")
        seed.model(aws, f"m{number}", "docker.io/a:1")
    seed.endpoint(aws, "e", "m0")
    seed.inference_component(aws, "c", "e", "docker.io/a:1")
    seed.studio_image(aws, "lab", "docker.io/a:1", "docker.io/a:2")
    for number in range(51):
        seed.emr_application(aws, f"a{number}", "docker.io/a:1")
    seed.kubernetes_cluster(aws, "k")
    seed.agent_runtime(aws, "agent", "docker.io/a:1", "docker.io/a:2", role=f"{ROLE}a")
    seed.container_group(aws, "game", "docker.io/a:1", "docker.io/a:2")
    scan()

    def pages(count: int, size: int) -> int:
        return max(1, math.ceil(count / size))

    every_scan = {
        "ecs:ListClusters": pages(clusters, 100),
        "ecs:ListTasks": clusters * pages(tasks, 100),
        "ecs:DescribeTasks": clusters * math.ceil(tasks / 100),
        "ecs:ListServices": clusters * pages(services, 100),
        "ecs:DescribeServices": clusters * math.ceil(services / 10),
        "ecs:ListDaemons": clusters * pages(daemons, 100),
        "ecs:DescribeDaemon": clusters * daemons,
        "ecs:ListTaskDefinitions": pages(definitions, 100),
        "batch:DescribeJobDefinitions": pages(101, 100),
        "codebuild:ListProjects": pages(101, 100),
        "codebuild:BatchGetProjects": math.ceil(101 / 100),
        "apprunner:ListServices": pages(21, 20),
        "apprunner:DescribeService": 21,
        "emr-serverless:ListApplications": pages(51, 50),
        "emr-serverless:GetApplication": 51,
        "eks:ListClusters": 1,
        "eks:DescribeCluster": 1,
        "gamelift:ListContainerGroupDefinitions": 1,
        "gamelift:ListContainerGroupDefinitionVersions": 1,
        "sagemaker:ListModels": 1,
        "sagemaker:ListEndpoints": 1,
        "sagemaker:DescribeEndpoint": 1,
        "sagemaker:ListInferenceComponents": 1,
        "sagemaker:DescribeInferenceComponent": 1,
        "sagemaker:ListImages": 1,
        "sagemaker:ListImageVersions": 1,
        "bedrock-agentcore-control:ListAgentRuntimes": 1,
        "bedrock-agentcore-control:ListAgentRuntimeVersions": 1,
    }
    once = {
        "ecs:DescribeTaskDefinition": definitions,
        "ecs:DescribeServiceRevisions": math.ceil(clusters * services / 20),
        "ecs:DescribeDaemonRevisions": math.ceil(clusters * daemons / 20),
        "ecs:DescribeDaemonTaskDefinition": clusters * daemons,
        "sagemaker:DescribeModel": 21,
        "sagemaker:DescribeImageVersion": 2,
        "bedrock-agentcore-control:GetAgentRuntime": 2,
    }
    assert _calls(aws) == every_scan | once
    aws.calls.clear()
    scan()
    assert _calls(aws) == every_scan, "what never changes is not asked again"


def test_what_was_kept_is_as_good_as_new(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.task_definition(aws, "web", "app:live", role=f"{ROLE}web")
    seed.ecs_service(aws, "web", "web")
    seed.daemon(aws, "agent", "app:live", role=f"{ROLE}agent")
    first = scan()
    assert scan().workloads == first.workloads
    assert aws.calls.count("DescribeTaskDefinition") == 1


def test_a_damaged_file_of_the_cache_is_asked_again(
    aws: Sandbox, scan: Scan, tmp_path: Path, digest: str
) -> None:
    seed.task_definition(aws, "web", "app:live")
    first = scan()
    for kept in (tmp_path / "cache" / "workload-revisions").rglob("*"):
        if kept.is_file():
            kept.write_bytes(kept.read_bytes()[:20])
    assert scan().workloads == first.workloads
    assert aws.calls.count("DescribeTaskDefinition") == 2


def test_a_quick_scan_reads_what_runs_and_the_newest_revisions(
    aws: Sandbox, scan: Scan, digest: str
) -> None:
    for _ in range(3):
        seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web:1")
    found = scan(quick=True)
    assert list(_by_name(found)) == ["ecs/service/default/web", "ecs/task-definition/web:3"]
    assert _states(found)["ecs"] == "left-out"
    (gap,) = [gap for gap in found.gaps if gap.service == "ecs"]
    assert (gap.reason, gap.action, gap.facts) == (
        "left-out",
        "ListTaskDefinitions",
        ("older-revisions",),
    )
    assert _states(scan(quick=False))["ecs"] == "read"


def _fill(aws: Sandbox) -> None:
    """Something for every call of the table."""
    seed.task_definition(aws, "web", "app:live", role=f"{ROLE}web")
    seed.ecs_service(aws, "web", "web")
    seed.daemon(aws, "agent", "app:live", role=f"{ROLE}agent")
    seed.express_service(aws, "shop", "app:live", infrastructure_role=f"{ROLE}infra")
    for fill, _, _, _ in SINGLE.values():
        fill(aws)
    seed.endpoint(aws, "e", "m")
    seed.inference_component(aws, "c", "e", "app:live")
    seed.kubernetes_cluster(aws, "prod", role=f"{ROLE}k")
    seed.emr_application(aws, "spark", "app:live")


CALLS = sorted(
    {
        (entry.client or entry.service, call.action)
        for entry in consumers.CONSUMERS
        for call in entry.calls
    }
)
ENTRIES = {entry.client or entry.service: entry for entry in consumers.CONSUMERS}
FAULTS: dict[str, tuple[Callable[..., object], str, str]] = {
    "denied": (lambda aws, *call: aws.faults.deny(*call), "denied", "denied"),
    "throttled": (lambda aws, *call: aws.faults.throttle(*call), "throttled", "failed"),
    "500": (lambda aws, *call: aws.faults.error(*call), "error", "failed"),
    "cut": (lambda aws, *call: aws.faults.reset(*call), "unreachable", "failed"),
    "half": (lambda aws, *call: aws.faults.truncate(*call), "error", "failed"),
}


@pytest.mark.usefixtures("no_waiting", "digest")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("client", "action"), CALLS, ids=[f"{c}-{a}" for c, a in CALLS])
def test_a_call_that_fails_is_a_gap_and_loses_nothing_else(
    aws: Sandbox, scan: Scan, client: str, action: str, fault: str
) -> None:
    _fill(aws)
    spoil, reason, state = FAULTS[fault]
    spoil(aws, client, action)
    service = ENTRIES[client].service
    found = scan()
    gaps = [gap for gap in found.gaps if gap.asked]
    assert {(gap.service, gap.action) for gap in gaps} == {(service, action)}
    assert {gap.reason for gap in gaps} <= {reason, "error"}
    assert all(gap.hides == (Kind.WORKLOAD,) or gap.facts for gap in gaps)
    assert _states(found) == {
        **dict.fromkeys(CONSUMERS, "read"),
        "lambda": "empty",
        service: state,
    }
    aws.faults.clear()
    whole = _by_name(scan())
    lost = whole.keys() - _by_name(found).keys()
    assert {name.partition("/")[0] for name in lost} <= {service}


@pytest.mark.usefixtures("no_waiting")
def test_half_a_listing_is_kept(aws: Sandbox, scan: Scan) -> None:
    for number in range(101):
        seed.job_definition(aws, f"j{number}", "docker.io/a:1")
    aws.faults.deny("batch", "DescribeJobDefinitions", nth=2)
    found = scan()
    assert len(found.workloads) == 100
    (coverage,) = [each for each in found.scope.coverage if each.service == "batch"]
    assert (coverage.state, coverage.whole) == (CoverageState.DENIED, False)
    assert "not authorized to perform: batch:DescribeJobDefinitions" in coverage.because


@pytest.mark.usefixtures("no_waiting")
def test_one_batch_of_services_that_fails_loses_only_itself(aws: Sandbox, scan: Scan) -> None:
    seed.task_definition(aws, "web", "docker.io/a:1")
    for number in range(12):
        seed.ecs_service(aws, f"s{number:02}", "web", count=0)
    aws.faults.error("ecs", "DescribeServices", nth=2)
    found = [each.name for each in scan().workloads if each.type == "service"]
    assert len(found) == 10


def test_a_cluster_that_goes_while_it_is_read_is_no_gap(aws: Sandbox, scan: Scan) -> None:
    seed.task_definition(aws, "web", "docker.io/a:1")
    seed.ecs_service(aws, "web", "web", cluster="going")

    def delete(_: object) -> None:
        aws.client("ecs").delete_cluster(cluster="going")

    aws.faults.before("ecs", "ListTasks", call=delete, times=1)
    found = scan()
    assert _states(found)["ecs"] == "read"
    assert [each.type for each in found.workloads] == ["task-definition"]


def test_a_region_without_daemons_is_read_all_the_same(aws: Sandbox, scan: Scan) -> None:
    seed.ecs_cluster(aws, "prod")
    aws.faults.error(
        "ecs", "ListDaemons", code="UnsupportedFeatureException", message="not here", status=400
    )
    assert _states(scan())["ecs"] == "empty"


def test_a_revision_that_is_not_described_says_so(aws: Sandbox, scan: Scan, digest: str) -> None:
    """ "You can't describe a service revision that was created before October 25, 2024": which
    digest an idle service would start is then not known."""
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web", count=0)
    revisions = aws.world.kept[aws.account, aws.region, "ecs/service-revision"]
    revisions.clear()
    found = scan()
    service = _by_name(found)["ecs/service/default/web"]
    assert service.images == (UsedImage(_uri(aws), ""),)
    (gap,) = [gap for gap in found.gaps if gap.asked]
    assert (gap.action, gap.facts, gap.hides) == (
        "DescribeServiceRevisions",
        ("resolved-digest",),
        (),
    )
    assert _states(found)["ecs"] == "failed"


@pytest.mark.parametrize("odd", [None, 7, {"a": "b"}, ["a"]])
def test_an_answer_that_is_not_understood_loses_no_other(
    aws: Sandbox, scan: Scan, odd: object
) -> None:
    seed.task_definition(aws, "web", "docker.io/a:1")
    arn = seed.ecs_service(aws, "odd", "web", count=0)
    seed.ecs_service(aws, "even", "web", count=0)
    aws.world.kept[aws.account, aws.region, "ecs/service"][arn]["serviceName"] = odd
    found = scan()
    names = [each.name for each in found.workloads if each.type == "service"]
    assert "default/even" in names
    if odd != 7:  # botocore takes a number for a text
        assert (names, _states(found)["ecs"]) == (["default/even"], "failed")
    assert {gap.hides for gap in found.gaps if gap.asked} <= {(Kind.WORKLOAD,)}


@pytest.mark.parametrize("field", ["images", "revision", "tags"])
def test_odd_fields_of_a_job_are_no_crash(aws: Sandbox, scan: Scan, field: str) -> None:
    seed.job_definition(aws, "odd", "docker.io/a:1")
    seed.job_definition(aws, "even", "docker.io/a:1")
    job = aws.world.kept[aws.account, aws.region, "batch/job-definition"]["odd:1"]
    odd: dict[str, Any] = {
        "images": {"containerProperties": {"image": None}},
        "revision": {"revision": None},
        "tags": {"tags": {"a": None}},
    }
    job.update(odd[field])
    found = scan()
    assert "even:1" in {each.name for each in found.workloads}


def test_a_session_that_is_not_known_hides_workloads(aws: Sandbox, scan: Scan) -> None:
    aws.faults.error("sts", code="ExpiredToken", message="expired", status=403)
    found = scan()
    assert found.scope.coverage == ()
    assert Kind.WORKLOAD in {kind for gap in found.gaps for kind in gap.hides}


def test_denied_functions_are_denied_coverage(aws: Sandbox, scan: Scan) -> None:
    aws.faults.deny("lambda", "ListFunctions")
    assert _states(scan())["lambda"] == "denied"


def _names(entries: Iterable[Consumer]) -> list[str]:
    return list(dict.fromkeys(entry.service for entry in entries))


def test_the_table_and_the_records_name_the_same_services() -> None:
    """In order: the entries of a service stand together, so that its calls are made once."""
    assert tuple(_names(consumers.CONSUMERS)) == CONSUMERS


@pytest.mark.parametrize(
    "entry", consumers.CONSUMERS, ids=lambda entry: f"{entry.service}-{entry.calls[0].action}"
)
def test_every_call_of_the_table_is_one_of_boto3(entry: Consumer) -> None:
    """Its operation, its parameters, the member it reads, and the page it asks for."""
    import botocore.session  # noqa: PLC0415 -- only this test reads models itself

    model: Any = botocore.session.get_session().get_service_model(entry.client or entry.service)
    for call in entry.calls:
        operation = model.operation_model(call.action)
        given, told = operation.input_shape.members, operation.output_shape.members
        names = {*call.args, *call.fixed, *([call.member] if call.member else [])}
        names |= {call.limit} if call.page else set()
        names |= set() if call.names else {call.token}
        assert names <= set(given)
        assert not call.found or call.found in told
        most = given[call.limit].metadata.get("max", 100) if call.page else 0
        assert call.page in (0, most)
