"""Puts back exactly what a run set aside; refused where somebody else changed it since.

Only what the quarantine changed is put back. Whatever else was changed meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from jotgraph.apply.image_batch import Result
from jotgraph.apply.session import Session
from jotgraph.errors import ApplyError, NotProvenError, RefusedError
from jotgraph.failures import CallFailedError, reason_of
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
from jotgraph.store.holdings import Holding, holding

RESTORE_SECONDS = 30 * 60.0
"""ECR restores an archived image within 20 minutes (ECR user guide, "Restoring an image")."""


def put_back(session: Session, held: Holding) -> str:
    """Put one resource back, see that it is, and say what was done.

    Raises RefusedError when it was changed by somebody else or is gone, NotProvenError when it is
    still changing after the patience, CallFailedError.
    """
    because = _BACK[kind_of(held.id)](session, held)
    with suppress(ApplyError):  # the disk is full: the next release finds it as it was
        session.journal.add("free", steps=(held.id,), because=because)
    return because


def undone_if_held(session: Session, resource: ResourceId, result: Result) -> Result:
    """Put back what may not be set aside after all, if it was; the result says so too."""
    held = holding(session.journal, resource)
    if held is None:
        return result
    try:
        return Result(result.status, f"{result.because}; restored: {put_back(session, held)}")
    except (CallFailedError, ApplyError) as worse:
        why = f"{result.because}; and it could not be restored ({reason_of(worse)})"
        return Result(Status.FAILED, f"{why}: jotgraph release {session.run}")


def start(session: Session, held: Holding) -> None:
    """Begin what takes long, so that many can be waited for together: an archived image."""
    if kind_of(held.id) is Kind.ECR_IMAGE:
        _activate(session, held)


def _there(session: Session, held: Holding) -> Record:
    found = session.read(held.id)
    if found is None:
        raise RefusedError("deleted since")
    return found


def _trigger(session: Session, held: Holding) -> str:
    found = _there(session, held)
    assert isinstance(found, Trigger)
    if found.function_arn != held.before["function"]:
        raise RefusedError(f"it calls {found.function_arn} now, which was changed since")
    if found.state in ("Enabled", "Enabling"):
        return "it is enabled"
    if not session.wait(lambda: _state(session, held) in ("Disabled", "Enabled")):
        raise NotProvenError(f"it is {_state(session, held)}, and is still being updated")
    session.call(
        (held.id,),
        "lambda",
        "UpdateEventSourceMapping",
        putting_back=True,
        UUID=name_of(held.id),
        Enabled=True,
    )
    if not session.wait(lambda: _state(session, held) == "Enabled"):
        raise NotProvenError(f"it was enabled, and is {_state(session, held)}")
    return "enabled again"


def _state(session: Session, held: Holding) -> str:
    found = _there(session, held)
    assert isinstance(found, Trigger)
    return found.state


def _function(session: Session, held: Holding) -> str:
    found = _there(session, held)
    assert isinstance(found, Function)
    reserved = held.before["reserved"]
    because = "reserved concurrency " + ("none" if reserved is None else str(reserved))
    if found.concurrency == 0:
        _reserve(session, held, reserved)
        because = (
            "reserved concurrency removed"
            if reserved is None
            else f"reserved concurrency {reserved} restored"
        )
    elif found.concurrency != reserved:
        now = "none" if found.concurrency is None else found.concurrency
        raise RefusedError(
            f"its reserved concurrency was changed to {now} since; before the quarantine it was "
            f"{'none' if reserved is None else reserved}. Set it to that and release again"
        )
    if _marked(found, held):
        session.call(
            (held.id,),
            "lambda",
            "UntagResource",
            putting_back=True,
            Resource=held.before["arn"],
            TagKeys=[QUARANTINED],
        )
    found = _there(session, held)
    assert isinstance(found, Function)
    if found.concurrency != reserved or _marked(found, held):
        raise NotProvenError("it was restored, which could not be verified")
    return because


def _reserve(session: Session, held: Holding, reserved: int | None) -> None:
    """Reserve the concurrency that a function had, or none."""
    name = name_of(held.id)
    if reserved is None:
        session.call(
            (held.id,), "lambda", "DeleteFunctionConcurrency", putting_back=True, FunctionName=name
        )
    else:
        session.call(
            (held.id,),
            "lambda",
            "PutFunctionConcurrency",
            putting_back=True,
            FunctionName=name,
            ReservedConcurrentExecutions=reserved,
        )


def _marked(found: Function | Role, held: Holding) -> bool:
    return bool(dict(found.tags or ()).get(QUARANTINED) == held.before["mark"])


def _role(session: Session, held: Holding) -> str:
    found = _there(session, held)
    assert isinstance(found, Role)
    if found.role_id != held.before["role-id"]:
        raise RefusedError("it was deleted, and another one with its name was created since")
    trust, name = held.before["trust"], found.name
    because, exact = "trust policy unchanged", False
    if denied(found.trust):
        session.call(
            (held.id,),
            "iam",
            "UpdateAssumeRolePolicy",
            putting_back=True,
            RoleName=name,
            PolicyDocument=trust,
        )
        because, exact = "trust policy restored exactly", True
    elif found.trust != document(trust):
        raise RefusedError(f"its trust policy was changed since: it is {found.trust}")
    if _marked(found, held):
        session.call(
            (held.id,), "iam", "UntagRole", putting_back=True, RoleName=name, TagKeys=[QUARANTINED]
        )
    if not session.wait(lambda: _trusts(session, held, exact=exact)):
        raise NotProvenError("its trust policy was restored, which could not be verified")
    return because


def _trusts(session: Session, held: Holding, *, exact: bool) -> bool:
    found = _there(session, held)
    assert isinstance(found, Role)
    trust = held.before["trust"]
    if _marked(found, held) or found.trust != document(trust):
        return False
    return not exact or exact_trust(session.client(held.id), found.name) == trust


def _image(session: Session, held: Holding) -> str:
    status = _activate(session, held)
    if status != "ACTIVE" and not session.wait(lambda: _status(session, held) == "ACTIVE"):
        raise NotProvenError(
            f"ECR is still restoring it ({_status(session, held)}); run the same command again"
        )
    return "already restored" if status == "ACTIVE" else "restored from archive"


def _activate(session: Session, held: Holding) -> str:
    """Ask ECR to restore an archived image; give the status it had."""
    status = _status(session, held)
    if status == "ARCHIVED":
        session.call(
            (held.id,),
            "ecr",
            "UpdateImageStorageClass",
            putting_back=True,
            repositoryName=repository_name_of(held.id),
            imageId={"imageDigest": digest_of(held.id)},
            targetStorageClass="STANDARD",
        )
    return status


def _status(session: Session, held: Holding) -> str:
    found = _there(session, held)
    assert isinstance(found, EcrImage)
    return found.status


_BACK: Mapping[Kind, Callable[[Session, Holding], str]] = {
    Kind.TRIGGER: _trigger,
    Kind.FUNCTION: _function,
    Kind.ROLE: _role,
    Kind.ECR_IMAGE: _image,
}
