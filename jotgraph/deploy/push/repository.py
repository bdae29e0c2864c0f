"""The repository of a push: created if missing, and its tag mutability."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from jotgraph.deploy.run import Made, Run
from jotgraph.errors import CallFailedError
from jotgraph.records import ResourceId, name_of
from jotgraph.sources.connections import is_gone
from jotgraph.sources.ecr.requests import (
    get_lifecycle_policy,
    get_repository,
    list_repository_tags,
)
from jotgraph.sources.ecr.settings import NO_SETTING

_MAKE = "ecr:CreateRepository"


def ensure_repository(
    run: Run,
    repository: ResourceId,
    *,
    scan_on_push: bool = False,
    immutable: bool = False,
    lifecycle_policy: str = "",
) -> tuple[Made, Mapping[str, Any]]:
    """Create a repository unless it exists; return whether this run created it, and its
    description. The settings are for a new one; an existing one keeps its own. Raises
    CallFailedError."""
    client, name = run.session.client(repository), name_of(repository)
    detail = _described(run, repository)
    if detail is None:
        run.tell(f"creating the repository {name}")
        settings: dict[str, Any] = {"repositoryName": name, "tags": tags_of(run)}
        if scan_on_push:
            settings["imageScanningConfiguration"] = {"scanOnPush": True}
        if immutable:
            settings["imageTagMutability"] = "IMMUTABLE"
        try:
            run.session.call((repository,), "ecr", "CreateRepository", **settings)
        except CallFailedError as error:
            if error.failure.code != "RepositoryAlreadyExistsException":
                raise
        detail = get_repository(client, name) or {}
    result = Made.CREATED if _is_ours(run, repository, detail) else Made.THERE
    if result is Made.CREATED and lifecycle_policy and not _has_lifecycle(run, repository):
        run.session.call(
            (repository,),
            "ecr",
            "PutLifecyclePolicy",
            repositoryName=name,
            lifecyclePolicyText=lifecycle_policy,
        )
    now = {"arn": detail.get("repositoryArn", "")}
    return run.made(repository, result, now=now), detail


def _described(run: Run, repository: ResourceId) -> dict[str, Any] | None:
    try:
        return get_repository(run.session.client(repository), name_of(repository))
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def _is_ours(run: Run, repository: ResourceId, detail: Mapping[str, Any]) -> bool:
    """Whether this run created it, according to its tag, which is only read if this run tried
    to."""
    if not run.journal.intents(repository, _MAKE):
        return False
    answer = list_repository_tags(run.session.client(repository), str(detail["repositoryArn"]))
    return run.is_ours({tag["Key"]: tag["Value"] for tag in answer.get("tags") or ()})


def _has_lifecycle(run: Run, repository: ResourceId) -> bool:
    try:
        get_lifecycle_policy(run.session.client(repository), name_of(repository))
    except CallFailedError as error:
        if is_gone(error) or error.failure.code in NO_SETTING:
            return False
        raise
    return True


def tags_of(run: Run) -> list[dict[str, str]]:
    """Return the run's tag in the form of ECR and IAM."""
    return [{"Key": key, "Value": value} for key, value in run.tags.items()]


def is_immutable(detail: Mapping[str, Any], tag: str) -> bool:
    """Return whether a tag of a repository is immutable. Exclusion filters invert the setting for
    tags that match (ECR API, ImageTagMutabilityExclusionFilter)."""
    filters = detail.get("imageTagMutabilityExclusionFilters") or ()
    excluded = any(fnmatchcase(tag, entry.get("filter", "")) for entry in filters)
    immutable = str(detail.get("imageTagMutability", "")).startswith("IMMUTABLE")
    return immutable != excluded
