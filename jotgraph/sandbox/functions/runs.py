"""Lambda running, without running anything: invocations are counted, aged functions fail."""

from __future__ import annotations

from jotgraph.sandbox.functions.common import configuration, function_of
from jotgraph.sandbox.functions.images import image_is_gone
from jotgraph.sandbox.wire import AwsError, Reply, Request
from jotgraph.sandbox.world import World


def invoke(world: World, request: Request) -> Reply:
    """Run nothing, answer ``null`` and count the invocation; throttled when the reserved
    concurrency is 0 ("To throttle a function, set the reserved concurrency to zero"), failed when
    the image is gone and Lambda has noticed (API_Invoke)."""
    name, qualifier, function = function_of(world, request)
    config = configuration(request, name, function, qualifier)
    if function.concurrency == 0:
        _count(world, request, "Throttles", name, qualifier)
        raise AwsError(
            "TooManyRequestsException",
            "Rate Exceeded.",
            429,
            Reason="ReservedFunctionConcurrentInvocationLimitExceeded",
        )
    if config.get("State") == "Failed":
        raise AwsError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the "
            "following state: Failed",
            409,
        )
    _count(world, request, "Invocations", name, qualifier)
    return Reply(200, b"null", (("Content-Type", "application/json"),))


def _count(world: World, request: Request, metric: str, name: str, qualifier: str) -> None:
    """One more, of the function and of the qualifier by which it was called (Lambda guide, "Types
    of metrics": what is throttled counts in Throttles and not in Invocations)."""
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
