"""Lambda's event source mappings: what pulls events for a function or an alias.

Corrections to moto 5.2: any source ARN, aliases, pages of 100, conflicts, states that pass, and a
mapping that outlives its function says so.
"""

from __future__ import annotations

import uuid
from typing import Any

from jotgraph.sandbox.functions.common import configuration, function_arn, function_of, here, named
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import World

KEPT = (
    "BatchSize", "FilterCriteria", "MaximumBatchingWindowInSeconds", "ParallelizationFactor",
    "StartingPosition", "DestinationConfig", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "BisectBatchOnFunctionError", "TumblingWindowInSeconds", "Topics", "Queues", "ScalingConfig",
    "FunctionResponseTypes", "SourceAccessConfigurations", "SelfManagedEventSource", "KMSKeyArn",
)  # fmt: skip


def create_event_source_mapping(world: World, request: Request) -> Reply:
    """202, State Creating; Enabled or Disabled at the next look (API_CreateEventSourceMapping)."""
    name, qualifier, function = function_of(world, request)
    configuration(request, name, function, qualifier)
    triggers = here(world, request).triggers
    arn, source = function_arn(request, name, qualifier), request.text("EventSourceArn")
    for other in triggers.values():
        if other.get("EventSourceArn") == source and other["FunctionArn"] == arn and source:
            raise AwsError(
                "ResourceConflictException",
                f'An event source mapping with event source arn (" {source} ") and function '
                f'(" {arn} ") already exists. Please update or delete the existing mapping with '
                f"UUID {other['UUID']}",
                409,
            )
    made = new_trigger(world, request, arn, source, request.params.get("Enabled", True))
    made.update((key, request.params[key]) for key in KEPT if key in request.params)
    triggers[made["UUID"]] = made
    here(world, request).trigger_tags[made["UUID"]] = dict(request.params.get("Tags") or {})
    return json_reply({**made, "State": "Creating"}, 202)


def new_trigger(
    world: World,
    request: Request,
    function: str,
    source: str,
    enabled: bool,
    identity: str = "",
) -> dict[str, Any]:
    identity = identity or str(uuid.uuid4())
    made: dict[str, Any] = {
        "UUID": identity,
        "BatchSize": 10 if ":sqs:" in source else 100,
        "FunctionArn": function,
        "LastModified": world.now(),
        "LastProcessingResult": "No records processed",
        "State": "Enabled" if enabled else "Disabled",
        "StateTransitionReason": "USER_INITIATED",
        "EventSourceMappingArn": (
            f"arn:aws:lambda:{request.region}:{request.account}:event-source-mapping:{identity}"
        ),
    }
    if source:
        made["EventSourceArn"] = source
    return made


def _shown(world: World, request: Request, made: dict[str, Any]) -> dict[str, Any]:
    """A mapping whose function is gone stays, with "PROBLEM: Function not found" (seen on AWS:
    hashicorp/terraform#4089, rebuy-de/aws-nuke#298)."""
    name = made["FunctionArn"].split(":")[6]
    if name in here(world, request).functions:
        return made
    return {**made, "LastProcessingResult": "PROBLEM: Function not found"}


def _one(world: World, request: Request) -> dict[str, Any]:
    made = here(world, request).triggers.get(request.text("UUID"))
    if made is None:
        raise AwsError(
            "ResourceNotFoundException", "The resource you requested does not exist.", 404
        )
    return made


def get_event_source_mapping(world: World, request: Request) -> Reply:
    return json_reply(_shown(world, request, _one(world, request)))


def update_event_source_mapping(world: World, request: Request) -> Reply:
    """202 and a passing state; ``Enabled`` False disables (API_UpdateEventSourceMapping)."""
    made = _one(world, request)
    made.update((key, request.params[key]) for key in KEPT if key in request.params)
    passing = "Updating"
    if "FunctionName" in request.params:
        name, qualifier, _ = function_of(world, request)
        made["FunctionArn"] = function_arn(request, name, qualifier)
    if "Enabled" in request.params:
        enabled = bool(request.params["Enabled"])
        passing = "Enabling" if enabled else "Disabling"
        made["State"] = "Enabled" if enabled else "Disabled"
    made["LastModified"] = world.now()
    return json_reply({**_shown(world, request, made), "State": passing}, 202)


def delete_event_source_mapping(world: World, request: Request) -> Reply:
    """202, State Deleting; gone at the next look (API_DeleteEventSourceMapping)."""
    made = _one(world, request)
    del here(world, request).triggers[made["UUID"]]
    return json_reply({**_shown(world, request, made), "State": "Deleting"}, 202)


def list_event_source_mappings(world: World, request: Request) -> Reply:
    """100 a page; by function (as named, with its qualifier) or by source
    (API_ListEventSourceMappings)."""
    source = request.text("EventSourceArn")
    wanted = ""
    if request.text("FunctionName"):
        wanted = function_arn(request, *named(request))
    triggers = here(world, request).triggers
    page, marker = world.page(
        request,
        lambda: [
            trigger
            for trigger in triggers.values()
            if (not wanted or trigger["FunctionArn"] == wanted)
            and (not source or trigger.get("EventSourceArn") == source)
        ],
        min(int(request.params.get("MaxItems") or 100), 100),
        request.params.get("Marker"),
        "InvalidParameterValueException",
    )
    shown = [_shown(world, request, trigger) for trigger in page]
    return json_reply({"EventSourceMappings": shown, "NextMarker": marker})
