"""Permissions for push and deploy, and for undoing them."""

from __future__ import annotations

from jotgraph.permissions.deleting import DELETE, LOOK
from jotgraph.permissions.model import ANY, FUNCTIONS, REPOSITORIES, ROLES, Need
from jotgraph.permissions.reading import SHOWS_TAGS

_READ_IMAGE = (
    Need("ecr:DescribeImages", REPOSITORIES, "see which digest a tag names"),
    Need("ecr:BatchGetImage", REPOSITORIES, "read what an image is"),
)
_READ_CONFIG = Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "read its labels and processor")
PUSH = (
    *_READ_IMAGE,
    _READ_CONFIG,
    Need("ecr:DescribeRepositories", ANY, "see whether the repository is there"),
    Need("ecr:CreateRepository", ANY, "create a repository that is missing"),
    Need("ecr:TagResource", REPOSITORIES, "the same, with the run's tag"),
    Need("ecr:ListTagsForResource", REPOSITORIES, "see whether this run created it"),
    Need("ecr:GetLifecyclePolicy", REPOSITORIES, "see whether it has a lifecycle policy"),
    Need("ecr:PutLifecyclePolicy", REPOSITORIES, "give it one, with --lifecycle-policy"),
    Need("ecr:GetAuthorizationToken", ANY, "let the engine push"),
    Need("ecr:BatchCheckLayerAvailability", REPOSITORIES, "see which layers are there"),
    Need("ecr:InitiateLayerUpload", REPOSITORIES, "push layers"),
    Need("ecr:UploadLayerPart", REPOSITORIES, "push layers"),
    Need("ecr:CompleteLayerUpload", REPOSITORIES, "push layers"),
    Need("ecr:PutImage", REPOSITORIES, "push the image"),
)
_ALIAS = (
    SHOWS_TAGS,
    Need("lambda:GetFunction", FUNCTIONS, "see what it runs, and how a change ends"),
    Need("lambda:GetAlias", FUNCTIONS, "see where an alias routes"),
    Need("lambda:UpdateAlias", FUNCTIONS, "move an alias, or give it a share of calls"),
)
_SERVICE = (
    Need("ecs:DescribeServices", ANY, "see what a service runs, and how a deployment goes"),
    Need("ecs:DescribeTaskDefinition", ANY, "see which image a container is given"),
    Need("ecs:ListTaskDefinitions", ANY, "see which revisions there are"),
    Need("ecs:UpdateService", ANY, "let a service run another revision"),
    Need("iam:PassRole", ROLES, "give its tasks their roles"),
)
PROMOTE = _ALIAS
ROLLBACK = (
    *_ALIAS,
    *_SERVICE,
    Need("lambda:ListVersionsByFunction", FUNCTIONS, "see which versions there are to go back to"),
    Need("ecr:DescribeImages", REPOSITORIES, "see that the older image is still there"),
)
DEPLOY = (
    *_READ_IMAGE,
    _READ_CONFIG,
    *_ALIAS,
    *_SERVICE,
    Need("ecs:RegisterTaskDefinition", ANY, "register the next revision of a task definition"),
    Need("ecs:TagResource", ANY, "the same, with the run's tag"),
    Need("ecr:GetRepositoryPolicy", REPOSITORIES, "let Lambda see whether it may pull"),
    Need("ecr:SetRepositoryPolicy", REPOSITORIES, "let Lambda allow itself to pull, once"),
    Need("lambda:CreateFunction", FUNCTIONS, "create a function that is missing"),
    Need("lambda:UpdateFunctionCode", FUNCTIONS, "give a function another image"),
    Need("lambda:UpdateFunctionConfiguration", FUNCTIONS, "change the settings that are asked for"),
    Need("lambda:TagResource", FUNCTIONS, "let the image's labels be tags"),
    Need("lambda:UntagResource", FUNCTIONS, "take the tags of an older image"),
    Need("lambda:ListVersionsByFunction", FUNCTIONS, "see which versions are published"),
    Need("lambda:PublishVersion", FUNCTIONS, "publish what it is now"),
    Need("lambda:CreateAlias", FUNCTIONS, "create an alias that is missing"),
    Need("iam:PassRole", ROLES, "give a function its role"),
    Need("iam:GetRole", ROLES, "see whether the role is there"),
    Need("iam:CreateRole", ROLES, "create a role for a new function that is given none"),
    Need("iam:TagRole", ROLES, "the same, with the run's tag"),
    Need("iam:GetRolePolicy", ROLES, "see whether it may write its log"),
    Need("iam:PutRolePolicy", ROLES, "let it write its log, and nothing else"),
)
READ_BACK = (
    Need("iam:ListAttachedRolePolicies", ROLES, "draw the lineage that was made"),
    Need("iam:ListRolePolicies", ROLES, "draw the lineage that was made"),
    Need("iam:ListInstanceProfilesForRole", ROLES, "draw the lineage that was made"),
)
UP = (
    *PUSH,
    *(need for need in DEPLOY if not need.action.startswith("ecs:")),
    *READ_BACK,
)
"""``up`` deploys to functions alone, and invokes them."""
UNMAKE = (
    *LOOK,
    *(need for need in DELETE if need.action.partition(":")[2] not in {
        "UpdateEventSourceMapping", "DeleteEventSourceMapping", "RemoveRoleFromInstanceProfile",
        "AddRoleToInstanceProfile", "AttachRolePolicy", "DetachRolePolicy", "PassRole",
    }),
    Need("lambda:GetFunctionEventInvokeConfig", FUNCTIONS, "see that nobody set retries"),
    Need("lambda:GetFunctionCodeSigningConfig", FUNCTIONS, "see that nobody set code signing"),
    Need("lambda:GetFunctionRecursionConfig", FUNCTIONS, "see that nobody lets it call itself"),
    Need("ecr:GetRepositoryPolicy", REPOSITORIES, "see that nobody gave it a policy"),
    Need("ecr:GetLifecyclePolicy", REPOSITORIES, "see that nobody gave it a lifecycle policy"),
    Need("ecr:BatchGetImage", REPOSITORIES, "read what a tag named before"),
    Need("ecr:GetDownloadUrlForLayer", REPOSITORIES, "see whether an image is the one pushed"),
    Need("ecr:PutImage", REPOSITORIES, "give a tag back to the image that it named"),
    Need("lambda:UpdateAlias", FUNCTIONS, "put an alias back"),
    Need("lambda:UpdateFunctionCode", FUNCTIONS, "give a function back its image"),
    Need("lambda:UpdateFunctionConfiguration", FUNCTIONS, "give a function back its settings"),
    Need("lambda:TagResource", FUNCTIONS, "give a function back its tags"),
    Need("lambda:UntagResource", FUNCTIONS, "take the tags that it got"),
    Need("iam:PassRole", ROLES, "give a function back its role"),
    *_SERVICE,
    Need("ecs:DeregisterTaskDefinition", ANY, "make the revision inactive that was registered"),
)  # fmt: skip
