"""Services with one kind of workload."""

from __future__ import annotations

from types import MappingProxyType

from jotgraph.sources.consumers.model import Call, Consumer

_NODES = "job.nodeProperties.nodeRangeProperties[]"
BATCH = Consumer(
    service="batch",
    type="'job-definition'",
    calls=(
        Call(
            action="DescribeJobDefinitions",
            found="jobDefinitions",
            into="job",
            fixed={"status": "ACTIVE"},
            page=100,
        ),
    ),
    name="join(':', [job.jobDefinitionName, to_string(job.revision)])",
    arn="job.jobDefinitionArn",
    images="[job.containerProperties.image, job.ecsProperties.taskProperties[].containers[].image, "
    "job.eksProperties.podProperties.[containers, initContainers][][].image, "
    f"{_NODES}.container.image, {_NODES}.ecsProperties.taskProperties[].containers[].image, "
    f"{_NODES}.eksProperties.podProperties.[containers, initContainers][][].image][]",
    roles="[job.containerProperties.[jobRoleArn, executionRoleArn], "
    "job.ecsProperties.taskProperties[].[taskRoleArn, executionRoleArn][], "
    f"{_NODES}.container.[jobRoleArn, executionRoleArn][], "
    f"{_NODES}.ecsProperties.taskProperties[].[taskRoleArn, executionRoleArn][]][]",
    tags="job.tags",
    family="job.jobDefinitionName",
    revision="job.revision",
)

APP_RUNNER = Consumer(
    service="apprunner",
    type="'service'",
    calls=(
        Call(
            action="ListServices",
            found="ServiceSummaryList",
            into="listed",
            page=20,
            limit="MaxResults",
            token="NextToken",
        ),
        Call(
            action="DescribeService",
            found="Service",
            into="service",
            names="listed.ServiceArn",
            member="ServiceArn",
        ),
    ),
    name="service.ServiceName",
    arn="service.ServiceArn",
    images="[service.SourceConfiguration.ImageRepository.ImageIdentifier]",
    roles="[service.InstanceConfiguration.InstanceRoleArn, "
    "service.SourceConfiguration.AuthenticationConfiguration.AccessRoleArn]",
    changed_at="service.UpdatedAt",
)

CODE_BUILD = Consumer(
    service="codebuild",
    type="'project'",
    calls=(
        Call(action="ListProjects", found="projects", into="listed"),
        Call(
            action="BatchGetProjects",
            found="projects",
            into="project",
            names="listed",
            member="names",
            batch=100,
            key="name",
            missing="projectsNotFound",
        ),
    ),
    name="project.name",
    arn="project.arn",
    images="[project.environment.image]",
    roles="[project.serviceRole, project.resourceAccessRole, project.buildBatchConfig.serviceRole]",
    tags="project.tags",
    state="'newest'",
    changed_at="project.lastModified",
)

_RUNTIMES = Call(action="ListAgentRuntimes", found="agentRuntimes", into="runtime", page=100)
_OF_RUNTIME = MappingProxyType({"agentRuntimeId": "runtime.agentRuntimeId"})
_OF_VERSION = "{image: agentRuntimeArtifact.containerConfiguration.containerUri, role: roleArn}"
AGENT_CORE = Consumer(
    service="bedrock-agentcore",
    client="bedrock-agentcore-control",
    type="'runtime'",
    calls=(
        _RUNTIMES,
        Call(
            action="ListAgentRuntimeVersions",
            found="agentRuntimes",
            into="version",
            args=_OF_RUNTIME,
            page=100,
        ),
        Call(
            action="GetAgentRuntime",
            into="described",
            args=_OF_RUNTIME,
            names="version.agentRuntimeVersion",
            member="agentRuntimeVersion",
            keep=_OF_VERSION,
            immutable="document.version.[agentRuntimeArn, agentRuntimeVersion]",
        ),
    ),
    name="join(':', [runtime.agentRuntimeName, version.agentRuntimeVersion])",
    arn="version.agentRuntimeArn",
    images="[described.image]",
    roles="[described.role]",
    family="runtime.agentRuntimeId",
    revision="to_number(version.agentRuntimeVersion)",
    changed_at="version.lastUpdatedAt",
)

AGENT_ENDPOINTS = Consumer(
    service="bedrock-agentcore",
    client="bedrock-agentcore-control",
    type="'endpoint'",
    calls=(
        _RUNTIMES,
        Call(
            action="ListAgentRuntimeEndpoints",
            found="runtimeEndpoints",
            into="endpoint",
            args=_OF_RUNTIME,
            page=100,
        ),
        Call(
            action="GetAgentRuntime",
            into="versions",
            args=_OF_RUNTIME,
            names="endpoint.[liveVersion, targetVersion]",
            member="agentRuntimeVersion",
            several=True,
            facts=("images",),
            keep=_OF_VERSION,
            immutable="[document.runtime.agentRuntimeArn, name]",
        ),
    ),
    name="join('/', [runtime.agentRuntimeName, endpoint.name])",
    arn="endpoint.agentRuntimeEndpointArn",
    images="versions[].image",
    roles="versions[].role",
    changed_at="endpoint.lastUpdatedAt",
)
"""The versions that callers reach: the one that an endpoint of a runtime is at, and its target;
either may be an older one."""

EMR_SERVERLESS = Consumer(
    service="emr-serverless",
    type="'application'",
    calls=(
        Call(action="ListApplications", found="applications", into="listed", page=50),
        Call(
            action="GetApplication",
            found="application",
            into="application",
            names="listed.id",
            member="applicationId",
        ),
    ),
    name="application.applicationId",
    arn="application.arn",
    images="[application.imageConfiguration, "
    "values(application.workerTypeSpecifications || `{}`)[].imageConfiguration][]"
    ".[imageUri, resolvedImageDigest]",
    tags="application.tags",
    state="contains(['STARTED', 'STARTING'], application.state) && 'running' || 'newest'",
    changed_at="application.updatedAt",
)

GAME_LIFT = Consumer(
    service="gamelift",
    type="'container-group'",
    calls=(
        Call(
            action="ListContainerGroupDefinitions",
            found="ContainerGroupDefinitions",
            into="newest",
            page=100,
            limit="Limit",
            token="NextToken",
        ),
        Call(
            action="ListContainerGroupDefinitionVersions",
            found="ContainerGroupDefinitions",
            into="version",
            args={"Name": "newest.Name"},
            page=100,
            limit="Limit",
            token="NextToken",
        ),
    ),
    name="join(':', [version.Name, to_string(version.VersionNumber)])",
    arn="version.ContainerGroupDefinitionArn",
    images="[version.GameServerContainerDefinition, version.SupportContainerDefinitions[]][]"
    ".[ImageUri, ResolvedImageDigest]",
    family="version.Name",
    revision="version.VersionNumber",
    changed_at="version.CreationTime",
)

EKS = Consumer(
    service="eks",
    type="'cluster'",
    calls=(
        Call(action="ListClusters", found="clusters", into="listed", page=100),
        Call(
            action="DescribeCluster",
            found="cluster",
            into="clusters",
            names="listed",
            member="name",
            several=True,
            facts=("roles",),
        ),
    ),
    name="listed",
    arn="clusters[0].arn",
    roles="clusters[].[roleArn, connectorConfig.roleArn][]",
    tags="clusters[0].tags",
    changed_at="clusters[0].createdAt",
)
"""No call of AWS says what runs in a cluster, so its images are not read here."""
