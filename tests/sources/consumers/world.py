"""One workload of each service for tests, and what a scan says of them in short."""

from __future__ import annotations

from collections.abc import Callable

from jotgraph.records import Inventory, Workload, WorkloadState
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import consumers

HERE = "123456789012/us-east-1"
ROLE = "arn:aws:iam::123456789012:role/service/"


def move_the_tag(aws: Sandbox) -> str:
    return seed.image(aws, "app", "live", config=seed.image_config({"n": "2"}))


def by_name(inventory: Inventory) -> dict[str, Workload]:
    return {
        workload.id.removeprefix(f"workload:{HERE}/"): workload for workload in inventory.workloads
    }


def states(inventory: Inventory) -> dict[str, str]:
    return {coverage.service: str(coverage.state) for coverage in inventory.scope.coverage}


def calls_of_consumers(aws: Sandbox) -> dict[str, int]:
    """Calls to services of the table, but for those that prove emptiness."""
    services = {entry.client or entry.service for entry in consumers.CONSUMERS}
    return {
        call: count for call, count in aws.calls.tally().items() if call.split(":")[0] in services
    }


def uri(aws: Sandbox, reference: str = "app:live") -> str:
    return seed.uri(aws, reference)


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


def fill_everything(aws: Sandbox) -> None:
    """Something for every call of the table."""
    seed.task_definition(aws, "web", "app:live", role=f"{ROLE}web")
    seed.ecs_service(aws, "web", "web")
    seed.daemon(aws, "agent", "app:live", role=f"{ROLE}agent")
    seed.express_service(aws, "shop", "app:live", infrastructure_role=f"{ROLE}infra")
    for fill, _, _, _ in SINGLE.values():
        fill(aws)
    seed.model(aws, "packed", seed.model_package(aws, "p", "app:live"))
    seed.endpoint(aws, "e", "m")
    seed.inference_component(aws, "c", "e", "app:live")
    seed.kubernetes_cluster(aws, "prod", role=f"{ROLE}k")
    seed.emr_application(aws, "spark", "app:live")
