"""IAM's writer: roles, probed before anything is taken from them, whole again when they stay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from jotgraph.apply.run import Run, back_up, look, wait_gone
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.plan import Step
from jotgraph.plan.fingerprints import LAST_REGION
from jotgraph.plan.outcome import Refused
from jotgraph.records import ResourceId, Role, key_of
from jotgraph.records.references import role_of
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.roles import document_hash, get_inline_policy
from jotgraph.sources.session import World, is_gone
from jotgraph.sources.single import configurations, read
from jotgraph.store.journal import Journal

DETACH, DROP, LEAVE = (
    "iam:DetachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:RemoveRoleFromInstanceProfile",
)
_FACTS = {DETACH: ("attached", "PolicyArn"), DROP: ("inline", "PolicyName")}
_FACTS[LEAVE] = ("profiles", "InstanceProfileName")
_BACK = {
    DETACH: ("AttachRolePolicy", ("PolicyArn",)),
    DROP: ("PutRolePolicy", ("PolicyName",)),
    LEAVE: ("AddRoleToInstanceProfile", ("InstanceProfileName",)),
}
"""What puts back what a call took away (IAM API)."""


def delete_role(run: Run, step: Step) -> str:
    """Probe with DeleteRole, which tells whether it is allowed before anything is touched; take
    away profiles and policies; look again; delete. If it must stay after all, everything is put
    back. The permissions boundary is never removed: that could widen what the role may do."""
    account = key_of(step.id).partition("/")[0]
    place = run.world.place(account)
    name = step.id.rpartition("/")[2]
    try:
        found = _look(run, step)
        if found is None:
            return "it was gone already"
        if run.backup:
            back_up(run, step.id)
            found = _look(run, step)
            if found is None:
                return "it was gone already"
        if not _deleted(run, step, place, name):
            _strip(run, step, place, name, found)
            if _look(run, step) is None:
                return "deleted"
            run.write(step.id, place, "iam", "DeleteRole", RoleName=name)
    except (CallFailedError, Refused, ApplyError, KeyboardInterrupt):
        restore(run.world, run.journal, step.id, place)
        raise
    wait_gone(run, step.id)
    return "deleted"


def _look(run: Run, step: Step) -> Role | None:
    """The role, unchanged but for what this run took away, and not used by anything now."""
    found = look(run, step, taken(run, step))
    if found is None:
        return None
    assert isinstance(found, Role)
    region = found.last_used_region
    account = found.account
    if found.last_used_at and found.last_used_at > run.plan.taken_at:
        raise Refused(f"it was used after the world was read ({found.last_used_at:%H:%M} UTC)")
    places = [where for each, where in run.plan.scope.places if each == account]
    if dict(step.fingerprint).get(LAST_REGION, "") != region and region not in places:
        raise Refused(f"it was used in {region}, which is not in the plan's scope")
    for where in places:
        for each in configurations(run.world, account, where):
            if role_of(each.role_arn) == step.id:
                raise Refused(f"{each.id.partition(':')[0]} {each.name} in {where} assumes it now")
    return found


def _deleted(run: Run, step: Step, place: RegionClient, name: str) -> bool:
    """Try DeleteRole: True when that was enough, False when policies are in the way."""
    try:
        run.write(step.id, place, "iam", "DeleteRole", RoleName=name)
    except CallFailedError as error:
        if is_gone(error):
            return True
        if error.failure.code == "DeleteConflict":
            return False
        raise
    return True


def _strip(run: Run, step: Step, place: RegionClient, name: str, found: Role) -> None:
    """Take away profiles, attached and inline policies, keeping what is needed to put them back."""
    for profile in found.instance_profiles:
        _take(run, step, place, LEAVE, {"InstanceProfileName": profile, "RoleName": name})
    for arn in found.attached:
        _take(run, step, place, DETACH, {"RoleName": name, "PolicyArn": arn})
    for policy, digest in found.inline:
        answer = get_inline_policy(place, name, policy)
        if document_hash(answer["PolicyDocument"]) != digest:
            raise Refused(f"its policy {policy} was just changed")
        kept = {"PolicyDocument": json.dumps(answer["PolicyDocument"])}
        _take(run, step, place, DROP, {"RoleName": name, "PolicyName": policy}, kept)


def _take(
    run: Run,
    step: Step,
    place: RegionClient,
    call: str,
    params: Mapping[str, Any],
    kept: Mapping[str, Any] | None = None,
) -> None:
    try:
        run.write(step.id, place, "iam", call.partition(":")[2], kept, **params)
    except CallFailedError as error:
        if not is_gone(error):
            raise


def taken(run: Run, step: Step) -> dict[str, frozenset[str]]:
    """What this run took from a role, as words of its fingerprint."""
    planned = dict(step.fingerprint)
    found: dict[str, frozenset[str]] = {}
    for call, (fact, param) in _FACTS.items():
        names = {str(each.params[param]) for each in run.journal.intents(step.id, call)}
        words = planned.get(fact, "").split()
        if call == DROP:
            found[fact] = frozenset(w for w in words if w.rpartition("=")[0] in names)
        else:
            found[fact] = frozenset(names)
    return found


def restore(world: World, journal: Journal, role: ResourceId, place: RegionClient) -> None:
    """Put back everything that was taken from a role that stays. Raises ApplyError, loudly, when
    that fails: the role is crippled then."""
    trouble: list[str] = []
    entries = journal.intents(role, *_BACK)
    if not entries:
        return
    try:
        found = read(world, role)
    except CallFailedError as error:
        raise ApplyError(
            f"policies were taken from {role}, and it cannot be read now "
            f"({error.failure.message}); run apply again, or undo"
        ) from error
    if not isinstance(found, Role):
        return
    held = {DETACH: found.attached, DROP: tuple(dict(found.inline)), LEAVE: found.instance_profiles}
    done: set[tuple[str, str]] = set()
    for entry in reversed(entries):
        action, names = _BACK[entry.call]
        what = (entry.call, str(entry.params[names[0]]))
        if what[1] in held[entry.call] or what in done:
            continue
        done.add(what)
        kept = entry.params.get("kept") or {}
        params = {
            "RoleName": entry.params["RoleName"],
            **{key: entry.params[key] for key in names},
            **kept,
        }
        try:
            journal.call(
                (role,),
                f"iam:{action}",
                params,
                partial(place.ask, "iam", action, **params),
                putting_back=True,
            )
        except CallFailedError as error:
            trouble.append(f"{action} {params.get(names[0])}: {error.failure.message}")
    if trouble:
        raise ApplyError(
            f"{role} stays, and could not be made whole again: {'; '.join(trouble)}. "
            "Do this by hand, or run apply again"
        )
