"""With which calls workloads are read: the formula, the least, and what is kept."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from msgspec.structs import replace

from jotgraph.records import (
    CONSUMERS,
    CoverageState,
)
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.workloads.sagemaker import IMAGES
from jotgraph.sources import consumers
from jotgraph.sources.aws import workload_stage
from tests.sources.conftest import NOTHING_RUNS, Scan
from tests.sources.consumers.world import (
    ROLE,
    by_name,
    calls_of_consumers,
    states,
)


def test_an_empty_account_is_proven_by_one_listing_each(aws: Sandbox, scan: Scan) -> None:
    found = scan()
    assert calls_of_consumers(aws) == dict.fromkeys(NOTHING_RUNS, 1)
    assert states(found) == dict.fromkeys((*CONSUMERS, "lambda"), "empty")
    assert all(coverage.whole for coverage in found.scope.coverage)
    assert found.workloads == ()


def test_every_place_is_asked(aws: Sandbox, scan: Scan) -> None:
    seed.task_definition(aws, "web", "docker.io/web:1", region="eu-west-1")
    found = scan(regions=("us-east-1", "eu-west-1"))
    states = {
        coverage.region: coverage.state
        for coverage in found.scope.coverage
        if coverage.service == "ecs"
    }
    assert states == {"us-east-1": CoverageState.EMPTY, "eu-west-1": CoverageState.READ}
    (workload,) = found.workloads
    assert workload.id == f"workload:{aws.account}/eu-west-1/ecs/task-definition/web:1"


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
        "bedrock-agentcore-control:ListAgentRuntimeEndpoints": 1,
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
    assert calls_of_consumers(aws) == every_scan | once
    aws.calls.clear()
    scan()
    assert calls_of_consumers(aws) == every_scan, "what never changes is not asked again"


def test_what_was_kept_is_as_good_as_new(aws: Sandbox, scan: Scan, digest: str) -> None:
    seed.task_definition(aws, "web", "app:live", role=f"{ROLE}web")
    seed.ecs_service(aws, "web", "web")
    seed.daemon(aws, "agent", "app:live", role=f"{ROLE}agent")
    first = scan()
    assert scan().workloads == first.workloads
    assert aws.calls.count("DescribeTaskDefinition") == 1


@pytest.mark.parametrize("kind", ["service", "daemon"])
def test_a_revision_whose_digests_are_still_to_come_is_asked_again(
    aws: Sandbox, scan: Scan, digest: str, kind: str
) -> None:
    """ECS tells them once it has started the first task."""
    if kind == "service":
        seed.task_definition(aws, "web", "app:live")
        seed.ecs_service(aws, "web", "web", count=0)
    else:
        seed.daemon(aws, "web", "app:live")
    revisions = [
        revision
        for (_, _, shelf), kept in aws.world.kept.items()
        if shelf == f"ecs/{kind}-revision"
        for revision in kept.values()
    ]
    (image,) = (image for revision in revisions for image in revision["containerImages"])
    resolved = image.pop("imageDigest")

    def told() -> list[str]:
        return [
            used.digest
            for workload in scan().workloads
            if workload.type == kind
            for used in workload.images
        ]

    early = told()
    image["imageDigest"] = resolved
    assert (early, told()) == ([""], [digest])


def test_a_version_of_a_studio_image_is_asked_again_while_it_is_made(
    aws: Sandbox, scan: Scan, digest: str
) -> None:
    seed.studio_image(aws, "lab", "app:live")
    (version,) = (
        version
        for (_, _, shelf), kept in aws.world.kept.items()
        if shelf == IMAGES
        for image in kept.values()
        for version in image["versions"]
    )
    resolved = version.pop("ContainerImage")
    assert [used.digest for used in scan().workloads[0].images] == [""]
    version["ContainerImage"] = resolved
    assert [used.digest for used in scan().workloads[0].images] == [digest]


def test_what_an_earlier_version_kept_less_of_is_asked_again(
    aws: Sandbox, scan: Scan, digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.task_definition(aws, "web", "app:live", role=f"{ROLE}web")
    family = "{arn: taskDefinitionArn, family: family, revision: revision}"

    def cut(entry: consumers.Consumer) -> consumers.Consumer:
        calls = [replace(call, keep=family) if call.immutable else call for call in entry.calls]
        return replace(entry, calls=tuple(calls))

    services = [
        (service, tuple(map(cut, entries)) if service == "ecs" else entries)
        for service, entries in consumers.BY_SERVICE
    ]
    with monkeypatch.context() as earlier:
        earlier.setattr(workload_stage, "BY_SERVICE", services)
        scan()
    (workload,) = scan().workloads
    assert (len(workload.images), workload.roles) == (1, (f"{ROLE}web",))


def test_a_damaged_file_of_the_cache_is_asked_again(
    aws: Sandbox, scan: Scan, tmp_path: Path, digest: str
) -> None:
    seed.task_definition(aws, "web", "app:live")
    first = scan()
    for kept in (tmp_path / "cache" / "revisions").rglob("*"):
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
    assert list(by_name(found)) == ["ecs/service/default/web", "ecs/task-definition/web:3"]
    assert states(found)["ecs"] == "left-out"
    (gap,) = [gap for gap in found.gaps if gap.service == "ecs"]
    assert (gap.reason, gap.action, gap.facts) == (
        "left-out",
        "ListTaskDefinitions",
        ("older-revisions",),
    )
    assert states(scan(quick=False))["ecs"] == "read"
