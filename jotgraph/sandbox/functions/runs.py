"""Lambda running: what Invoke answers, counts and logs; aged functions fail.

No image is run. A function answers what a handler of this process says (``Sandbox.answer``), and
``null`` without one. Correction to moto 5.2, which needs a Docker engine for it.
"""

from __future__ import annotations

import base64
import json
import traceback
import uuid
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.functions.common import LATEST, configuration, function_of
from jotgraph.sandbox.functions.functions import going_on
from jotgraph.sandbox.functions.images import image_is_gone
from jotgraph.sandbox.wire import AwsError, Reply, Request
from jotgraph.sandbox.world import Function, Invoked, World

DURATION, INIT, MEMORY = 1.5, 100.0, 40
"""What every REPORT says: milliseconds, those of a cold start, and megabytes."""
_TAIL = 4096
"""Bytes of the log that ``LogType=Tail`` gives (API_Invoke)."""


def invoke(world: World, request: Request) -> Reply:
    """Answer by the declared handler, and count the invocation; throttled when the reserved
    concurrency is 0 ("To throttle a function, set the reserved concurrency to zero"), refused while
    it is created, and when the image is gone and Lambda has noticed (API_Invoke)."""
    name, qualifier, function = function_of(world, request)
    version = _routed(world, function, qualifier)
    config = configuration(request, name, function, version)
    if function.concurrency == 0:
        _count(world, request, "Throttles", name, qualifier)
        raise AwsError(
            "TooManyRequestsException",
            "Rate Exceeded.",
            429,
            Reason="ReservedFunctionConcurrentInvocationLimitExceeded",
        )
    state = {**config, **going_on(function)}.get("State")
    if state in ("Failed", "Pending"):
        raise AwsError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the "
            f"following state: {state}",
            409,
        )
    kind = request.text("InvocationType", "RequestResponse")
    if kind == "DryRun":
        return Reply(204)
    event = _event(request)
    _count(world, request, "Invocations", name, qualifier)
    if kind == "Event":
        _run(world, function, config, event)
        return Reply(202)
    body, failed, log = _run(world, function, config, event)
    headers = [("Content-Type", "application/json"), ("X-Amz-Executed-Version", config["Version"])]
    if failed:
        _count(world, request, "Errors", name, qualifier)
        headers.append(("X-Amz-Function-Error", "Unhandled"))
    if request.text("LogType") == "Tail":
        tail = base64.b64encode("\n".join([*log, ""]).encode()[-_TAIL:])
        headers.append(("X-Amz-Log-Result", tail.decode()))
    return Reply(200, body, tuple(headers))


def _routed(world: World, function: Function, qualifier: str) -> str:
    """The version that a call of an alias reaches: by its weights, if it has any
    (API_AliasRoutingConfiguration)."""
    alias = function.aliases.get(qualifier)
    if alias is None:
        return qualifier
    left = world.chance.random()
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    for version, weight in weights.items():
        left -= weight
        if left < 0:
            return str(version)
    return str(alias["FunctionVersion"])


def _event(request: Request) -> Any:
    payload = request.params.get("Payload") or b""
    try:
        return json.loads(payload) if payload else None
    except ValueError as error:
        raise AwsError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: {error}",
        ) from error


def _run(
    world: World, function: Function, config: Mapping[str, Any], event: Any
) -> tuple[bytes, bool, list[str]]:
    """The answer, whether it is an error of the function, and what was logged."""
    number, logged = str(uuid.uuid4()), list[str]()
    digest = str(config.get("ResolvedImageUri") or "").partition("@")[2]
    answer = world.answers.get(digest) or world.answers.get(config["FunctionName"]) or _nothing
    context = Invoked(number, config["FunctionName"], config["Version"], digest, logged.append)
    failed = False
    try:
        body = json.dumps(answer(event, context)).encode()
    except Exception as error:  # whatever a handler raises is its function's error
        failed = True
        body = json.dumps(
            {
                "errorMessage": str(error),
                "errorType": type(error).__name__,
                "requestId": number,
                "stackTrace": traceback.format_tb(error.__traceback__)[1:],
            }
        ).encode()
        logged.append(f"[ERROR] {type(error).__name__}: {error}")
    cold = config["RevisionId"] not in function.warm
    function.warm.add(config["RevisionId"])
    return body, failed, _logged(config, number, logged, cold=cold)


def _nothing(event: Any, invoked: Invoked) -> None:
    """The answer of a function for which no handler is declared."""


def _logged(config: Mapping[str, Any], number: str, output: list[str], *, cold: bool) -> list[str]:
    """The lines of one invocation, as Lambda writes them: plain, or JSON where the function logs so
    (Lambda guide, "Using Lambda advanced logging controls"). A cold start is billed, too."""
    billed = DURATION + (INIT if cold else 0.0)
    billed = float(-(-billed // 1))
    memory = config.get("MemorySize", 128)
    if (config.get("LoggingConfig") or {}).get("LogFormat") == "JSON":
        metrics = {
            "durationMs": DURATION,
            "billedDurationMs": int(billed),
            "memorySizeMB": memory,
            "maxMemoryUsedMB": MEMORY,
            **({"initDurationMs": INIT} if cold else {}),
        }
        record = {"requestId": number, "status": "success", "metrics": metrics}
        return [*output, json.dumps({"type": "platform.report", "record": record})]
    report = (
        f"REPORT RequestId: {number}\tDuration: {DURATION:.2f} ms\t"
        f"Billed Duration: {billed:.0f} ms\tMemory Size: {memory} MB\t"
        f"Max Memory Used: {MEMORY} MB\t"
    )
    report += f"Init Duration: {INIT:.2f} ms\t" if cold else ""
    version = config.get("Version", LATEST)
    start = f"START RequestId: {number} Version: {version}"
    return [start, *output, f"END RequestId: {number}", report]


def _count(world: World, request: Request, metric: str, name: str, qualifier: str) -> None:
    """Count one invocation, for the function and for the qualifier by which it was called.
    Throttled calls count in Throttles and not in Invocations (Lambda guide, "Types of metrics")."""
    series = world.metrics.setdefault((request.account, request.region), {})
    dimensions = [("FunctionName", name)]
    for key in {(), (("Resource", f"{name}:{qualifier}"),) if qualifier else ()}:
        point = (world.now(), 1.0)
        series.setdefault((metric, *sorted([*dimensions, *key])), []).append(point)


def age(world: World) -> int:
    """Let Lambda's periodic fetch of images happen now: a function or version whose image is gone
    becomes Failed with reason ImageDeleted (Lambda guide, "Function states"). Returns how many."""
    failed = 0
    for place in world.lambdas.values():
        for function in place.functions.values():
            for config in (function.latest, *function.versions.values()):
                uri = config.get("ResolvedImageUri")
                if uri and config.get("State") != "Failed" and image_is_gone(uri):
                    config.update(
                        State="Failed",
                        StateReason="The image for this function was deleted or is not accessible",
                        StateReasonCode="ImageDeleted",
                    )
                    failed += 1
    return failed
