"""Undoes a deployment to ECS: restores the task definition, and deregisters the run's revisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.deploy.rollout.known import UPDATE_SERVICE
from jotgraph.deploy.rollout.services import names_of, put_back, read_service
from jotgraph.deploy.rollout.task_definitions import REGISTER, deregister, own_revisions
from jotgraph.deploy.undo.model import CHANGED_BETWEEN, Todo, changed_since, is_broken, nothing
from jotgraph.deploy.undo.needed import needed_definition
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import RefusedError
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import ResourceId
from jotgraph.sources.aws.ecs_services import services_on


def service(undoing: Undoing, resource: ResourceId) -> Todo:
    """Restore the task definition that a service had before the run."""
    place = undoing.session.client(resource)
    try:
        current: dict[str, Any] = read_service(place, resource)
    except RefusedError:
        current = {}
    updates = undoing.calls(resource, UPDATE_SERVICE)
    before = str(updates[0].params["kept"]["definition"]) if updates else ""
    revisions, stay = _registered(undoing, resource)
    now = str(current.get("taskDefinition") or "")
    given = {str(update.params["taskDefinition"]) for update in updates}
    if before and (later := undoing.changed_later(resource, {"definition": now})):
        return nothing(UndoStatus.CANNOT, later)
    moves = bool(before) and now in given and now != before
    if before and now and not moves and now != before:
        return undoing.changed_since(resource, {"definition": now})
    changes = [
        (update.params["kept"]["definition"], update.params["taskDefinition"]) for update in updates
    ]
    if moves and is_broken(changes):
        return CHANGED_BETWEEN
    if not moves and not revisions:
        why = f"it is as it was{_and(stay)}"
        return nothing(UndoStatus.CANNOT if stay else UndoStatus.RESTORED, why)
    listed = ", ".join(_short(revision) for revision in revisions)
    words = [f"put it back on {_short(before)}"] if moves else []
    words += [f"make {listed} inactive"] if revisions else []

    def do() -> str:
        if moves:
            if read_service(place, resource)["taskDefinition"] != now:
                raise changed_since()
            put_back(undoing.session, resource, before)
        for revision in revisions:
            deregister(undoing.session, resource, revision)
        back = [f"back on {_short(before)}"] if moves else []
        are = "are" if len(revisions) > 1 else "is"
        gone = [f"{listed} {are} inactive"] if revisions else []
        return "; ".join([*back, *gone]) + _and(stay)

    return Todo(UndoStatus.RESTORED, " and ".join(words) + _and(stay), do)


def _short(definition: str) -> str:
    return definition.rpartition("/")[2]


def _and(stay: Mapping[str, str]) -> str:
    return "".join(f"; {_short(name)} stays active: {why}" for name, why in stay.items())


def _registered(undoing: Undoing, resource: ResourceId) -> tuple[list[str], dict[str, str]]:
    """The run's active revisions, newest first; and those that are kept, with the reason."""
    place = undoing.session.client(resource)
    revisions: list[str] = []
    stay: dict[str, str] = {}
    for definition in _own(undoing, resource):
        name = "/".join(names_of(resource))
        others = [service for service in services_on(place, definition) if service != name]
        why = needed_definition(definition, undoing.run)
        if others or why:
            stay[definition] = f"service {others[0]} is on it" if others else why
        else:
            revisions.append(definition)
    return revisions, stay


def _own(undoing: Undoing, resource: ResourceId) -> list[str]:
    """The ARNs of the run's own active revisions, newest first. These are the deployed ones, and as
    many of the oldest with its tag as it may have registered besides: whoever registers a revision
    from another one copies its tags, too."""
    calls = undoing.calls(resource, REGISTER)
    families = sorted({str(call.params["family"]) for call in calls})
    deployed = {
        str(call.params["taskDefinition"]) for call in undoing.calls(resource, UPDATE_SERVICE)
    }
    place = undoing.session.client(resource)
    tagged = [
        str(definition["taskDefinitionArn"])
        for family in families
        for definition in own_revisions(place, undoing.identity, family)
    ]
    known = [arn for arn in tagged if arn in deployed]
    beside = [arn for arn in reversed(tagged) if arn not in deployed]
    own = {*known, *beside[: max(0, len(calls) - len(deployed))]}
    return [arn for arn in tagged if arn in own]


SERVICE = service
