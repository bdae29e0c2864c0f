"""Taking back a deployment to ECS: the service is on its task definition again, and the revision
that the run registered is inactive."""

from __future__ import annotations

from typing import Any

from jotgraph.deploy.rollout.services import UPDATE, put_back, read_service
from jotgraph.deploy.rollout.task_definitions import REGISTER, deregister, own_revision
from jotgraph.deploy.undo.model import CHANGED_BETWEEN, CHANGED_SINCE, Todo, is_broken, nothing
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import RefusedError
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import ResourceId


def service(undoing: Undoing, resource: ResourceId) -> Todo:
    """A service goes back to the task definition that it had before the run."""
    place = undoing.session.client(resource)
    try:
        current: dict[str, Any] = read_service(place, resource)
    except RefusedError:
        current = {}
    updates = undoing.calls(resource, UPDATE)
    before = str(updates[0].params["kept"]["definition"]) if updates else ""
    revision = _registered(undoing, resource)
    now = str(current.get("taskDefinition") or "")
    given = {str(update.params["taskDefinition"]) for update in updates}
    moves = bool(before) and now in given and now != before
    if before and now and not moves and now != before:
        return nothing(UndoStatus.CANNOT, CHANGED_SINCE)
    changes = [(one.params["kept"]["definition"], one.params["taskDefinition"]) for one in updates]
    if moves and is_broken(changes):
        return nothing(UndoStatus.CANNOT, CHANGED_BETWEEN)
    if not moves and not revision:
        return nothing(UndoStatus.RESTORED, "it is as it was")
    words = [f"put it back on {before.rpartition('/')[2]}"] if moves else []
    words += [f"make {revision.rpartition('/')[2]} inactive"] if revision else []

    def do() -> str:
        if moves:
            put_back(undoing.session, resource, before)
        if revision:
            deregister(undoing.session, resource, revision)
        back = [f"back on {before.rpartition('/')[2]}"] if moves else []
        gone = [f"{revision.rpartition('/')[2]} is inactive"] if revision else []
        return "; ".join([*back, *gone])

    return Todo(UndoStatus.RESTORED, " and ".join(words), do)


def _registered(undoing: Undoing, resource: ResourceId) -> str:
    """The revision that the run registered, while it is active; empty when there is none."""
    calls = undoing.calls(resource, REGISTER)
    if not calls:
        return ""
    place = undoing.session.client(resource)
    found = own_revision(place, undoing.run, str(calls[0].params["family"]))
    return str(found["taskDefinitionArn"]) if found else ""


SERVICE = service
