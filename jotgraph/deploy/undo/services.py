"""Taking back a deployment to ECS: the service is on its task definition again, and the revisions
that the run registered are inactive."""

from __future__ import annotations

from typing import Any

from jotgraph.deploy.rollout.known import UPDATE_SERVICE
from jotgraph.deploy.rollout.services import put_back, read_service
from jotgraph.deploy.rollout.task_definitions import REGISTER, deregister, own_revisions
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
    updates = undoing.calls(resource, UPDATE_SERVICE)
    before = str(updates[0].params["kept"]["definition"]) if updates else ""
    revisions = _registered(undoing, resource)
    now = str(current.get("taskDefinition") or "")
    given = {str(update.params["taskDefinition"]) for update in updates}
    moves = bool(before) and now in given and now != before
    if before and now and not moves and now != before:
        why = undoing.changed_since(resource, {"definition": now})
        return nothing(UndoStatus.CANNOT, why)
    changes = [
        (update.params["kept"]["definition"], update.params["taskDefinition"]) for update in updates
    ]
    if moves and is_broken(changes):
        return nothing(UndoStatus.CANNOT, CHANGED_BETWEEN)
    if not moves and not revisions:
        return nothing(UndoStatus.RESTORED, "it is as it was")
    listed = ", ".join(revision.rpartition("/")[2] for revision in revisions)
    words = [f"put it back on {before.rpartition('/')[2]}"] if moves else []
    words += [f"make {listed} inactive"] if revisions else []

    def do() -> str:
        if moves:
            if read_service(place, resource)["taskDefinition"] != now:
                raise RefusedError(CHANGED_SINCE)
            put_back(undoing.session, resource, before)
        for revision in revisions:
            deregister(undoing.session, resource, revision)
        back = [f"back on {before.rpartition('/')[2]}"] if moves else []
        are = "are" if len(revisions) > 1 else "is"
        gone = [f"{listed} {are} inactive"] if revisions else []
        return "; ".join([*back, *gone])

    return Todo(UndoStatus.RESTORED, " and ".join(words), do)


def _registered(undoing: Undoing, resource: ResourceId) -> list[str]:
    """The revisions that the run registered and that are active, newest first."""
    place = undoing.session.client(resource)
    families = {str(call.params["family"]) for call in undoing.calls(resource, REGISTER)}
    return [
        str(definition["taskDefinitionArn"])
        for family in sorted(families)
        for definition in own_revisions(place, undoing.identity, family)
    ]


SERVICE = service
