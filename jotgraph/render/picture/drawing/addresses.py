"""The https address of a resource: the AWS console, or the commit on a git host."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import quote

from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    EcrRepository,
    Function,
    GitRepository,
    Node,
    Role,
    Version,
)

_REMOTE = re.compile(
    r"^(?:https?://|ssh://|git://)?(?:[^@/\s]+@)?([A-Za-z0-9.-]+)(?::\d+/|[:/])/*([\w.~/-]+?)"
    r"(?:\.git)?/?$"
)
_HOSTS = (("github", "commit"), ("gitlab", "-/commit"), ("bitbucket", "commits"))


Paged: TypeAlias = Commit | EcrRepository | EcrImage | Function | Version | Alias | Role
"""Kinds with a page of their own: nothing in the engine has one, and a trigger is on its
function's."""


def address(record: Node, remotes: Iterable[str] = ()) -> str:
    """Return the page of a resource, or empty. ``remotes`` are the remote URLs of a commit's
    repositories."""
    return _page(record, remotes) if isinstance(record, Paged) else ""


def _page(record: Paged, remotes: Iterable[str]) -> str:
    match record:
        case Commit():
            return next(filter(None, (commit_page(remote, record.sha) for remote in remotes)), "")
        case EcrRepository():
            return _ecr(record.account, record.region, record.name)
        case EcrImage():
            page = f"/_/image/{quote(record.digest, safe='')}/details"
            return _ecr(record.account, record.region, record.repository, page)
        case Function():
            return _function(record.region, record.name)
        case Version():
            return _function(record.region, record.name, f"/versions/{quote(record.number)}")
        case Alias():
            page = f"/aliases/{quote(record.name, safe='')}"
            return _function(record.region, record.function_name, page)
        case Role():
            return f"https://{_domain('')}/iam/home#/roles/details/{quote(record.name, safe='')}"


def commit_page(remote: str, sha: str) -> str:
    """Return the page of a commit on GitHub, GitLab or Bitbucket (also self-hosted, by host
    name)."""
    match = _REMOTE.match(remote)
    if not match:
        return ""
    host, path = match.groups()
    for name, page in _HOSTS:
        if name in host.lower():
            return f"https://{host}/{quote(path)}/{page}/{quote(sha, safe='')}"
    return ""


def remotes_of(commit: Commit, git: Iterable[GitRepository]) -> tuple[str, ...]:
    """Return the remote URLs of the repositories that contain a commit."""
    return tuple(
        url
        for repository in git
        if repository.key in commit.repositories
        for url in repository.remotes
    )


def _domain(region: str) -> str:
    """The console's host, which differs between partitions (AWS General Reference, ARN
    partitions)."""
    if region.startswith("cn-"):
        return f"{region}.console.amazonaws.cn"
    if region.startswith("us-gov-"):
        return f"{region}.console.amazonaws-us-gov.com"
    return f"{quote(region)}.console.aws.amazon.com" if region else "console.aws.amazon.com"


def _ecr(account: str, region: str, name: str, page: str = "") -> str:
    path = f"/ecr/repositories/private/{quote(account)}/{quote(name)}{page}"
    return f"https://{_domain(region)}{path}?region={quote(region)}"


def _function(region: str, name: str, page: str = "") -> str:
    return (
        f"https://{_domain(region)}/lambda/home?region={quote(region)}"
        f"#/functions/{quote(name, safe='')}{page}"
    )
