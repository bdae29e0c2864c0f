"""The minimal IAM permissions of each command, and what each is for.

One table for every call that jotgraph makes of AWS. ``Resource`` is ``*`` where the service
authorization reference lists no resource type for the action, or where a listing names none
(docs.aws.amazon.com/service-authorization). GetCallerIdentity is not here: it needs no permission
(STS API). A test runs commands under exactly these documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from jotgraph.errors import OptionError

ANY = "*"
REPOSITORIES = "arn:aws:ecr:*:*:repository/*"
FUNCTIONS = "arn:aws:lambda:*:*:function:*"
TRIGGERS = "arn:aws:lambda:*:*:event-source-mapping:*"
ROLES = "arn:aws:iam::*:role/*"
PROFILES = "arn:aws:iam::*:instance-profile/*"


class Need(msgspec.Struct, frozen=True, order=True):
    """One action that a command must be allowed."""

    action: str
    resource: str
    because: str
    """What it is called for."""
    spares: bool = False
    """Without it the same is read by more calls of another action here."""


WORKLOADS = (
    Need("apprunner:ListServices", ANY, "list App Runner services"),
    Need("apprunner:DescribeService", ANY, "read the image that one runs"),
    Need("batch:DescribeJobDefinitions", ANY, "read the images of Batch jobs"),
    Need("bedrock-agentcore:ListAgentRuntimes", ANY, "list agent runtimes"),
    Need("bedrock-agentcore:ListAgentRuntimeVersions", ANY, "list their versions"),
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
    Need("emr-serverless:GetApplication", ANY, "read the images that one runs"),
    Need("gamelift:ListContainerGroupDefinitions", ANY, "list GameLift container groups"),
    Need("gamelift:ListContainerGroupDefinitionVersions", ANY, "read the images of each version"),
    Need("sagemaker:ListModels", ANY, "list SageMaker models"),
    Need("sagemaker:DescribeModel", ANY, "read the images of a model"),
    Need("sagemaker:ListEndpoints", ANY, "list SageMaker endpoints"),
    Need("sagemaker:DescribeEndpoint", ANY, "read the digests that an endpoint runs"),
    Need("sagemaker:ListInferenceComponents", ANY, "list what endpoints host"),
    Need("sagemaker:DescribeInferenceComponent", ANY, "read the digest that one runs"),
    Need("sagemaker:ListImages", ANY, "list images of SageMaker Studio"),
    Need("sagemaker:ListImageVersions", ANY, "list their versions"),
    Need("sagemaker:DescribeImageVersion", ANY, "read the ECR image of a version"),
)
"""What runs images beside Lambda. ``*`` everywhere: a scan reads all of them, so that a pattern
that names each one allows no less."""
LISTINGS = (
    *WORKLOADS,
    Need("ecr:DescribeRepositories", ANY, "list repositories"),
    Need("ecr:DescribeImages", REPOSITORIES, "list every image, its tags and times"),
    Need("ecr:BatchGetImage", REPOSITORIES, "read what an index holds, and which image is local"),
    Need("lambda:ListFunctions", ANY, "list functions and published versions"),
    Need("lambda:ListAliases", FUNCTIONS, "read where the aliases of versions route"),
    Need("lambda:ListEventSourceMappings", ANY, "list triggers"),
    Need("iam:GetAccountAuthorizationDetails", ANY, "read roles, their trust and last use"),
)
SHOWS_TAGS = Need("lambda:ListTags", FUNCTIONS, "without it GetFunction shows no tags")
"""Called only by a scan without tag:GetResources: "Lambda returns tag data only if you have
explicit allow permissions for lambda:ListTags" (API_GetFunction). Tags protect, and tell what a
stack manages."""
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
    Need("tag:GetResources", ANY, "the same for 100 of them, or functions, a call", spares=True),
    Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "read labels of images that run"),
    Need("lambda:GetFunction", FUNCTIONS, "read the deployed tag, the state and the tags"),
)
USAGE = (
    Need("lambda:GetPolicy", FUNCTIONS, "know who may call a function or alias"),
    Need("lambda:ListFunctionUrlConfigs", FUNCTIONS, "know which functions have a URL"),
    Need("cloudwatch:GetMetricData", ANY, "count invocations"),
)
SCANNED = (Need("ecr:DescribeImageScanFindings", REPOSITORIES, "read the last scan of what runs"),)
TARGETS = (
    Need("lambda:GetPolicy", FUNCTIONS, "know who may call a function that would go"),
    Need("lambda:ListFunctionUrlConfigs", FUNCTIONS, "know whether it has a URL"),
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
TAGS_NOW = Need("lambda:ListTags", FUNCTIONS, "see that nobody protects it by now")
AGAIN = (
    *WORKLOADS,
    TAGS_NOW,
    Need("lambda:ListFunctions", ANY, "see that nothing is in the regions that are not read"),
    Need("cloudwatch:GetMetricData", ANY, "see that nobody called it by now"),
    Need("ecr:GetRepositoryPolicy", REPOSITORIES, "see that nobody else may pull by now"),
    Need("ecr:GetLifecyclePolicy", REPOSITORIES, "see that ECR expires what it expired"),
    Need("ecr:ListTagsForResource", REPOSITORIES, "see that nobody protects it by now"),
    Need("ecr:DescribeRegistry", ANY, "see that it is copied nowhere else by now"),
    Need("ecr:DescribePullThroughCacheRules", ANY, "see that it is no cache by now"),
    Need("ecr:GetRegistryPolicy", ANY, "see that no other account may use the registry by now"),
    Need("ecr:ListPullTimeUpdateExclusions", ANY, "see whose pulls are not recorded by now"),
)
"""What is read just before anything goes, so that what can block it in a plan blocks it still."""
LOOK = (
    SHOWS_TAGS,
    *AGAIN,
    Need("ecr:DescribeRepositories", ANY, "look at a repository before and after"),
    Need("ecr:DescribeImages", REPOSITORIES, "look at images before and after"),
    Need("lambda:ListFunctions", ANY, "see that no function runs or assumes it by now"),
    Need("lambda:ListVersionsByFunction", FUNCTIONS, "see that no version was published"),
    Need("lambda:ListAliases", FUNCTIONS, "see that no alias was moved here"),
    Need("lambda:GetAlias", FUNCTIONS, "look at an alias before and after"),
    Need("lambda:GetFunction", FUNCTIONS, "look at a function or version before and after"),
    Need("lambda:ListEventSourceMappings", ANY, "see that no trigger calls it by now"),
    Need("lambda:GetEventSourceMapping", TRIGGERS, "look at a trigger before and after"),
    Need("lambda:ListFunctionUrlConfigs", FUNCTIONS, "see that it has no URL by now"),
    Need("lambda:GetPolicy", FUNCTIONS, "see that nobody else may call it by now"),
    Need("lambda:ListProvisionedConcurrencyConfigs", FUNCTIONS, "see that it is not kept ready"),
    Need("iam:GetRole", ROLES, "look at a role before and after"),
    Need("iam:ListAttachedRolePolicies", ROLES, "see which policies a role has"),
    Need("iam:ListRolePolicies", ROLES, "see which policies are written into a role"),
    Need("iam:GetRolePolicy", ROLES, "keep a policy before it is taken off"),
    Need("iam:ListInstanceProfilesForRole", ROLES, "see which instances may assume it"),
)
BACKUP = (
    Need("ecr:BatchGetImage", REPOSITORIES, "keep the manifest of an image that goes"),
    Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "keep the layers of an image that goes"),
    Need("ecr:GetRepositoryPolicy", REPOSITORIES, "keep the settings of a repository that goes"),
    Need("ecr:GetLifecyclePolicy", REPOSITORIES, "keep the settings of a repository that goes"),
    Need("ecr:ListTagsForResource", REPOSITORIES, "keep the tags of a repository that goes"),
    Need("lambda:GetPolicy", FUNCTIONS, "keep who may call a function that goes"),
    Need("lambda:GetFunctionUrlConfig", FUNCTIONS, "keep the URL of a function that goes"),
    Need("lambda:GetFunctionEventInvokeConfig", FUNCTIONS, "keep its retries and destinations"),
)
DELETE = (
    Need("ecr:BatchDeleteImage", REPOSITORIES, "delete images, by digest"),
    Need("ecr:DeleteRepository", REPOSITORIES, "delete empty repositories, never by force"),
    Need("lambda:UpdateEventSourceMapping", TRIGGERS, "disable a trigger before it is deleted"),
    Need("lambda:DeleteEventSourceMapping", TRIGGERS, "delete triggers"),
    Need("lambda:DeleteAlias", FUNCTIONS, "delete aliases"),
    Need("lambda:DeleteFunction", FUNCTIONS, "delete versions, by number, and functions"),
    Need("iam:DeleteRole", ROLES, "delete roles; tried before anything is taken off"),
    Need("iam:DetachRolePolicy", ROLES, "take managed policies off a role that goes"),
    Need("iam:DeleteRolePolicy", ROLES, "take inline policies off a role that goes"),
    Need("iam:RemoveRoleFromInstanceProfile", PROFILES, "take a role that goes out of a profile"),
    Need("iam:AttachRolePolicy", ROLES, "put back what was taken off a role that stays"),
    Need("iam:PutRolePolicy", ROLES, "put back what was taken off a role that stays"),
    Need("iam:AddRoleToInstanceProfile", PROFILES, "put a role that stays back into a profile"),
    Need("iam:PassRole", ROLES, "the same: a profile passes its role on"),
)
SEE = (
    SHOWS_TAGS,
    Need("lambda:GetFunction", FUNCTIONS, "see how a function is, and was"),
    Need("lambda:GetEventSourceMapping", TRIGGERS, "see how a trigger is, and was"),
    Need("ecr:DescribeImages", REPOSITORIES, "see which images are archived"),
    Need("iam:GetRole", ROLES, "see a role's trust policy, to the letter"),
    Need("iam:ListAttachedRolePolicies", ROLES, "see which policies a role has"),
    Need("iam:ListRolePolicies", ROLES, "see which policies are written into a role"),
    Need("iam:GetRolePolicy", ROLES, "see that they are the same still"),
    Need("iam:ListInstanceProfilesForRole", ROLES, "see which instances may assume it"),
)
AROUND = (
    Need("lambda:ListAliases", FUNCTIONS, "see that no alias was moved"),
    Need("lambda:ListFunctionUrlConfigs", FUNCTIONS, "see that it got no URL"),
    Need("lambda:GetPolicy", FUNCTIONS, "see that nobody else may call it by now"),
)
ASIDE = (
    *AGAIN,
    Need("lambda:ListFunctions", ANY, "see that nothing awake runs or assumes it by now"),
    Need("lambda:ListVersionsByFunction", FUNCTIONS, "see that no version was published"),
    Need("lambda:ListAliases", FUNCTIONS, "see that no alias was made"),
    Need("lambda:ListEventSourceMappings", ANY, "see that no trigger calls it by now"),
    Need("lambda:ListFunctionUrlConfigs", FUNCTIONS, "see that it has no URL by now"),
    Need("lambda:GetPolicy", FUNCTIONS, "see that nobody else may call it by now"),
    Need("lambda:ListProvisionedConcurrencyConfigs", FUNCTIONS, "see that it is not kept ready"),
    Need("cloudwatch:GetMetricData", ANY, "see that nobody calls it, before and after"),
    Need("lambda:TagResource", FUNCTIONS, "mark a function that is set aside with the run"),
    Need("iam:TagRole", ROLES, "mark a role that is set aside with the run"),
)
BACK = (
    Need("lambda:UpdateEventSourceMapping", TRIGGERS, "disable triggers, and enable them again"),
    Need("lambda:PutFunctionConcurrency", FUNCTIONS, "reserve no concurrency, and what there was"),
    Need("lambda:DeleteFunctionConcurrency", FUNCTIONS, "the same, where none was reserved"),
    Need("lambda:UntagResource", FUNCTIONS, "take the mark off what is put back"),
    Need("ecr:UpdateImageStorageClass", REPOSITORIES, "archive images, and restore them"),
    Need("iam:UpdateAssumeRolePolicy", ROLES, "deny a role to all, and put its trust back"),
    Need("iam:UntagRole", ROLES, "take the mark off what is put back"),
)
KEEP = (
    Need("ecr:BatchGetImage", REPOSITORIES, "keep an image that cannot be read any more"),
    Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "keep its layers"),
    Need("lambda:GetPolicy", FUNCTIONS, "keep who may call a function"),
    Need("lambda:GetFunctionUrlConfig", FUNCTIONS, "keep the URL of a function"),
    Need("lambda:GetFunctionEventInvokeConfig", FUNCTIONS, "keep its retries and destinations"),
)
RESTORE = (
    Need("ecr:DescribeRepositories", ANY, "see what is there already"),
    Need("ecr:DescribeImages", REPOSITORIES, "see what is there already"),
    Need("ecr:CreateRepository", REPOSITORIES, "make a repository again"),
    Need("ecr:TagResource", REPOSITORIES, "the same, with its tags"),
    Need("ecr:SetRepositoryPolicy", REPOSITORIES, "the same, with its policy"),
    Need("ecr:PutLifecyclePolicy", REPOSITORIES, "the same, with its lifecycle policy"),
    Need("ecr:BatchCheckLayerAvailability", REPOSITORIES, "see which layers are there still"),
    Need("ecr:InitiateLayerUpload", REPOSITORIES, "upload a layer"),
    Need("ecr:UploadLayerPart", REPOSITORIES, "upload a layer"),
    Need("ecr:CompleteLayerUpload", REPOSITORIES, "upload a layer"),
    Need("ecr:PutImage", REPOSITORIES, "push an image again, by digest and tag"),
    Need("lambda:GetFunction", FUNCTIONS, "see what is there already"),
    Need("lambda:CreateFunction", FUNCTIONS, "make a function again"),
    Need("lambda:TagResource", FUNCTIONS, "the same, with its tags"),
    Need("lambda:PutFunctionConcurrency", FUNCTIONS, "the same, with its reserved concurrency"),
    Need("lambda:PublishVersion", FUNCTIONS, "publish again what an alias named"),
    Need("lambda:UpdateFunctionCode", FUNCTIONS, "the same, for versions of other code"),
    Need("lambda:UpdateFunctionConfiguration", FUNCTIONS, "the same, of other settings"),
    Need("lambda:AddPermission", FUNCTIONS, "put back who may call a function or alias"),
    Need("lambda:CreateFunctionUrlConfig", FUNCTIONS, "make a URL again, with another host"),
    Need("lambda:GetFunctionUrlConfig", FUNCTIONS, "say which host it has now"),
    Need("lambda:PutFunctionEventInvokeConfig", FUNCTIONS, "put back retries, destinations"),
    Need("lambda:GetAlias", FUNCTIONS, "see what is there already"),
    Need("lambda:CreateAlias", FUNCTIONS, "make an alias again"),
    Need("lambda:GetEventSourceMapping", TRIGGERS, "see what is there already"),
    Need("lambda:CreateEventSourceMapping", ANY, "make a trigger again"),
    Need("lambda:UpdateEventSourceMapping", TRIGGERS, "enable one that a killed run disabled"),
    Need("iam:GetRole", ROLES, "see what is there already"),
    Need("iam:ListAttachedRolePolicies", ROLES, "see what is there already"),
    Need("iam:ListRolePolicies", ROLES, "see what is there already"),
    Need("iam:GetRolePolicy", ROLES, "see what is there already"),
    Need("iam:ListInstanceProfilesForRole", ROLES, "see what is there already"),
    Need("iam:CreateRole", ROLES, "make a role again"),
    Need("iam:TagRole", ROLES, "the same, with its tags"),
    Need("iam:PutRolePermissionsBoundary", ROLES, "the same, with its boundary"),
    Need("iam:AttachRolePolicy", ROLES, "the same, with its managed policies"),
    Need("iam:PutRolePolicy", ROLES, "the same, with its inline policies"),
    Need("iam:AddRoleToInstanceProfile", PROFILES, "put a role back into a profile"),
    Need("iam:PassRole", ROLES, "give a function or profile its role"),
)

NO_CALL = frozenset({"completion", "demo", "diff", "policy", "rules"})
"""Commands that never call AWS."""
SCANS = frozenset(
    {"check", "impact", "lifecycle", "ls", "orphans", "plan", "render", "rescue", "scan", "show",
     "stale", "sweep", "trace", "where", "why"}
)  # fmt: skip
"""Commands that read the world, unless ``--from`` names a stored inventory."""
DELETES = frozenset({"apply", "cleanup", "delete"})
COMMANDS = tuple(sorted(NO_CALL | SCANS | DELETES | {"content", "release", "undo"}))
"""Every command by name."""


def needs(
    command: str,
    *,
    stored: bool = False,
    quick: bool = False,
    usage: bool = False,
    content: bool = False,
    vulnerabilities: bool = False,
    backup: bool = True,
    quarantine: bool = False,
) -> tuple[Need, ...]:
    """What a command must be allowed, by action; none for one that calls nothing.

    ``stored``: run with ``--from``; ``quick``, ``usage``, ``content``,
    ``vulnerabilities``: the options of a scan;
    ``backup``: what is deleted is kept first; ``quarantine``: it is set aside instead. What a
    sweep needs is without ``--apply``; with it, that and what ``apply`` needs. Raises OptionError
    for a command that there is not.
    """
    if command not in COMMANDS:
        near = get_close_matches(command, COMMANDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(COMMANDS)}"
        raise OptionError(f"no command is called {command!r}{hint}")
    if command in NO_CALL:
        return ()
    if command == "content":
        return ONE_IMAGE
    if command == "undo":
        return tuple(sorted(RESTORE))
    if command == "release":
        versions = Need("lambda:ListVersionsByFunction", FUNCTIONS, "see what its versions run")
        return _each_once((*SEE, versions, *BACK))
    reading: tuple[Need, ...] = ()
    if command != "apply" and not stored:
        reading = (
            *LISTINGS,
            *(() if quick else DETAILS),
            *(USAGE if usage else ()),
            *(CONTENT if content else ()),
            *(SCANNED if vulnerabilities else ()),
            *(TARGETS if command in {"plan", "delete", "cleanup"} else ()),
        )
    if command == "sweep":
        counts = Need("cloudwatch:GetMetricData", ANY, "see that nobody called what is set aside")
        return _each_once((*reading, *SEE, *AROUND, counts))
    if command in DELETES and quarantine:
        return _each_once((*reading, *SEE, *ASIDE, *BACK, *(KEEP if backup else ())))
    if command in DELETES:
        return _each_once((*reading, *LOOK, *(BACKUP if backup else ()), *DELETE))
    return _each_once(reading)


def document(needed: Iterable[Need]) -> dict[str, object]:
    """An IAM policy document that allows this and nothing more: a statement for each resource."""
    by_resource: dict[str, list[str]] = {}
    for need in sorted(needed):
        by_resource.setdefault(need.resource, []).append(need.action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": _SIDS[resource],
                "Effect": "Allow",
                "Action": by_resource[resource],
                "Resource": resource,
            }
            for resource in _SIDS
            if resource in by_resource
        ],
    }


_SIDS = {
    ANY: "Everywhere",
    REPOSITORIES: "Repositories",
    FUNCTIONS: "Functions",
    TRIGGERS: "Triggers",
    ROLES: "Roles",
    PROFILES: "InstanceProfiles",
}


def _each_once(needed: Iterable[Need]) -> tuple[Need, ...]:
    """By action; what several parts call it for is said together."""
    found: dict[tuple[str, str], Need] = {}
    for need in needed:
        before = found.get((need.action, need.resource))
        if before is None:
            found[need.action, need.resource] = need
        elif need.because not in before.because:
            because = f"{before.because}; {need.because}"
            spares = before.spares and need.spares
            found[need.action, need.resource] = Need(need.action, need.resource, because, spares)
    return tuple(sorted(found.values()))
