"""Who changed what runs, from CloudTrail's event history: the last 90 days of management events.

It needs no trail. LookupEvents filters by one attribute, so each event name is a listing of its
own, paced at the two calls a second that an account has in a region (API_LookupEvents). Lambda
appends the version of its API to the name of a call: ``UpdateFunctionCode20150331v2``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from jotgraph.errors import Failure, OptionError
from jotgraph.records import (
    Gap,
    Kind,
    ResourceId,
    function_id,
    function_of,
    kind_of,
    name_of,
    place_of,
    qualifier_of,
    workload_name_of,
)
from jotgraph.records.phrases import counted
from jotgraph.records.references import lambda_target
from jotgraph.records.trail import Event
from jotgraph.sources.aws.calls import RegionClient

DAYS = 90
"""The age up to which CloudTrail keeps events."""
_LAMBDA = (
    "CreateFunction20150331",
    "UpdateFunctionCode20150331v2",
    "PublishVersion20150331",
    "CreateAlias20150331",
    "UpdateAlias20150331",
)
_ECS = ("CreateService", "UpdateService", "RegisterTaskDefinition")
_VERSION = re.compile(r"20\d{6}(?:v\d+)?\Z")
Told = Mapping[str, Any]
"""What an event holds."""


class Trail(NamedTuple):
    """The events of one resource, newest first, and what could not be read."""

    events: tuple[Event, ...]
    gaps: tuple[Gap, ...]


def events_of(client: RegionClient, resource: ResourceId, now: datetime) -> Trail:
    """Return the calls of the last 90 days that deployed a function, version, alias or ECS
    workload. Calls: 1 LookupEvents for each 50 events of each name, with 5 names for Lambda and 3
    for ECS. Raises OptionError for another kind."""
    names, concerns = _asked(resource)
    by_id: dict[str, Told] = {}
    gaps: list[Gap] = []
    for name in names:
        listing = client.pages(
            "cloudtrail",
            "LookupEvents",
            "Events",
            token="NextToken",
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}],
            StartTime=now - timedelta(days=DAYS),
            EndTime=now,
        )
        read = [(row, _told(row)) for row in listing.items]
        by_id |= {row["EventId"]: event for row, event in read if event}
        unread = sum(event is None for _, event in read)
        garbled = Failure("error", f"{counted(unread, 'event')} could not be understood")
        for failure in (listing.failure, garbled if unread else None):
            if failure:
                facts = ("events",)
                gaps.append(
                    client.gap("cloudtrail", "LookupEvents", failure, resource=name, facts=facts)
                )
    events = [_event(event) for event in by_id.values() if concerns(event)]
    return Trail(tuple(sorted(events, key=lambda event: event.at, reverse=True)), tuple(gaps))


def _told(row: Mapping[str, Any]) -> Told | None:
    """Parse an event of CloudTrail; None for one that is not JSON, or has no time."""
    try:
        event = json.loads(row.get("CloudTrailEvent") or "null")
    except (ValueError, RecursionError):
        return None
    whole = isinstance(event, dict) and "EventId" in row and "EventTime" in row
    return {**event, "EventTime": row["EventTime"]} if whole else None


def _asked(resource: ResourceId) -> tuple[Iterable[str], Callable[[Told], bool]]:
    """The names of events to read, and which of them concern a resource."""
    kind = kind_of(resource)
    if kind in (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS):
        return _LAMBDA, lambda event: _of_function(event, resource)
    if kind is Kind.WORKLOAD and name_of(resource).startswith("ecs/"):
        return _ECS, lambda event: _of_workload(event, resource)
    raise OptionError("--cloudtrail covers functions, versions, aliases and ECS workloads")


def _of_function(event: Told, resource: ResourceId) -> bool:
    asked, answer = _parts(event)
    named = _function_named(str(asked.get("functionName") or ""), resource)
    if named != function_of(resource) or asked.get("dryRun") is True:  # which deploys nothing
        return False
    call, qualifier = _call(event), qualifier_of(resource)
    if kind_of(resource) is Kind.ALIAS and call.endswith("Alias"):
        return bool(asked.get("name") == qualifier)
    if kind_of(resource) is Kind.VERSION:
        return str(answer.get("version")) == qualifier
    return not call.endswith("Alias") or kind_of(resource) is Kind.FUNCTION


def _function_named(text: str, near: ResourceId) -> ResourceId | None:
    """The function that a call names: by ARN, ``account:function:name`` or name, with or without
    qualifier (API_UpdateFunctionCode). Calls to another account are also recorded in the caller's
    account."""
    if text.startswith("arn:"):
        target = lambda_target(text)
        return function_of(target) if target else None
    owner, separator, rest = text.partition(":function:")
    place, name = place_of(near), (rest if separator else text).partition(":")[0]
    return function_id(owner if separator else place.account, place.region, name) if name else None


def _of_workload(event: Told, resource: ResourceId) -> bool:
    asked, _ = _parts(event)
    name = workload_name_of(resource)
    family = name.partition(":")[0]
    if _call(event) == "RegisterTaskDefinition":
        return bool(asked.get("family") == family)
    cluster = str(asked.get("cluster") or "default").rpartition("/")[2]
    service = str(asked.get("service") or asked.get("serviceName") or "").rpartition("/")[2]
    return f"{cluster}/{service}" == name


def _parts(event: Told) -> tuple[Told, Told]:
    """The parts of the request, and of the response."""
    asked, answer = event.get("requestParameters"), event.get("responseElements")
    return (
        asked if isinstance(asked, dict) else {},
        answer if isinstance(answer, dict) else {},
    )


def _call(event: Told) -> str:
    return _VERSION.sub("", str(event.get("eventName") or ""))


def _event(event: Told) -> Event:
    identity = event.get("userIdentity")
    caller = identity if isinstance(identity, dict) else {}
    return Event(
        at=event["EventTime"].astimezone(UTC),
        call=_call(event),
        who=str(
            caller.get("arn") or caller.get("invokedBy") or caller.get("principalId") or "unknown"
        ),
        what=_what(event),
        failed=str(event.get("errorCode") or ""),
    )


def _what(event: Told) -> str:
    """What was deployed, as far as the event says: ``live to version 7``, an image, a revision."""
    asked, answer = _parts(event)
    if _call(event).endswith("Alias"):
        return f"{asked.get('name', '?')} to version {asked.get('functionVersion', '?')}"
    code = asked.get("code")
    image = asked.get("imageUri") or (code.get("imageUri") if isinstance(code, dict) else "")
    definition = answer.get("taskDefinition")
    registered = definition.get("taskDefinitionArn") if isinstance(definition, dict) else ""
    version = answer.get("version") if _call(event) == "PublishVersion" else ""
    published = f"version {version}" if version else ""
    words = (
        image,
        published,
        asked.get("taskDefinition") or registered,
        f"code {answer['codeSha256']}" if answer.get("codeSha256") else "",
    )
    return ", ".join(str(word) for word in words if word)
