"""Words that identify nobody and that answers depend on, so that a redaction keeps them.

AWS, git, Docker, OCI and this program write them; a few are tags that keep patterns know.
"""

from __future__ import annotations

import re

from jotgraph.links.revisions import REVISION_LABELS, SOURCE_LABELS
from jotgraph.links.versions import VERSION_LABELS
from jotgraph.records import ATTRIBUTES_VARIABLE, REVISION_VARIABLES

_KEYS = (
    *REVISION_LABELS,
    *SOURCE_LABELS,
    *VERSION_LABELS,
    *REVISION_VARIABLES,
    ATTRIBUTES_VARIABLE,
    "com.docker.compose.project",
    "com.docker.swarm.service.name",
    "devcontainer.local_folder",
    "io.x-k8s.kind.cluster",
    "name.minikube.sigs.k8s.io",
    "org.opencontainers.image.base.digest",
    "codebuild_resolved_source_version commit_hash commitid commitsha githash github_sha gitsha",
)
"""Keys of labels, variables and tags that are read by name."""
_WORDS = frozenset(
    {
        "action", "af", "after", "agentcore", "alias", "allow", "amazon", "amazonaws",
        "amazonwebservices", "any", "ap", "api", "app", "application", "apprunner", "archive",
        "archived", "arn", "arnequals", "arnlike", "assumed", "att", "aws", "awslambdaric",
        "batch", "bedrock", "before", "bin", "blob", "bool", "bootstrap", "ca", "central", "cfg",
        "cjs", "cloudformation", "cluster", "cn", "codebuild", "com", "commit", "commits",
        "condition", "config", "consumers", "container", "containers", "countnumber", "counttype",
        "countunit", "created", "daemon", "days", "definition", "deny", "deployment",
        "description", "dirty", "dkr", "docker", "dockerfile", "dockerignore", "dotnet",
        "dynamodb", "east", "ec", "ecr", "ecs", "effect", "eks", "elsewhere", "emr", "endpoint",
        "entrypoint", "env", "eu", "event", "events", "expire", "false", "federated", "file",
        "fips", "folder", "function", "functions", "gamelift", "git", "go", "gov", "group",
        "handler", "head", "heads", "html", "http", "https", "iam", "id", "ifexists", "il", "image",
        "imagecountmorethan", "images", "index", "inspector", "instance", "iso", "isob", "jar",
        "java", "job", "jotgraph", "js", "json", "kinesis", "kubernetes", "label", "labels",
        "lambda", "latest", "layer", "lib", "local", "lock", "log", "logical", "logs", "main",
        "manifest", "master", "md", "me", "missing", "mjs", "mod", "model", "mx", "name", "node",
        "north", "northeast", "northwest", "notaction", "notprincipal", "notresource", "null",
        "oci", "opencontainers", "opt", "org", "origin", "package", "pod", "pods", "policy",
        "principal", "prod", "profile", "project", "protect", "py", "pyproject", "python",
        "quarantined", "queue", "ref", "refs", "remotes", "repo", "repository", "requirements",
        "resource", "revision", "role", "root", "ruby", "rulepriority", "rules", "runtime", "sa",
        "sagemaker", "sbom", "selection", "serverless", "service", "setup", "sh", "sha", "sid",
        "sig", "sinceimagepulled", "sinceimagepushed", "sinceimagetransitioned", "sns", "source",
        "south", "southeast", "southwest", "sqs", "src", "ssh", "stable", "stack", "standard",
        "statement", "storageclass", "stream", "stringequals", "stringlike", "stringnotequals",
        "stringnotlike", "sts", "table", "tag", "tagged", "tagpatternlist", "tagprefixlist",
        "tags", "tagstatus", "targetstorageclass", "task", "title", "toml", "topic", "transition",
        "tree", "trigger", "true", "ts", "txt", "type", "untagged", "url", "us", "use", "user",
        "usr", "var", "vcs", "version", "vnd", "west", "workload", "xml", "yaml", "yml",
    }
)  # fmt: skip
PUBLIC = _WORDS | {word for key in _KEYS for word in re.findall(r"[^\W\d_]+", key.lower())}
