"""Deletes IAM roles: probed before anything is removed from them, and restored when they are
kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jotgraph.apply.role_look import require_unassumed
from jotgraph.apply.run import GONE_ALREADY, Run, back_up, look, wait_gone
from jotgraph.apply.session import Session
from jotgraph.errors import ApplyError, CallFailedError, RefusedError
from jotgraph.plan import Step
from jotgraph.records import ResourceId, Role, last_name_of
from jotgraph.sources.aws.roles import document_hash, get_inline_policy
from jotgraph.sources.connections import is_gone

DETACH, DROP, LEAVE = (
    "iam:DetachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:RemoveRoleFromInstanceProfile",
)
_FACTS = {
    DETACH: ("attached", "PolicyArn"),
    DROP: ("inline", "PolicyName"),
    LEAVE: ("profiles", "InstanceProfileName"),
}
_BACK = {
    DETACH: ("AttachRolePolicy", "PolicyArn"),
    DROP: ("PutRolePolicy", "PolicyName"),
    LEAVE: ("AddRoleToInstanceProfile", "InstanceProfileName"),
}
"""The call that restores what a call removed (IAM API)."""


def delete_role(run: Run, step: Step) -> str:
    """Delete a role.

    DeleteRole is tried first, which shows whether it is permitted before anything is changed. Then
    profiles and policies are removed, the role is checked again and deleted. If it has to be kept
    after all, everything is restored. The permissions boundary is never removed: that could widen
    what the role may do.
    """
    try:
        role = _look(run, step)
        if role is None:
            return GONE_ALREADY
        if run.backup:
            back_up(run, step, role)
            role = _look(run, step)
            if role is None:
                return GONE_ALREADY
        if not _deleted(run, step):
            _strip(run, step, role)
            if _look(run, step) is None:
                return "deleted"
            _delete(run, step)
    except (Exception, KeyboardInterrupt):  # whatever it was, nothing stays half done
        restore(run.session, step.id)
        raise
    wait_gone(run, step.id)
    return "deleted"


def _look(run: Run, step: Step) -> Role | None:
    """The role, unchanged except for what this run removed, and not used by anything now."""
    role = look(run, step, taken(run, step))
    if role is None:
        return None
    assert isinstance(role, Role)
    require_unassumed(run, step, role)
    return role


def _delete(run: Run, step: Step) -> None:
    run.destroy((step.id,), "iam", "DeleteRole", RoleName=last_name_of(step.id))


def _deleted(run: Run, step: Step) -> bool:
    """Try DeleteRole: True when that was enough, False when policies prevent it."""
    try:
        _delete(run, step)
    except CallFailedError as error:
        if is_gone(error):
            return True
        if error.failure.code == "DeleteConflict":
            return False
        raise
    return True


def _strip(run: Run, step: Step, role: Role) -> None:
    """Remove profiles, attached and inline policies, keeping what is needed to restore them."""
    for profile in role.instance_profiles:
        _take(run, step, LEAVE, {"InstanceProfileName": profile})
    for arn in role.attached:
        _take(run, step, DETACH, {"PolicyArn": arn})
    for policy, digest in role.inline:
        answer = get_inline_policy(run.session.client(step.id), role.name, policy)
        if document_hash(answer["PolicyDocument"]) != digest:
            raise RefusedError(f"its policy {policy} was just changed")
        kept = {"PolicyDocument": json.dumps(answer["PolicyDocument"])}
        _take(run, step, DROP, {"PolicyName": policy}, kept)


def _take(
    run: Run,
    step: Step,
    call: str,
    params: Mapping[str, Any],
    kept: Mapping[str, Any] | None = None,
) -> None:
    action, name = call.partition(":")[2], last_name_of(step.id)
    try:
        run.destroy((step.id,), "iam", action, kept=kept, RoleName=name, **params)
    except CallFailedError as error:
        if not is_gone(error):
            raise


def taken(run: Run, step: Step) -> dict[str, frozenset[str]]:
    """Return what this run removed from a role, in the words of its fingerprint."""
    planned = dict(step.fingerprint)
    names_by_fact: dict[str, frozenset[str]] = {}
    for call, (fact, param) in _FACTS.items():
        names = {str(intent.params[param]) for intent in run.journal.intents(step.id, call)}
        words = planned.get(fact, "").split()
        if call == DROP:
            names = {word for word in words if word.rpartition("=")[0] in names}
        names_by_fact[fact] = frozenset(names)
    return names_by_fact


def restore(session: Session, role: ResourceId) -> None:
    """Restore everything that was removed from a role that is kept. Raises ApplyError when that
    fails, since the role is crippled then."""
    intents = session.journal.intents(role, *_BACK)
    if not intents:
        return
    try:
        record = session.read(role)
    except CallFailedError as error:
        raise ApplyError(
            f"policies were taken from {role}, and it cannot be read now "
            f"({error.failure.message}); run apply again, or undo"
        ) from error
    if not isinstance(record, Role):
        return
    present = {
        DETACH: record.attached,
        DROP: tuple(dict(record.inline)),
        LEAVE: record.instance_profiles,
    }
    trouble: list[str] = []
    put_back: set[tuple[str, str]] = set()
    for intent in reversed(intents):
        action, param = _BACK[intent.call]
        what = (intent.call, str(intent.params[param]))
        if what[1] in present[intent.call] or what in put_back:
            continue
        put_back.add(what)
        params = {"RoleName": intent.params["RoleName"], param: intent.params[param]}
        params |= intent.params.get("kept") or {}
        try:
            session.call((role,), "iam", action, putting_back=True, **params)
        except CallFailedError as error:
            trouble.append(f"{action} {what[1]}: {error.failure.message}")
    if trouble:
        raise ApplyError(
            f"{role} is kept, but could not be made complete again: {'; '.join(trouble)}. "
            "Do this by hand, or run apply again"
        )
