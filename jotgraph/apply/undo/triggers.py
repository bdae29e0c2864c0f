"""Lambda: an event source mapping, with another id."""

from __future__ import annotations

import re
from typing import Any

from jotgraph.apply.lambda_ import UPDATE
from jotgraph.apply.undo.restorer import CannotError, Maker
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.records import ResourceId, Trigger
from jotgraph.records.references import lambda_target
from jotgraph.sources.session import World
from jotgraph.sources.single import parts, read
from jotgraph.store.journal import Journal

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


def trigger(make: Maker) -> str:
    """Its settings as they were; a stream is read from its end."""
    found = make.answers["GetEventSourceMapping"]
    given = {key: found[key] for key in _KEPT if found.get(key)}
    if found.get("StartingPosition"):
        given["StartingPosition"] = "LATEST"
    _require_target(make, found["FunctionArn"])
    state = make.before.get("state", found.get("State"))
    enabled = state in ("Enabled", "Enabling", "Creating")
    made = _made(make, FunctionName=found["FunctionArn"], Enabled=enabled, **given)
    make.note(make.id, uuid=made)
    lost = "; its place in the stream is lost" if found.get("StartingPosition") else ""
    return f"with another id ({made}){lost}"


def enable(world: World, journal: Journal, trigger: ResourceId) -> str:
    """Enable a trigger, unless it is so or is gone. Raises CallFailedError."""
    found = read(world, trigger)
    if not isinstance(found, Trigger):
        return "it is gone"
    if found.state not in ("Enabled", "Enabling", "Deleting"):
        account, region, uuid = parts(trigger)
        place, params = world.place(account, region), {"UUID": uuid, "Enabled": True}
        journal.call(
            (trigger,),
            UPDATE,
            params,
            lambda: place.ask("lambda", "UpdateEventSourceMapping", **params),
            putting_back=True,
        )
    return "it is enabled"


def _require_target(make: Maker, arn: str) -> None:
    """Raise CannotError when what it calls is missing, ApplyError when that is to come back first:
    Lambda makes no mapping of a function or alias that is not there (404)."""
    target = lambda_target(arn)
    if target is None or read(make.world, target) is not None:
        return
    if target in make.gone:
        raise ApplyError(f"it calls {arn}, which is not back")
    raise CannotError(f"it calls {arn}, which is not there; its settings are in the backup")


def _made(make: Maker, **params: Any) -> str:
    """The id of the mapping made now, or by an undo that did not live to read the answer."""
    try:
        return str(make.ask("lambda", "CreateEventSourceMapping", **params)["UUID"])
    except CallFailedError as error:
        held = _UUID.search(error.failure.message)
        if make.resuming and held:
            return held[1]
        raise
