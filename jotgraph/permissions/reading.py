"""Permissions for reading: a scan, its options, and content."""

from __future__ import annotations

from jotgraph.permissions.model import ANY, FUNCTIONS, REPOSITORIES, TRIGGERS, Need

WORKLOADS = (
    Need("apprunner:ListServices", ANY, "list App Runner services"),
    Need("apprunner:DescribeService", ANY, "read the image of a service"),
    Need("batch:DescribeJobDefinitions", ANY, "read the images of Batch jobs"),
    Need("bedrock-agentcore:ListAgentRuntimes", ANY, "list agent runtimes"),
    Need("bedrock-agentcore:ListAgentRuntimeVersions", ANY, "list the versions of a runtime"),
    Need("bedrock-agentcore:ListAgentRuntimeEndpoints", ANY, "list the endpoints of a runtime"),
    Need("bedrock-agentcore:GetAgentRuntime", ANY, "read the image of a version"),
    Need("codebuild:ListProjects", ANY, "list CodeBuild projects"),
    Need("codebuild:BatchGetProjects", ANY, "read the images that builds run in"),
    Need("ecs:ListClusters", ANY, "list ECS clusters"),
    Need("ecs:ListTasks", ANY, "list running tasks"),
    Need("ecs:DescribeTasks", ANY, "read the digests that tasks run"),
    Need("ecs:ListServices", ANY, "list ECS services"),
    Need("ecs:DescribeServices", ANY, "read what ECS services deploy"),
    Need("ecs:DescribeServiceRevisions", ANY, "read the digests that deployments resolved"),
    Need("ecs:DescribeExpressGatewayService", ANY, "read the roles of Express services"),
    Need("ecs:ListDaemons", ANY, "list ECS daemons"),
    Need("ecs:DescribeDaemon", ANY, "read what ECS daemons deploy"),
    Need("ecs:DescribeDaemonRevisions", ANY, "read the digests that they resolved"),
    Need("ecs:DescribeDaemonTaskDefinition", ANY, "read the roles of daemons"),
    Need("ecs:ListTaskDefinitions", ANY, "list active task definitions"),
    Need("ecs:DescribeTaskDefinition", ANY, "read the images and roles of tasks"),
    Need("eks:ListClusters", ANY, "list EKS clusters"),
    Need("eks:DescribeCluster", ANY, "read the roles of EKS clusters"),
    Need("emr-serverless:ListApplications", ANY, "list EMR Serverless applications"),
    Need("emr-serverless:GetApplication", ANY, "read the images of an application"),
    Need("gamelift:ListContainerGroupDefinitions", ANY, "list GameLift container groups"),
    Need("gamelift:ListContainerGroupDefinitionVersions", ANY, "read the images of each version"),
    Need("sagemaker:ListModels", ANY, "list SageMaker models"),
    Need("sagemaker:DescribeModel", ANY, "read the images of a model"),
    Need("sagemaker:DescribeModelPackage", ANY, "read the images of a model's package"),
    Need("sagemaker:ListEndpoints", ANY, "list SageMaker endpoints"),
    Need("sagemaker:DescribeEndpoint", ANY, "read the digests that an endpoint runs"),
    Need("sagemaker:ListInferenceComponents", ANY, "list the components that endpoints host"),
    Need("sagemaker:DescribeInferenceComponent", ANY, "read the digest that a component runs"),
    Need("sagemaker:ListImages", ANY, "list images of SageMaker Studio"),
    Need("sagemaker:ListImageVersions", ANY, "list the versions of an image"),
    Need("sagemaker:DescribeImageVersion", ANY, "read the ECR image of a version"),
)
"""What runs images beside Lambda. The resource is always ``*``: a scan reads all of them, so a
pattern for each would allow no less."""
LISTINGS = (
    *WORKLOADS,
    Need("ecr:DescribeRepositories", ANY, "list repositories"),
    Need("ecr:DescribeImages", REPOSITORIES, "list every image, its tags and times"),
    Need("ecr:BatchGetImage", REPOSITORIES, "read what an index lists, and match local images"),
    Need("lambda:ListFunctions", ANY, "list functions and published versions"),
    Need("lambda:ListAliases", FUNCTIONS, "read where the aliases of versions route"),
    Need("lambda:ListVersionsByFunction", FUNCTIONS, "know what was published during the scan"),
    Need("lambda:ListEventSourceMappings", ANY, "list triggers"),
    Need("lambda:ListCapacityProviders", ANY, "read the roles of capacity providers"),
    Need("iam:GetAccountAuthorizationDetails", ANY, "read roles, their trust and last use"),
)
SHOWS_TAGS = Need("lambda:ListTags", FUNCTIONS, "without it GetFunction shows no tags")
"""Only called by a scan without tag:GetResources: "Lambda returns tag data only if you have
explicit allow permissions for lambda:ListTags" (API_GetFunction). Tags protect, and name the stack
that manages a resource."""
DETAILS = (
    SHOWS_TAGS,
    Need("ec2:DescribeRegions", ANY, "know which regions may hold users of a role"),
    Need("ecr:DescribeRegistry", ANY, "know where images are replicated"),
    Need("ecr:DescribePullThroughCacheRules", ANY, "know which repositories are caches"),
    Need("ecr:GetRegistryPolicy", ANY, "know which other accounts may use the registry"),
    Need("ecr:ListPullTimeUpdateExclusions", ANY, "know whose pulls are not recorded"),
    Need("ecr:GetRepositoryPolicy", REPOSITORIES, "know which other accounts may pull"),
    Need("ecr:GetLifecyclePolicy", REPOSITORIES, "know what ECR itself will expire"),
    Need("ecr:ListTagsForResource", REPOSITORIES, "know which repositories a stack manages"),
    Need("tag:GetResources", ANY, "the same for 100 repositories or functions a call", spares=True),
    Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "read labels of images that run"),
    Need("lambda:GetFunction", FUNCTIONS, "read the deployed tag, the state and the tags"),
    Need("lambda:ListTags", TRIGGERS, "see whether a quarantine marks a disabled trigger"),
)
USAGE = (
    Need("lambda:GetPolicy", FUNCTIONS, "know who may call a function or alias"),
    Need("lambda:ListFunctionUrlConfigs", FUNCTIONS, "know which functions have a URL"),
    Need(
        "lambda:ListProvisionedConcurrencyConfigs", FUNCTIONS, "list versions that are kept ready"
    ),
    Need("cloudwatch:GetMetricData", ANY, "count invocations"),
)
INSPECTOR = (
    Need("inspector2:BatchGetAccountStatus", ANY, "know whether Inspector scans ECR"),
    Need("inspector2:ListCoverage", ANY, "know which images ECS and EKS use, by Inspector"),
)
LOGS = (
    Need("logs:DescribeLogGroups", ANY, "list the log groups of functions"),
    Need("tag:GetResources", ANY, "know which log groups a stack manages"),
)
SCANNED = (Need("ecr:DescribeImageScanFindings", REPOSITORIES, "read the last scan of what runs"),)
TARGETS = (
    Need("lambda:GetPolicy", FUNCTIONS, "know who may call a function before it is deleted"),
    Need("lambda:ListFunctionUrlConfigs", FUNCTIONS, "know whether the function has a URL"),
    Need("lambda:ListProvisionedConcurrencyConfigs", FUNCTIONS, "know whether it is kept ready"),
)
CONTENT = (
    Need("ecr:BatchGetImage", REPOSITORIES, "read which layers an image has"),
    Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "read the files in layers"),
    Need("lambda:GetFunction", FUNCTIONS, "read the files in zip packages"),
)
ONE_IMAGE = (
    Need("ecr:BatchGetImage", REPOSITORIES, "find an image by its address; read its layers"),
    Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "read the files in layers"),
)
INVOKE = (
    Need("lambda:GetFunction", FUNCTIONS, "read which image a version runs"),
    Need("lambda:InvokeFunction", FUNCTIONS, "invoke a function"),
)

TRAIL = (Need("cloudtrail:LookupEvents", ANY, "read who deployed what in the last 90 days"),)
