"""Publishes versions of a function, each state once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.deploy.rollout.known import SETTINGS
from jotgraph.deploy.rollout.locked import change
from jotgraph.deploy.rollout.settling import settled
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId, name_of, place_of, version_id
from jotgraph.sources.functions.requests import list_versions

_PUBLISHED = ("CodeSha256", *SETTINGS, "Environment")
"""Facts that a run may have changed since it published a version."""


def publish(run: Run, function: ResourceId, current: Any) -> tuple[str, Made]:
    """Publish a version of the function's present state; return its number, and whether this run
    published it. Lambda publishes nothing when nothing changed (API_PublishVersion). Raises
    RefusedError, ApplyError, CallFailedError."""
    name, sha = name_of(function), current["Configuration"]["CodeSha256"]
    description = run.description
    listed = _published(run, function)
    config = current["Configuration"]
    number = _ours(listed, description, config)
    highest = max((int(version["Version"]) for version in listed), default=0)
    result = Made.CREATED if number else Made.THERE
    if not number:
        answer = change(
            run,
            function,
            "PublishVersion",
            lambda: bool(_ours(_published(run, function), description, config)),
            {"highest": highest},
            FunctionName=name,
            CodeSha256=sha,
            Description=description,
            RevisionId=current["Configuration"]["RevisionId"],
        )
        number = str((answer or {}).get("Version") or "")
        words = (answer or {}).get("Description") if number else description
        number = number or _ours(_published(run, function), description, config)
        if not number:
            raise ApplyError(f"{name}: a version was published but cannot be found; run again")
        new = int(number) > highest and words == description
        result = Made.CREATED if new else Made.THERE
    settled(run, function, number)
    resource = version_id(*place_of(function), name, number)
    return number, run.made(resource, result, now={"code": sha, "description": description})


def _published(run: Run, function: ResourceId) -> list[Any]:
    """The numbered versions: neither ``$LATEST`` nor that of a capacity provider."""
    listed = list_versions(run.session.client(function), name_of(function)).whole()
    return [version for version in listed if version["Version"].isdigit()]


def _ours(listed: list[Any], description: str, config: Mapping[str, Any]) -> str:
    """The number of the version that this run published of a function's present state; empty when
    there is none."""
    numbers = [
        int(version["Version"])
        for version in listed
        if version.get("Description") == description
        and all(version.get(key) == config.get(key) for key in _PUBLISHED)
    ]
    return str(max(numbers)) if numbers else ""
