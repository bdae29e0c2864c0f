"""Restores exactly what a run put in quarantine, unless somebody else has changed it.

Only the settings that the quarantine changed are restored. Other changes are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from jotgraph.apply.image_batch import StepResult
from jotgraph.apply.image_look import restored_by
from jotgraph.apply.quarantine.tagging import unmark, unmark_image
from jotgraph.apply.session import Session
from jotgraph.errors import ApplyError, CallFailedError, NotProvenError, RefusedError, reason_of
from jotgraph.plan.outcome import Status
from jotgraph.records import (
    EcrImage,
    Function,
    Kind,
    Record,
    ResourceId,
    Role,
    Trigger,
    digest_of,
    kind_of,
    name_of,
    repository_name_of,
)
from jotgraph.records.quarantine import QUARANTINED, denied
from jotgraph.sources.aws.roles import document, exact_trust
from jotgraph.sources.functions.tags import trigger_tags
from jotgraph.store.holdings import SINCE, Holding, holding

OURS = frozenset({"age-young", "quarantined"})
"""Doubts about a resource that come from its quarantine."""
_ASIDE: Mapping[Kind, str] = {
    Kind.TRIGGER: "lambda:UpdateEventSourceMapping",
    Kind.FUNCTION: "lambda:PutFunctionConcurrency",
    Kind.ECR_IMAGE: "ecr:UpdateImageStorageClass",
    Kind.ROLE: "iam:UpdateAssumeRolePolicy",
}
"""The call that puts a resource in quarantine."""
RESTORE_SECONDS = 30 * 60.0
"""ECR restores an archived image within 20 minutes (ECR user guide, "Restoring an image")."""


def put_back(session: Session, holding: Holding) -> str:
    """Restore one resource, verify that, and say what was done. Raises RefusedError when somebody
    else changed it or it is gone, NotProvenError when it is still changing after the run's
    patience, CallFailedError."""
    if is_untouched(session, holding):
        _unmark(session, holding)
        because = "the run ended before it was put in quarantine"
    else:
        because = _BACK[kind_of(holding.id)](session, holding)
    with suppress(ApplyError):  # the disk is full: the next release finds it as it was
        session.journal.add("free", steps=(holding.id,), because=because)
    return because


def undone_if_held(session: Session, resource: ResourceId, result: StepResult) -> StepResult:
    """Restore what may not stay in quarantine, if it was put there; the result says so too."""
    earlier = holding(session.journal, resource)
    if earlier is None:
        return result
    untouched = is_untouched(session, earlier)
    try:
        restored = put_back(session, earlier)
        return (
            result
            if untouched
            else StepResult(result.status, f"{result.because}; restored: {restored}")
        )
    except (CallFailedError, ApplyError) as worse:
        why = f"{result.because}; and it could not be restored ({reason_of(worse)})"
        return StepResult(Status.FAILED, f"{why}: jotgraph release {session.run}")


def is_untouched(session: Session, holding: Holding) -> bool:
    """Return whether the run ended before its first call on a resource. Its state is then somebody
    else's doing. For a run of another machine no call is known here."""
    entries = session.journal.entries
    if session.journal.damage or SINCE in holding.before:
        return False
    about = [entry for entry in entries if holding.id in entry.steps]
    last = max(place for place, entry in enumerate(about) if entry.what == "hold")
    refused = session.journal.refused
    return not any(
        entry.call == _ASIDE[kind_of(holding.id)] and entry.number not in refused
        for entry in about[last:]
    )


def start(session: Session, holding: Holding) -> None:
    """Start a restore that takes long, so that many run at the same time: that of an archived
    image."""
    if kind_of(holding.id) is Kind.ECR_IMAGE and not is_untouched(session, holding):
        _activate(session, holding)


def _there(session: Session, holding: Holding) -> Record:
    record = session.read(holding.id)
    if record is None:
        raise RefusedError("deleted since")
    return record


def _trigger(session: Session, holding: Holding) -> str:
    trigger = _there(session, holding)
    assert isinstance(trigger, Trigger)
    if trigger.function_arn != holding.before["function"] and holding.after:
        raise RefusedError(f"it calls {trigger.function_arn} now, which was changed since")
    if trigger.state in ("Enabled", "Enabling"):
        _unmark_trigger(session, holding)
        return "it is enabled"
    if not session.wait(lambda: _state(session, holding) in ("Disabled", "Enabled")):
        raise NotProvenError(f"it is {_state(session, holding)}, and is still being updated")
    session.call(
        (holding.id,),
        "lambda",
        "UpdateEventSourceMapping",
        putting_back=True,
        UUID=name_of(holding.id),
        Enabled=True,
    )
    if not session.wait(lambda: _state(session, holding) == "Enabled"):
        raise NotProvenError(f"it was enabled, and is {_state(session, holding)}")
    _unmark_trigger(session, holding)
    return "enabled again"


