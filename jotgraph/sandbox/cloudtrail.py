"""CloudTrail's event history: what changed functions and ECS services in the last 90 days.

Lambda's events carry a version of its API in their names (Lambda guide, "Logging Lambda API calls
using CloudTrail"). LookupEvents takes one attribute, gives at most 50 events, the newest first, and
answers two calls a second in each account and region (API_LookupEvents). AWS delivers an event
within some minutes; here it is there at once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from jotgraph.sandbox.kept import Paging, cut, shelf, unique
from jotgraph.sandbox.wire import AwsError, Reply, Request
from jotgraph.sandbox.world import Handler, World

NAMES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("lambda", "CreateAlias"): "CreateAlias20150331",
        ("lambda", "CreateFunction"): "CreateFunction20150331",
        ("lambda", "PublishVersion"): "PublishVersion20150331",
        ("lambda", "UpdateAlias"): "UpdateAlias20150331",
        ("lambda", "UpdateFunctionCode"): "UpdateFunctionCode20150331v2",
        ("ecs", "CreateService"): "CreateService",
        ("ecs", "RegisterTaskDefinition"): "RegisterTaskDefinition",
        ("ecs", "UpdateService"): "UpdateService",
    }
)
"""What the events of calls are called."""
EVENTS = "cloudtrail/events"
"""Shelf of events, by their ids, in the order in which they came."""
PER_SECOND = 2
DAYS = 90
_ATTRIBUTES = (
    "AccessKeyId", "EventId", "EventName", "EventSource", "ReadOnly", "ResourceName",
    "ResourceType", "Username",
)  # fmt: skip
_PAGES = Paging(
    "Events", 50, 50, limit="MaxResults", token="NextToken", error="InvalidNextTokenException"
)
ASKED = "cloudtrail/asked"
"""Shelf of when LookupEvents was answered last."""


def is_kept(request: Request) -> bool:
    """Whether a call changes what runs."""
    return (request.service, request.action) in NAMES


def note(world: World, request: Request, reply: Reply) -> None:
    """Keep the event of a call that changes what runs."""
    event = _event(world, request, reply, NAMES[request.service, request.action])
    shelf(world, request, EVENTS)[event["eventID"]] = event


def _event(world: World, request: Request, reply: Reply, name: str) -> dict[str, Any]:
    at = datetime.fromtimestamp(world.now(), UTC)
    failed = {"errorCode": reply.code} if reply.status >= 400 else {}
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "arn": f"arn:aws:iam::{request.account}:user/jotgraph",
            "accountId": request.account,
            "accessKeyId": request.access_key,
            "userName": "jotgraph",
        },
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{request.service}.amazonaws.com",
        "eventName": name,
        "awsRegion": request.region,
        "requestParameters": _lower(request.params),
        "responseElements": None if failed else _lower(_answer(reply)),
        **failed,
        "eventID": unique(),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "recipientAccountId": request.account,
    }


def _answer(reply: Reply) -> Any:
    try:
        return json.loads(reply.body or b"null")
    except ValueError:
        return None


def _lower(value: Any) -> Any:
    """Members begin in lower case; values of variables and code are hidden."""
    if isinstance(value, list):
        return [_lower(part) for part in value]
    if not isinstance(value, dict):
        return value
    hidden = ("Environment", "environment", "ZipFile")
    return {
        f"{name[:1].lower()}{name[1:]}": "HIDDEN_DUE_TO_SECURITY_REASONS"
        if name in hidden
        else _lower(part)
        for name, part in value.items()
    }


def lookup_events(world: World, request: Request) -> Reply:
    """Events of the last 90 days by one attribute, the newest first."""
    _pace(world, request)
    attributes = request.params.get("LookupAttributes") or []
    if len(attributes) > 1 or any(
        attribute["AttributeKey"] not in _ATTRIBUTES for attribute in attributes
    ):
        raise AwsError("InvalidLookupAttributesException", "Only one lookup attribute is valid.")
    size = request.params.get("MaxResults")
    if size is not None and not 1 <= int(size) <= _PAGES.most:
        raise AwsError("InvalidMaxResultsException", "MaxResults must be between 1 and 50.")
    start, end = (request.params.get(name) for name in ("StartTime", "EndTime"))
    if start is not None and end is not None and start > end:
        raise AwsError("InvalidTimeRangeException", "The start time is after the end time.")
    least = max(float(start or 0), world.now() - DAYS * 86400)
    most = float(end) if end is not None else world.now()

    def rows() -> list[dict[str, Any]]:
        kept = [_row(event) for event in reversed(shelf(world, request, EVENTS).values())]
        return [
            row
            for row in kept
            if least <= row["EventTime"] <= most
            and all(_is(row, attribute) for attribute in attributes)
        ]

    return cut(world, request, _PAGES, rows)


def _pace(world: World, request: Request) -> None:
    now, times = time.monotonic(), shelf(world, request, ASKED)
    lately = [at for at in times.get("at", ()) if now - at < 1.0]
    if len(lately) >= PER_SECOND:
        raise AwsError("ThrottlingException", "Rate exceeded")
    times["at"] = [*lately, now]


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(event["eventTime"]).timestamp()
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": "false",
        "AccessKeyId": event["userIdentity"]["accessKeyId"],
        "EventTime": at,
        "EventSource": event["eventSource"],
        "Username": event["userIdentity"]["userName"],
        "Resources": [],
        "CloudTrailEvent": json.dumps(event),
    }


def _is(row: Mapping[str, Any], attribute: Mapping[str, str]) -> bool:
    return bool(row.get(attribute["AttributeKey"]) == attribute["AttributeValue"])


HANDLERS: Mapping[str, Handler] = {"LookupEvents": lookup_events}
