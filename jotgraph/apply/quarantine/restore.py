"""What a run holds -> as it was, exactly; refused where somebody else changed it since.

Only what the quarantine changed is put back. Whatever else was changed meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from jotgraph.analysis.usage.quarantine import QUARANTINED, denied
from jotgraph.apply.quarantine.hand import Hand
from jotgraph.errors import ApplyError
from jotgraph.plan.outcome import NotProven, Refused
from jotgraph.records import EcrImage, Function, Kind, Record, Role, Trigger, kind_of
from jotgraph.sources.aws.roles import document, exact_trust
from jotgraph.sources.single import parts, read
from jotgraph.store.holdings import Holding

RESTORE_SECONDS = 30 * 60.0
"""ECR restores an archived image within 20 minutes (ECR user guide, "Restoring an image")."""


def put_back(hand: Hand, held: Holding) -> str:
    """Put one resource back, see that it is, and say what was done.

    Raises Refused when it was changed by somebody else or is gone, NotProven when it does not
    come to rest, CallFailedError.
    """
    said = _BACK[kind_of(held.id)](hand, held)
    with suppress(ApplyError):  # the disk is full: the next release finds it as it was
        hand.journal.add("free", steps=(held.id,), because=said)
    return said


def start(hand: Hand, held: Holding) -> None:
    """Begin what takes long, so that many can be waited for together: an archived image."""
    if kind_of(held.id) is Kind.ECR_IMAGE:
        _activate(hand, held)


def _there(hand: Hand, held: Holding) -> Record:
    found = read(hand.world, held.id)
    if found is None:
        raise Refused("it is gone: it was deleted since")
    return found


def _trigger(hand: Hand, held: Holding) -> str:
    found = _there(hand, held)
    assert isinstance(found, Trigger)
    if found.function_arn != held.before["function"]:
        raise Refused(f"it calls {found.function_arn} now, which somebody else changed since")
    if found.state in ("Enabled", "Enabling"):
        return "it is enabled"
    if not hand.wait(lambda: _state(hand, held) in ("Disabled", "Enabled")):
        raise NotProven(f"it is {_state(hand, held)}, and does not come to rest")
    uuid = parts(held.id)[2]
    hand.back(held.id, "lambda", "UpdateEventSourceMapping", UUID=uuid, Enabled=True)
    if not hand.wait(lambda: _state(hand, held) == "Enabled"):
        raise NotProven(f"it was enabled, and is {_state(hand, held)}")
    return "enabled again"


def _state(hand: Hand, held: Holding) -> str:
    found = _there(hand, held)
    assert isinstance(found, Trigger)
    return found.state


def _function(hand: Hand, held: Holding) -> str:
    found = _there(hand, held)
    assert isinstance(found, Function)
    name, reserved = parts(held.id)[2], held.before["reserved"]
    said = "reserved concurrency " + ("none" if reserved is None else str(reserved))
    if found.concurrency == 0:
        if reserved is None:
            hand.back(held.id, "lambda", "DeleteFunctionConcurrency", FunctionName=name)
        else:
            hand.back(
                held.id,
                "lambda",
                "PutFunctionConcurrency",
                FunctionName=name,
                ReservedConcurrentExecutions=reserved,
            )
        said = f"{said} again"
    elif found.concurrency != reserved:
        now = "none" if found.concurrency is None else found.concurrency
        raise Refused(
            f"somebody else set its reserved concurrency to {now} since; it had {said}. "
            "Give it that and release again, and it is out of quarantine"
        )
    if _marked(found, held):
        arn = held.before["arn"]
        hand.back(held.id, "lambda", "UntagResource", Resource=arn, TagKeys=[QUARANTINED])
    found = _there(hand, held)
    assert isinstance(found, Function)
    if found.concurrency != reserved or _marked(found, held):
        raise NotProven("it was put back, and does not look so")
    return said


def _marked(found: Function | Role, held: Holding) -> bool:
    return bool(dict(found.tags or ()).get(QUARANTINED) == held.before["mark"])


def _role(hand: Hand, held: Holding) -> str:
    found = _there(hand, held)
    assert isinstance(found, Role)
    if found.role_id != held.before["role-id"]:
        raise Refused("somebody else deleted it and made another one of its name since")
    trust, name = held.before["trust"], found.name
    said, exact = "its trust policy says what it said", False
    if denied(found.trust):
        hand.back(held.id, "iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=trust)
        said, exact = "its trust policy again, to the letter", True
    elif found.trust != document(trust):
        raise Refused(f"somebody else changed its trust policy since: it is {found.trust}")
    if _marked(found, held):
        hand.back(held.id, "iam", "UntagRole", RoleName=name, TagKeys=[QUARANTINED])
    if not hand.wait(lambda: _trusts(hand, held, exact=exact)):
        raise NotProven("its trust policy was put back, and does not look so")
    return said


def _trusts(hand: Hand, held: Holding, *, exact: bool) -> bool:
    found = _there(hand, held)
    assert isinstance(found, Role)
    trust = held.before["trust"]
    if _marked(found, held) or found.trust != document(trust):
        return False
    return not exact or exact_trust(hand.place(held.id), found.name) == trust


def _image(hand: Hand, held: Holding) -> str:
    status = _activate(hand, held)
    if status != "ACTIVE" and not hand.wait(lambda: _status(hand, held) == "ACTIVE"):
        raise NotProven(
            f"ECR is still restoring it ({_status(hand, held)}); the same command looks again"
        )
    return "in the standard class" if status == "ACTIVE" else "restored from the archive"


def _activate(hand: Hand, held: Holding) -> str:
    """Ask ECR to restore an archived image; give the status it had."""
    status = _status(hand, held)
    if status == "ARCHIVED":
        repository, _, digest = parts(held.id)[2].partition("@")
        hand.back(
            held.id,
            "ecr",
            "UpdateImageStorageClass",
            repositoryName=repository,
            imageId={"imageDigest": digest},
            targetStorageClass="STANDARD",
        )
    return status


def _status(hand: Hand, held: Holding) -> str:
    found = _there(hand, held)
    assert isinstance(found, EcrImage)
    return found.status


_BACK: Mapping[Kind, Callable[[Hand, Holding], str]] = {
    Kind.TRIGGER: _trigger,
    Kind.FUNCTION: _function,
    Kind.ROLE: _role,
    Kind.ECR_IMAGE: _image,
}
