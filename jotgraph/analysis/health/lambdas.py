"""Rules on functions, versions and aliases: role, calls, quarantine, routing."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.health.commands import another, ours
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.names import argument
from jotgraph.analysis.health.subject import Subject
from jotgraph.graph import about, dependencies, record
from jotgraph.links import Relation
from jotgraph.records import (
    Alias,
    Function,
    Missing,
    Pairs,
    ResourceId,
    Role,
    Version,
    Workload,
    name_of,
    version_id,
)
from jotgraph.records.quarantine import mark_in_tags


def role(on: Subject) -> Iterator[Finding]:
    """The role that it assumes is gone, or was deleted and created again."""
    node = on.node
    if not isinstance(node, (Function, Version, Workload)):
        return
    roles = dependencies(on.graph, on.id, Relation.ASSUMES)
    if not roles and not isinstance(node, Workload):
        statement = "which role it assumes was not read"
        yield on.unknown(Code.ROLE_MISSING, Fact.ROLE, statement)
    for assumed in roles:
        node_of_role = record(on.graph, assumed)
        if isinstance(node_of_role, Missing) and node_of_role.looked:
            statement = f"role {name_of(assumed)} is gone: the function cannot start"
            command = on.command("impact", assumed)
            yield on.finding(Code.ROLE_MISSING, statement, command, fault=assumed)
        elif not isinstance(node_of_role, Role):
            statement = f"whether role {name_of(assumed)} is there was not read"
            yield on.unknown(Code.ROLE_MISSING, Fact.ROLE, statement)
        elif not isinstance(node, Workload):
            yield from _recreated(on, node, node_of_role)


def _recreated(on: Subject, node: Function | Version, role: Role) -> Iterator[Finding]:
    """A finding that the role was created again: its new id has lost what Lambda granted to the old
    one (KMS)."""
    if role.created_at is None or node.last_modified is None:
        statement = f"whether role {role.name} is older than the function was not read"
        yield on.unknown(Code.ROLE_RECREATED, Fact.ROLE, statement)
    elif role.created_at > node.last_modified:
        statement = (
            f"role {role.name} was created after the function, on {role.created_at:%Y-%m-%d}: "
        )
        command = on.command("show", role.id)
        if isinstance(node, Function):  # to set the role anew is to grant anew
            words = ["aws", "lambda", "update-function-configuration", "--region", node.region]
            words += ["--function-name", f"{node.account}:{node.name}", "--role", node.role_arn]
            command = another(*words)
        statement += "grants to the old role are lost"
        yield on.finding(Code.ROLE_RECREATED, statement, command, fault=role.id)


def called(on: Subject) -> Iterator[Finding]:
    """Nobody called it within the scan's window."""
    node = on.node
    if not isinstance(node, (Function, Version, Alias)):
        return
    if node.invocations == 0:
        statement = f"not called in the {about(on.graph).scope.window_days} days read"
        command = ours("plan", "delete", argument(on.graph, on.id), "--quarantine")
        yield on.finding(Code.IDLE, statement, command)
    elif node.invocations is None:
        yield on.unknown(Code.IDLE, Fact.INVOCATIONS, "invocations were not read")


def quarantined(on: Subject) -> Iterator[Finding]:
    """It is in quarantine."""
    tags = function_tags(on)
    if tags is None:
        statement = "its tags were not read: a run may have put it in quarantine"
        yield on.unknown(Code.QUARANTINED, Fact.TAGS, statement)
    if not tags:
        return
    if mark := mark_in_tags(dict(tags)):
        when = f" on {mark.since[:10]}" if mark.since else ""
        statement = f"put in quarantine by run {mark.run}{when}"
        yield on.finding(Code.QUARANTINED, statement, ours("release", mark.run))


def function_tags(on: Subject) -> Pairs | None:
    """Return the tags of a role or function (for a version its function's); None when not read."""
    if isinstance(on.node, Version):
        owner = record(on.graph, on.node.function) if on.node.function in on.graph else None
        return owner.tags if isinstance(owner, Function) else None
    return on.node.tags if isinstance(on.node, Function | Role) else ()


def targets(alias: Alias) -> tuple[tuple[str, ResourceId], ...]:
    """Return (number, id) of each version that an alias routes to, the main one first."""
    place = alias.account, alias.region, alias.function_name
    numbers = dict.fromkeys((alias.version, *(number for number, _ in alias.weights)))
    return tuple(
        (number, alias.function if number == "$LATEST" else version_id(*place, number))
        for number in numbers
    )