def _unmark_trigger(session: Session, holding: Holding) -> None:
    """Remove the run's mark from a trigger that is enabled."""
    tags = trigger_tags(session.client(holding.id), name_of(holding.id))
    if holding.before.get("mark") and dict(tags).get(QUARANTINED) == holding.before["mark"]:
        unmark(session, holding.id, tags)


def _state(session: Session, holding: Holding) -> str:
    trigger = _there(session, holding)
    assert isinstance(trigger, Trigger)
    return trigger.state


def _function(session: Session, holding: Holding) -> str:
    function = _there(session, holding)
    assert isinstance(function, Function)
    reserved = holding.before["reserved"]
    because = "reserved concurrency " + ("none" if reserved is None else str(reserved))
    if function.concurrency == 0:
        _reserve(session, holding, reserved)
        because = (
            "reserved concurrency removed"
            if reserved is None
            else f"reserved concurrency {reserved} restored"
        )
    elif function.concurrency != reserved:
        now = "none" if function.concurrency is None else function.concurrency
        raise RefusedError(
            f"its reserved concurrency was changed to {now} since; before the quarantine it was "
            f"{'none' if reserved is None else reserved}. Set it to that and release again"
        )
    if _marked(function, holding):
        unmark(session, holding.id, function.tags or ())
    function = _there(session, holding)
    assert isinstance(function, Function)
    if function.concurrency != reserved or _marked(function, holding):
        raise NotProvenError("it was restored, which could not be verified")
    return because


def _reserve(session: Session, holding: Holding, reserved: int | None) -> None:
    """Set the reserved concurrency that a function had before, or none."""
    name = name_of(holding.id)
    if reserved is None:
        session.call(
            (holding.id,),
            "lambda",
            "DeleteFunctionConcurrency",
            putting_back=True,
            FunctionName=name,
        )
    else:
        session.call(
            (holding.id,),
            "lambda",
            "PutFunctionConcurrency",
            putting_back=True,
            FunctionName=name,
            ReservedConcurrentExecutions=reserved,
        )


def _unmark(session: Session, holding: Holding) -> None:
    """Remove the run's mark from something that was not put in quarantine."""
    record = _there(session, holding)
    if isinstance(record, EcrImage):
        unmark_image(session, holding.id)
    elif isinstance(record, Trigger):
        _unmark_trigger(session, holding)
    elif isinstance(record, Function | Role) and _marked(record, holding):
        unmark(session, holding.id, record.tags or ())


def _marked(record: Function | Role, holding: Holding) -> bool:
    return bool(dict(record.tags or ()).get(QUARANTINED) == holding.before["mark"])


def _role(session: Session, holding: Holding) -> str:
    role = _there(session, holding)
    assert isinstance(role, Role)
    if role.role_id != holding.before["role-id"]:
        raise RefusedError("it was deleted, and another one with its name was created since")
    trust, name = holding.before["trust"], role.name
    because, exact = "trust policy unchanged", False
    if denied(role.trust):
        session.call(
            (holding.id,),
            "iam",
            "UpdateAssumeRolePolicy",
            putting_back=True,
            RoleName=name,
            PolicyDocument=trust,
        )
        because, exact = "trust policy restored exactly", True
    elif role.trust != document(trust):
        raise RefusedError(f"its trust policy was changed since: it is {role.trust}")
    if _marked(role, holding):
        unmark(session, holding.id, role.tags)
    if not session.wait(lambda: _trusts(session, holding, exact=exact)):
        raise NotProvenError("its trust policy was restored, which could not be verified")
    return because


def _trusts(session: Session, holding: Holding, *, exact: bool) -> bool:
    role = _there(session, holding)
    assert isinstance(role, Role)
    trust = holding.before["trust"]
    if _marked(role, holding) or role.trust != document(trust):
        return False
    return not exact or exact_trust(session.client(holding.id), role.name) == trust


def _image(session: Session, holding: Holding) -> str:
    status = _activate(session, holding)
    if status != "ACTIVE" and not session.wait(lambda: _status(session, holding) == "ACTIVE"):
        raise NotProvenError(
            f"ECR is still restoring it ({_status(session, holding)}); run the same command again"
        )
    unmark_image(session, holding.id)
    ours = restored_by(session.journal, holding.id)
    return "restored from archive" if ours else "already restored"


def _activate(session: Session, holding: Holding) -> str:
    """Ask ECR to restore an archived image; return its previous status."""
    status = _status(session, holding)
    if status == "ARCHIVED":
        session.call(
            (holding.id,),
            "ecr",
            "UpdateImageStorageClass",
            putting_back=True,
            repositoryName=repository_name_of(holding.id),
            imageId={"imageDigest": digest_of(holding.id)},
            targetStorageClass="STANDARD",
        )
    return status


def _status(session: Session, holding: Holding) -> str:
    image = _there(session, holding)
    assert isinstance(image, EcrImage)
    return image.status


_BACK: Mapping[Kind, Callable[[Session, Holding], str]] = {
    Kind.TRIGGER: _trigger,
    Kind.FUNCTION: _function,
    Kind.ROLE: _role,
    Kind.ECR_IMAGE: _image,
}
