"""Turns a plan to delete into one that puts the same resources in quarantine, reversibly.

A trigger is disabled, a function's concurrency set to 0, an ECR image archived, a role denied to
everybody. Other kinds are left for the sweep or kept, and so is whatever they still use: an image
is archived only when everything that runs it is in quarantine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from jotgraph.graph import ResourceGraph, record
from jotgraph.plan.model import QUARANTINES, Block, Kept, Plan, Step
from jotgraph.records import (
    Alias,
    EcrImage,
    Function,
    Kind,
    Node,
    ResourceId,
    Trigger,
    Version,
    function_of,
    kind_of,
)
from jotgraph.records.phrases import counted
from jotgraph.records.quarantine import set_aside
from jotgraph.records.references import lambda_target

_PART = "only a whole function can be put in quarantine"
NO_QUARANTINE = {
    Kind.VERSION: _PART,
    Kind.ALIAS: _PART,
    Kind.ECR_REPO: "repositories cannot be put in quarantine: left for the sweep",
    Kind.LOG_GROUP: "kept: log groups can only be deleted, without --quarantine",
    Kind.LOCAL_IMAGE: "kept: images of the Docker engine can only be deleted, without --quarantine",
    Kind.CONTAINER: "kept: containers can only be deleted, without --quarantine",
}
"""Why some kinds that may be deleted cannot be put in quarantine."""


def quarantined(graph: ResourceGraph, plan: Plan) -> Plan:
    """Return the same decision with reversible steps, without a digest."""
    asleep = {step.id for step in plan.steps if kind_of(step.id) is Kind.FUNCTION}
    asleep -= {function for function in asleep if _invoked(record(graph, function))}
    steps: list[Step] = []
    blocks, left = list(plan.blocks), list[Kept]()
    kept = [resource for resource in plan.kept if kind_of(resource.id) is not Kind.LOG_GROUP]
    quiet: set[ResourceId] = set()
    """What no longer runs after the steps so far."""
    covers: dict[ResourceId, ResourceId] = {}
    """Versions and aliases -> the function in quarantine that covers them."""
    wanted = {step.id for step in plan.steps}
    for step in plan.steps:
        node = record(graph, step.id)
        awake = [earlier for earlier in step.after if earlier in wanted and earlier not in quiet]
        if isinstance(node, Version | Alias):
            if node.function in asleep:
                quiet.add(step.id)
                covers[step.id] = node.function
                because = "throttled with its function; left for the sweep"
                left.append(Kept(id=step.id, because=because))
            else:
                kept.append(Kept(id=step.id, because=NO_QUARANTINE[kind_of(step.id)]))
        elif because := set_aside(node):
            quiet.add(step.id)
            kept.append(Kept(id=step.id, because=because))
        elif kind_of(step.id) not in QUARANTINES:
            shelf = left if kind_of(step.id) is Kind.ECR_REPO else kept
            shelf.append(Kept(id=step.id, because=NO_QUARANTINE[kind_of(step.id)]))
        elif because := _awake(node, awake) or _torn(node, wanted - asleep):
            blocks.append(Block(id=step.id, because=because, by=tuple(awake)))
        else:
            quiet.add(step.id)
            steps.append(_step(step))
    deleted = {step.id for step in steps}
    return msgspec.structs.replace(
        plan,
        quarantine=True,
        steps=tuple(_only(step, deleted, covers) for step in steps),
        blocks=tuple(sorted(blocks, key=lambda block: block.id)),
        kept=tuple(sorted(kept, key=lambda resource: resource.id)),
        left=tuple(left),
        ecr_bytes=0,
        dollars_a_month=0.0,
        local_bytes=0,
        at_most=False,
    )


def _step(step: Step) -> Step:
    action = QUARANTINES[kind_of(step.id)]
    return msgspec.structs.replace(step, action=action, bytes=None, at_most=False)


def _only(
    step: Step, deleted: Collection[ResourceId], covers: Mapping[ResourceId, ResourceId]
) -> Step:
    """A step that depends on steps only: on a function instead of a part of it."""
    after = {covers.get(earlier, earlier) for earlier in step.after} & set(deleted) - {step.id}
    return msgspec.structs.replace(step, after=tuple(sorted(after)))


def _awake(node: Node, awake: list[ResourceId]) -> str:
    """Why something may not be put in quarantine though it may be deleted; empty when it may."""
    if count := _invoked(node):
        return f"called {counted(count, 'time')} in the window read, so it is not put in quarantine"
    if isinstance(node, EcrImage) and node.status != "ACTIVE":
        return f"it is {node.status}"
    if awake:
        shown = awake[0].partition(":")[2]
        return f"still used by {shown}, which the quarantine does not stop"
    return ""


def _torn(node: Node, staying: Collection[ResourceId]) -> str:
    """Whether a trigger would be removed from a function that is not in quarantine."""
    target = lambda_target(node.function_arn) if isinstance(node, Trigger) else None
    if target is not None and function_of(target) in staying:
        return "its function is not put in quarantine, so it stays complete"
    return ""


def _invoked(node: Node) -> int:
    return (node.invocations or 0) if isinstance(node, Function) else 0
