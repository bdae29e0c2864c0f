"""Removes versions, functions and roles that a run created, as a deletion does."""

from __future__ import annotations

import json
from collections.abc import Callable

from jotgraph.apply import ecr, iam, lambda_
from jotgraph.apply.run import Run as Deleting
from jotgraph.deploy.rollout.roles import POLICY, TRUST
from jotgraph.deploy.undo.added import added
from jotgraph.deploy.undo.model import ABSENT, Todo, nothing
from jotgraph.deploy.undo.needed import needed
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import RefusedError
from jotgraph.plan import Step
from jotgraph.plan.outcome import Status, UndoStatus
from jotgraph.records import Kind, Record, ResourceId, Role, Version, kind_of
from jotgraph.sources.aws.roles import document, document_hash

_WRITERS: dict[Kind, Callable[[Deleting, Step], str]] = {
    Kind.ALIAS: lambda_.delete_alias,
    Kind.VERSION: lambda_.delete_version,
    Kind.FUNCTION: lambda_.delete_function,
    Kind.ECR_REPO: ecr.delete_repository,
    Kind.ROLE: iam.delete_role,
}


def remove(undoing: Undoing, record: Record) -> Todo:
    """Delete a resource that the run created, if nothing else uses it and nobody added anything.
    Raises CallFailedError."""
    if why := needed(record.id, undoing.run) or added(undoing, record.id):
        return nothing(UndoStatus.CANNOT, why)
    return Todo(UndoStatus.REMOVED, "remove it", lambda: _deleted(undoing, record))


def _deleted(undoing: Undoing, record: Record) -> str:
    """Delete the resource. Raises RefusedError when something uses it, CallFailedError,
    ApplyError."""
    if why := added(undoing, record.id):
        raise RefusedError(why)
    run, step = undoing.deletion(record)
    if kind_of(record.id) is Kind.ECR_IMAGE:
        result = ecr.delete_images(run, [step])[record.id]
        if result.status is not Status.DONE:
            raise RefusedError(result.because)
        return "removed: this run pushed it"
    _WRITERS[kind_of(record.id)](run, step)
    return "removed: this run created it"


def version(undoing: Undoing, resource: ResourceId) -> Todo:
    """Remove a version that the run published."""
    record = undoing.session.read(resource)
    if not isinstance(record, Version):
        return ABSENT
    if record.description != undoing.description:
        return nothing(UndoStatus.CANNOT, "this run did not publish it")
    return remove(undoing, record)


def role(undoing: Undoing, resource: ResourceId) -> Todo:
    """Remove a role that the run created, with its inline policy."""
    record = undoing.session.read(resource)
    if not isinstance(record, Role):
        return ABSENT
    if not undoing.is_ours(dict(record.tags or ())):
        return nothing(UndoStatus.CANNOT, "this run did not create it: it does not have its tag")
    if why := _role_use(undoing, record):
        return nothing(UndoStatus.CANNOT, why)
    return remove(undoing, record)


def _role_use(undoing: Undoing, record: Role) -> str:
    """Why a role that the run created may be used elsewhere or has changed; empty when neither."""
    written = undoing.calls(record.id, "iam:PutRolePolicy")
    own = {(POLICY, document_hash(json.loads(call.params["PolicyDocument"]))) for call in written}
    if record.trust != document(TRUST):
        return "somebody changed who may assume it since"
    policies = sorted(name for name, _ in set(record.inline) - own)
    if more := [
        policy
        for policy in (*record.attached, *record.instance_profiles, *policies, record.boundary)
        if policy
    ]:
        return f"somebody gave it {more[0]} since"
    signed_in = {place.region for place in undoing.session.connections.accounts.values()}
    if record.last_used_region and record.last_used_region not in signed_in:
        return f"it was used in {record.last_used_region}, where this run made nothing"
    return ""


VERSION, ROLE = version, role
