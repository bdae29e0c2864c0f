"""Log groups of functions: default ones, and those that functions name.

Calls, in each region: max(1, ceil(G/50)) DescribeLogGroups of the G groups whose name begins with
``/aws/lambda/``, 1 for each other group that a function names, and max(1, ceil(T/100))
GetResources, T of them with tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from jotgraph.records import Function, Gap, Kind, LogGroup, Version
from jotgraph.records.lambda_ import LAMBDA_LOGS
from jotgraph.sources.aws.calls import Listing, RegionClient
from jotgraph.sources.aws.resource_tags import list_tagged, tags_by_arn


class LogGroupRead(NamedTuple):
    """The log groups of one account and region."""

    groups: tuple[LogGroup, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_log_groups(
    place: RegionClient, configurations: Iterable[Function | Version]
) -> LogGroupRead:
    """List the default groups of Lambda, and read those that functions name."""
    named = {configuration.log_group for configuration in configurations} - {""}
    others = sorted(name for name in named if not name.startswith(LAMBDA_LOGS))
    groups: dict[str, LogGroup] = {}
    gaps: list[Gap] = []
    for prefix in (LAMBDA_LOGS, *others):
        listing = list_log_groups(place, prefix)
        for detail in listing.items:
            if prefix == LAMBDA_LOGS or detail["logGroupName"] == prefix:
                groups[detail["logGroupName"]] = log_group_of(place, detail)
        if listing.failure:
            hides = (Kind.LOG_GROUP,)
            gaps.append(place.gap("logs", "DescribeLogGroups", listing.failure, hides=hides))
            break
    listed = tuple(groups[name] for name in sorted(groups))
    listing = list_tagged(place, "logs:log-group")
    if listing.failure:
        gaps.append(place.gap("tag", "GetResources", listing.failure, facts=("tags",)))
        return LogGroupRead(listed, tuple(gaps))
    tagged = tags_by_arn(listing)
    tagged_groups = (
        msgspec.structs.replace(group, tags=tagged.get(group.arn, ())) if group.arn else group
        for group in listed
    )
    return LogGroupRead(tuple(tagged_groups), tuple(gaps))


def list_log_groups(place: RegionClient, prefix: str) -> Listing:
    """List the groups whose name has a prefix."""
    return place.pages("logs", "DescribeLogGroups", "logGroups", logGroupNamePrefix=prefix)


def get_log_group(place: RegionClient, name: str) -> Mapping[str, Any] | None:
    """Return a group by its name; None when it does not exist. Raises CallFailedError."""
    listed = list_log_groups(place, name).whole()
    return next((detail for detail in listed if detail["logGroupName"] == name), None)


def log_group_tags(place: RegionClient, arn: str) -> dict[str, str]:
    """The tags of a group. Raises CallFailedError."""
    answer = place.ask("logs", "ListTagsForResource", "tags", resourceArn=arn)
    return dict(answer["tags"] or {})


def list_filters(place: RegionClient, name: str, action: str, member: str) -> list[Any]:
    """The metric or subscription filters of a group. Raises CallFailedError."""
    return list(place.pages("logs", action, member, logGroupName=name).whole())


def log_group_of(place: RegionClient, detail: Mapping[str, Any]) -> LogGroup:
    """Make a record of one LogGroup."""
    return LogGroup(
        account=place.account,
        region=place.region,
        name=detail["logGroupName"],
        arn=str(detail.get("logGroupArn", "")),
        created_at=log_group_created(detail),
        retention_days=detail.get("retentionInDays"),
        size=detail.get("storedBytes") or 0,
        key=detail.get("kmsKeyId", ""),
        protected=bool(detail.get("deletionProtectionEnabled")),
        filters=detail.get("metricFilterCount") or 0,
    )


def log_group_created(detail: Mapping[str, Any]) -> datetime | None:
    """When a group was created."""
    created = detail.get("creationTime")
    return datetime.fromtimestamp(created / 1000, UTC) if created else None
