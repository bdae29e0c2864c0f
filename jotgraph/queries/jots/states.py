"""Graph and configurations -> the states of a row."""

from __future__ import annotations

from jotgraph.analysis.provenance import Claims, saved_copies
from jotgraph.analysis.usage.quarantine import mark_of
from jotgraph.graph import ResourceGraph, dependencies, record
from jotgraph.links import Relation
from jotgraph.queries.answers.jots import Configuration, State
from jotgraph.records import EcrImage, Missing, ResourceId


def states_of(
    graph: ResourceGraph,
    group: list[Configuration],
    image: ResourceId | None,
    claims: Claims,
    *,
    drift: bool,
) -> tuple[State, ...]:
    """What is to be said of a group of configurations that run one image, worst first."""
    found = {State.DRIFT} if drift else set()
    asleep = any(mark_of(graph, each) for each in group)
    if asleep:
        found.add(State.QUARANTINED)
    if not (asleep and image and _archived(graph, image)):  # that is no accident
        found |= _image_states(graph, image)
    if image and State.BROKEN in found and (_archived(graph, image) or saved_copies(graph, image)):
        found.add(State.RESCUABLE)
    if claims.conflict:
        found.add(State.CONFLICT)
    for each in group:
        if each.package_type != "Image":
            found.add(State.ZIP)
        if each.state_reason in ("ImageDeleted", "ImageAccessDenied", "InvalidImage"):
            found.add(State.BROKEN)
        elif each.state == "Failed" or each.last_update_status == "Failed":
            found.add(State.FAILED)
        elif each.state == "Inactive" or each.state_reason == "Idle":
            found.add(State.IDLE)
        for role in dependencies(graph, each.id, Relation.ASSUMES):
            node = record(graph, role)
            if isinstance(node, Missing) and node.looked:
                found.add(State.ROLE_MISSING)
    return tuple(each for each in State if each in found)


def _image_states(graph: ResourceGraph, image: ResourceId | None) -> set[State]:
    node = record(graph, image) if image else None
    if isinstance(node, Missing):
        return {State.BROKEN if node.looked else State.IMAGE_UNREAD}
    if isinstance(node, EcrImage) and node.status != "ACTIVE":
        return {State.BROKEN}
    return set()


def _archived(graph: ResourceGraph, image: ResourceId) -> bool:
    node = record(graph, image)
    return isinstance(node, EcrImage) and node.status == "ARCHIVED"
