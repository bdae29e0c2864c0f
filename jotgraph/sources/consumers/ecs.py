"""ECS: running tasks, services and their revisions, daemons, active task definitions."""

from __future__ import annotations

from types import MappingProxyType

from jotgraph.sources.consumers.model import Call, Consumer

_CLUSTERS = Call(action="ListClusters", found="clusterArns", into="cluster", page=100)
_IN_CLUSTER = MappingProxyType({"cluster": "cluster"})
_DEFINITION = (
    "{arn: taskDefinitionArn, family: family, revision: revision, taskRoleArn: taskRoleArn, "
    "executionRoleArn: executionRoleArn, registeredAt: registeredAt, "
    "images: containerDefinitions[].image}"
)

_RESOLVED = "images && length(images[?@[1]]) == length(images)"
"""Whether ECS has resolved every image of a revision, which it does with the first task that it
starts (ECS guide, "Container image resolution")."""


def _definitions(names: str) -> Call:
    return Call(
        action="DescribeTaskDefinition",
        found="taskDefinition",
        into="definitions",
        names=names,
        member="taskDefinition",
        several=True,
        facts=("images", "roles"),
        keep=_DEFINITION,
        immutable="[name]",
    )


_OF_SERVICE = "starts_with(not_null(task.group, ''), 'service:')"
"""Whether ECS started a task for a service, whose workload then includes it."""

ECS_TASKS = Consumer(
    service="ecs",
    type=f"{_OF_SERVICE} && 'service' || 'task'",
    calls=(
        _CLUSTERS,
        Call(
            action="ListTasks",
            found="taskArns",
            into="listed",
            args=_IN_CLUSTER,
            fixed={"desiredStatus": "RUNNING"},
            page=100,
        ),
        Call(
            action="DescribeTasks",
            found="tasks",
            into="task",
            args=_IN_CLUSTER,
            names="listed",
            member="tasks",
            batch=100,
            key="taskArn",
        ),
        _definitions("task.taskDefinitionArn"),
    ),
    name=f"join('/', [after(task.clusterArn, '/'), {_OF_SERVICE} && after(task.group, ':') "
    "|| after(task.taskDefinitionArn, '/')])",
    arn="''",
    images="task.containers[].[image, imageDigest]",
    roles="[task.overrides.taskRoleArn || definitions[0].taskRoleArn, "
    "task.overrides.executionRoleArn || definitions[0].executionRoleArn]",
    tasks="`1`",
)

ECS_SERVICES = Consumer(
    service="ecs",
    type="'service'",
    calls=(
        _CLUSTERS,
        Call(action="ListServices", found="serviceArns", into="listed", args=_IN_CLUSTER, page=100),
        Call(
            action="DescribeServices",
            found="services",
            into="service",
            args=_IN_CLUSTER,
            fixed={"include": ["TAGS"]},
            names="listed",
            member="services",
            batch=10,
            key="serviceArn",
        ),
        Call(
            action="DescribeServiceRevisions",
            found="serviceRevisions",
            into="revisions",
            names="service.currentServiceRevisions[].arn",
            member="serviceRevisionArns",
            batch=20,
            key="serviceRevisionArn",
            several=True,
            facts=("resolved-digest",),
            keep="{serviceRevisionArn: serviceRevisionArn, taskDefinition: taskDefinition, "
            "images: containerImages[].[image, imageDigest], roles: ["
            "loadBalancers[].advancedConfiguration.roleArn, vpcLatticeConfigurations[].roleArn, "
            "volumeConfigurations[].managedEBSVolume.roleArn][]}",
            immutable="[name]",
            settled=_RESOLVED,
        ),
        _definitions(
            "[service.taskDefinition, service.deployments[].taskDefinition, "
            "service.taskSets[].taskDefinition, revisions[].taskDefinition][]"
        ),
        Call(
            action="DescribeExpressGatewayService",
            found="service",
            into="express",
            names="service.resourceManagementType == 'ECS' && [service.serviceArn] || `[]`",
            member="serviceArn",
            several=True,
            facts=("roles",),
        ),
    ),
    name="join('/', [after(service.clusterArn, '/'), service.serviceName])",
    arn="service.serviceArn",
    images="[revisions[].images[], definitions[].images[]][]",
    roles="[service.roleArn, revisions[].roles[], definitions[].taskRoleArn, "
    "definitions[].executionRoleArn, express[].infrastructureRoleArn][]",
    tags="service.tags",
    changed_at="service.deployments[0].createdAt || service.createdAt",
)

ECS_DAEMONS = Consumer(
    service="ecs",
    type="'daemon'",
    calls=(
        _CLUSTERS,
        Call(
            action="ListDaemons",
            found="daemonSummariesList",
            into="listed",
            args={"clusterArn": "cluster"},
            page=100,
        ),
        Call(
            action="DescribeDaemon",
            found="daemon",
            into="daemon",
            names="listed.daemonArn",
            member="daemonArn",
        ),
        Call(
            action="DescribeDaemonRevisions",
            found="daemonRevisions",
            into="revisions",
            names="daemon.currentRevisions[].arn",
            member="daemonRevisionArns",
            batch=20,
            key="daemonRevisionArn",
            several=True,
            facts=("images",),
            keep="{daemonRevisionArn: daemonRevisionArn, definition: daemonTaskDefinitionArn, "
            "images: containerImages[].[image, imageDigest]}",
            immutable="[name]",
            settled=_RESOLVED,
        ),
        Call(
            action="DescribeDaemonTaskDefinition",
            found="daemonTaskDefinition",
            into="definitions",
            names="revisions[].definition",
            member="daemonTaskDefinition",
            several=True,
            facts=("roles",),
            keep="{taskRoleArn: taskRoleArn, executionRoleArn: executionRoleArn}",
            immutable="[name]",
        ),
    ),
    name="join('/', [after(daemon.clusterArn, '/'), after(daemon.daemonArn, '/')])",
    arn="daemon.daemonArn",
    images="revisions[].images[]",
    roles="[definitions[].taskRoleArn, definitions[].executionRoleArn][]",
    tasks="sum(daemon.currentRevisions[].totalRunningCount || `[0]`)",
    changed_at="daemon.updatedAt",
)

ECS_DEFINITIONS = Consumer(
    service="ecs",
    type="'task-definition'",
    calls=(
        Call(
            action="ListTaskDefinitions",
            found="taskDefinitionArns",
            into="listed",
            fixed={"status": "ACTIVE"},
            page=100,
        ),
        _definitions("listed"),
    ),
    name="after(listed, '/')",
    arn="listed",
    images="definitions[].images[]",
    roles="[definitions[].taskRoleArn, definitions[].executionRoleArn][]",
    family="before(after(listed, '/'), ':')",
    revision="to_number(after(listed, ':'))",
    changed_at="definitions[0].registeredAt",
)
