"""Fill ECS in process; see seed.py for what is common.

An image is ``repo:tag``, ``repo@digest``, or a whole reference of any registry (one with a dot in
its first part).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.seed.call import Where, call, reference
from jotgraph.sandbox.server import Sandbox


def ecs_cluster(
    aws: Sandbox, name: str = "default", *, account: Where = None, region: Where = None
) -> str:
    made = call(aws, "ecs", "CreateCluster", account, region, clusterName=name)
    return str(made["cluster"]["clusterArn"])


def task_definition(
    aws: Sandbox,
    family: str,
    *images: str,
    role: str | None = None,
    execution_role: str | None = None,
    consistent: bool = True,
    account: Where = None,
    region: Where = None,
) -> str:
    """Register the next revision of a family, a container for each image; returns its ARN. With
    ``consistent`` False tags are not resolved when a service is deployed."""
    containers = [
        {
            "name": f"c{number}",
            "image": reference(aws, image, account, region),
            "versionConsistency": "enabled" if consistent else "disabled",
        }
        for number, image in enumerate(images)
    ]
    made = call(
        aws,
        "ecs",
        "RegisterTaskDefinition",
        account,
        region,
        family=family,
        containerDefinitions=containers,
        taskRoleArn=role,
        executionRoleArn=execution_role,
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def ecs_service(
    aws: Sandbox,
    name: str,
    definition: str,
    *,
    cluster: str = "default",
    count: int = 1,
    tags: Mapping[str, str] | None = None,
    account: Where = None,
    region: Where = None,
) -> str:
    """Deploy a service of a task definition (family, ``family:revision`` or ARN) into a cluster,
    which is made if it is not there; returns its ARN."""
    ecs_cluster(aws, cluster, account=account, region=region)
    listed = [{"key": key, "value": value} for key, value in (tags or {}).items()]
    made = call(
        aws,
        "ecs",
        "CreateService",
        account,
        region,
        cluster=cluster,
        serviceName=name,
        taskDefinition=definition,
        desiredCount=count,
        tags=listed,
    )
    return str(made["service"]["serviceArn"])


def redeploy(
    aws: Sandbox,
    name: str,
    definition: str | None = None,
    *,
    cluster: str = "default",
    account: Where = None,
    region: Where = None,
) -> None:
    """Deploy a service anew: tags are resolved again."""
    call(
        aws,
        "ecs",
        "UpdateService",
        account,
        region,
        cluster=cluster,
        service=name,
        taskDefinition=definition,
        forceNewDeployment=True,
    )


def ecs_task(
    aws: Sandbox,
    definition: str,
    *,
    cluster: str = "default",
    overrides: Mapping[str, Any] | None = None,
    account: Where = None,
    region: Where = None,
) -> str:
    """Run one task outside a service; returns its ARN."""
    ecs_cluster(aws, cluster, account=account, region=region)
    words = {"cluster": cluster, "taskDefinition": definition, "overrides": overrides}
    made = call(aws, "ecs", "RunTask", account, region, **words)
    return str(made["tasks"][0]["taskArn"])


def daemon(
    aws: Sandbox,
    name: str,
    image: str,
    *,
    cluster: str = "default",
    role: str | None = None,
    account: Where = None,
    region: Where = None,
) -> str:
    """Make an ECS daemon with a task definition of its own; returns its ARN."""
    where = ecs_cluster(aws, cluster, account=account, region=region)
    container = {"name": "c0", "image": reference(aws, image, account, region)}
    definition = call(
        aws,
        "ecs",
        "RegisterDaemonTaskDefinition",
        account,
        region,
        family=name,
        taskRoleArn=role,
        containerDefinitions=[container],
    )["daemonTaskDefinitionArn"]
    words = {"clusterArn": where, "daemonName": name, "daemonTaskDefinitionArn": definition}
    return str(call(aws, "ecs", "CreateDaemon", account, region, **words)["daemonArn"])


def express_service(
    aws: Sandbox,
    name: str,
    image: str,
    *,
    infrastructure_role: str,
    role: str | None = None,
    account: Where = None,
    region: Where = None,
) -> str:
    """Make an ECS Express service in the default cluster; returns its ARN."""
    ecs_cluster(aws, account=account, region=region)
    made = call(
        aws,
        "ecs",
        "CreateExpressGatewayService",
        account,
        region,
        serviceName=name,
        infrastructureRoleArn=infrastructure_role,
        taskRoleArn=role,
        primaryContainer={"image": reference(aws, image, account, region)},
    )
    return str(made["service"]["serviceArn"])
