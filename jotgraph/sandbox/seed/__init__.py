"""Fill the sandbox in process, thousands of resources a second, with times of your choice.

Every function takes the running Sandbox first, then names; ``account`` and ``region`` default to
the sandbox's own. Times are aware datetimes. Nothing is logged as a call, nothing is checked that
only AWS would check (a role need not exist).
"""

from jotgraph.sandbox.seed.accounts import member_role, opted_in, organization
from jotgraph.sandbox.seed.call import at
from jotgraph.sandbox.seed.ecr import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    image,
    image_config,
    index,
    manifest,
    repository,
    scan,
    uri,
)
from jotgraph.sandbox.seed.ecs import (
    daemon,
    ecs_cluster,
    ecs_service,
    ecs_task,
    express_service,
    redeploy,
    task_definition,
)
from jotgraph.sandbox.seed.functions import (
    TRUST,
    alias,
    capacity_provider,
    function,
    metric,
    role,
    trigger,
    version,
)
from jotgraph.sandbox.seed.workloads import (
    agent_runtime,
    build_project,
    container_group,
    emr_application,
    endpoint,
    inference_component,
    inspector,
    job_definition,
    kubernetes_cluster,
    model,
    model_package,
    pods,
    runner_service,
    studio_image,
)
from jotgraph.sources.cache import sha256_of

__all__ = [
    "CONFIG",
    "INDEX",
    "LAYER",
    "MANIFEST",
    "TRUST",
    "agent_runtime",
    "alias",
    "at",
    "build_project",
    "capacity_provider",
    "container_group",
    "daemon",
    "ecs_cluster",
    "ecs_service",
    "ecs_task",
    "emr_application",
    "endpoint",
    "express_service",
    "function",
    "image",
    "image_config",
    "index",
    "inference_component",
    "inspector",
    "job_definition",
    "kubernetes_cluster",
    "manifest",
    "member_role",
    "metric",
    "model",
    "model_package",
    "opted_in",
    "organization",
    "pods",
    "redeploy",
    "repository",
    "role",
    "runner_service",
    "scan",
    "sha256_of",
    "studio_image",
    "task_definition",
    "trigger",
    "uri",
    "version",
]
