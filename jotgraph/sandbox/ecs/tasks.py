"""ECS's tasks: started, listed, described, stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecs.common import (
    TASKS,
    at_most,
    by_names,
    cluster_of,
    definition_of,
    invalid,
    new_task,
    with_tags,
)
from jotgraph.sandbox.kept import Paging, arn, cut, last, shelf
from jotgraph.sandbox.wire import Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

PAGES = Paging("taskArns", 100, 100)


def run_task(world: World, request: Request) -> Reply:
    """Up to 10 tasks; each resolves its tags as it starts (ECS guide, "Container image
    resolution")."""
    cluster = cluster_of(world, request)
    definition = definition_of(world, request, request.text("taskDefinition"))
    count = int(request.params.get("count") or 1)
    if not 1 <= count <= 10:
        raise invalid("Count must be between 1 and 10.")
    words = {key: request.params.get(key) for key in ("startedBy", "group", "overrides", "tags")}
    tasks = [new_task(world, request, cluster, definition, {}, **words) for _ in range(count)]
    return json_reply({"tasks": tasks, "failures": []})


def stop_task(world: World, request: Request) -> Reply:
    cluster = cluster_of(world, request)
    task = shelf(world, request, TASKS).get(_arn(request, cluster, request.text("task")))
    if task is None:
        raise invalid("The referenced task was not found.")
    stop(world, task, request.text("reason", "Task stopped by user"))
    return json_reply({"task": task})


def stop(world: World, task: dict[str, Any], reason: str) -> None:
    task.update(
        lastStatus="STOPPED", desiredStatus="STOPPED", stoppedReason=reason, stoppedAt=world.now()
    )
    for container in task["containers"]:
        container["lastStatus"] = "STOPPED"


def list_tasks(world: World, request: Request) -> Reply:
    """Tasks of one cluster, the default one when none is named; ``desiredStatus`` is RUNNING
    unless told (API_ListTasks)."""
    cluster = cluster_of(world, request)
    status = request.text("desiredStatus", "RUNNING")

    def fits(task: Mapping[str, Any]) -> bool:
        family = last(task["taskDefinitionArn"]).partition(":")[0]
        return (
            task["clusterArn"] == cluster["clusterArn"]
            and task["desiredStatus"] == status
            and request.text("family") in ("", family)
            and request.text("startedBy") in ("", task.get("startedBy"))
            and (
                not request.text("serviceName")
                or task["group"] == f"service:{last(request.text('serviceName'))}"
            )
        )

    tasks = shelf(world, request, TASKS).values()
    return cut(world, request, PAGES, lambda: [e["taskArn"] for e in tasks if fits(e)])


def describe_tasks(world: World, request: Request) -> Reply:
    """Up to 100, stopped ones too for a while (API_DescribeTasks)."""
    cluster = cluster_of(world, request)
    names = at_most(request.params.get("tasks"), 100, "Tasks")
    tasks = shelf(world, request, TASKS)
    listed, failures = by_names(tasks, names, lambda name: _arn(request, cluster, name))
    shown = [with_tags(task, request) for task in listed]
    return json_reply({"tasks": shown, "failures": failures})


def _arn(request: Request, cluster: Mapping[str, Any], name: str) -> str:
    return arn(request, "ecs", f"task/{cluster['clusterName']}/{last(name)}")


HANDLERS: Mapping[str, Handler] = {
    "DescribeTasks": describe_tasks,
    "ListTasks": list_tasks,
    "RunTask": run_task,
    "StopTask": stop_task,
}
