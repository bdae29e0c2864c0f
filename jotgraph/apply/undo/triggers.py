"""Restores an event source mapping of Lambda, under another id."""

from __future__ import annotations

import re
from typing import Any

from jotgraph.apply.session import Session
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.errors import ApplyError, CallFailedError, UnrestorableError
from jotgraph.records import ResourceId, Trigger, name_of
from jotgraph.records.references import lambda_target

_KEPT = (
    "EventSourceArn", "BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor",
    "DestinationConfig", "Topics", "Queues", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "BisectBatchOnFunctionError", "TumblingWindowInSeconds", "FunctionResponseTypes",
    "FilterCriteria", "ScalingConfig", "SourceAccessConfigurations", "SelfManagedEventSource",
    "KMSKeyArn", "AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig", "MetricsConfig", "ProvisionedPollerConfig", "LoggingConfig",
)  # fmt: skip
"""Members of an EventSourceMappingConfiguration that CreateEventSourceMapping takes."""
_UUID = re.compile(r"with UUID ([0-9a-f-]{36})")


def trigger(restorer: Restorer) -> str:
    """Create a trigger with its previous settings; a stream is read from its end."""
    copy = restorer.answers["GetEventSourceMapping"]
    request = {key: copy[key] for key in _KEPT if copy.get(key)}
    if tags := restorer.tags((restorer.answers.get("ListTags") or {}).get("Tags") or {}):
        request["Tags"] = tags
    if copy.get("StartingPosition"):
        request["StartingPosition"] = "LATEST"
    _require_target(restorer, copy["FunctionArn"])
    state = restorer.before.get("state", copy.get("State"))
    enabled = state in ("Enabled", "Enabling", "Creating")
    uuid = _made(restorer, FunctionName=copy["FunctionArn"], Enabled=enabled, **request)
    restorer.note(restorer.id, uuid=uuid)
    lost = "; its place in the stream is lost" if copy.get("StartingPosition") else ""
    return f"with another id ({uuid}){lost}"


def enable(session: Session, trigger: ResourceId) -> str:
    """Enable a trigger, unless it is enabled or gone. Raises CallFailedError."""
    record = session.read(trigger)
    if not isinstance(record, Trigger):
        return "it is gone"
    if record.state not in ("Enabled", "Enabling", "Deleting"):
        session.call(
            (trigger,),
            "lambda",
            "UpdateEventSourceMapping",
            putting_back=True,
            UUID=name_of(trigger),
            Enabled=True,
        )
    return "it is enabled"


def _require_target(restorer: Restorer, arn: str) -> None:
    """Raise UnrestorableError when the target is missing, ApplyError when the target has to be
    restored first. Lambda refuses a mapping for a function or alias that does not exist (404)."""
    target = lambda_target(arn)
    if target is None or restorer.session.read(target) is not None:
        return
    if target in restorer.gone:
        raise ApplyError(f"it calls {arn}, which is not restored")
    raise UnrestorableError(f"it calls {arn}, which is not there; its settings are in the backup")


def _made(restorer: Restorer, **params: Any) -> str:
    """The id of the mapping created now, or by an undo that was stopped before it got the
    answer."""
    try:
        return str(restorer.ask("lambda", "CreateEventSourceMapping", **params)["UUID"])
    except CallFailedError as error:
        existing = _UUID.search(error.failure.message)
        if restorer.resuming and existing:
            return existing[1]
        raise
