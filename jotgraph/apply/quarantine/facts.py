"""A resource as it is now -> whether it is what a plan or a quarantine says it is."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

from jotgraph.apply.model import Refused
from jotgraph.plan import Step, fingerprint
from jotgraph.plan.fingerprints import APART, UNREAD
from jotgraph.records import Function, Record, Role, Trigger
from jotgraph.sources.calls import Place
from jotgraph.sources.failures import CallFailedError, Failure
from jotgraph.sources.roles import document
from jotgraph.usage.setaside import QUARANTINED


def facts(found: Record) -> dict[str, str]:
    """The fingerprint of a record, and what a quarantine changes of it."""
    made = dict(fingerprint(found))
    match found:
        case Function():
            made["reserved"] = "none" if found.concurrency is None else str(found.concurrency)
            made["quarantined"] = dict(found.tags or ()).get(QUARANTINED, "")
        case Trigger():
            made["state"] = found.state
        case Role():
            made["quarantined"] = dict(found.tags).get(QUARANTINED, "")
        case _:
            pass
    return made


def require_planned(step: Step, found: Record, ours: Mapping[str, Collection[str]]) -> None:
    """Raise Refused unless a record is what the plan was made from; ``ours`` are other values
    that facts may have by what an earlier attempt of this run did."""
    planned, now = dict(step.fingerprint), dict(fingerprint(found))
    for fact in sorted(planned.keys() | now.keys()):
        before, after = planned.get(fact, ""), now.get(fact, "")
        if before == after or UNREAD in (before, after) or fact in APART:
            continue
        if after not in ours.get(fact, ()):
            said = f"{fact} was {before or 'empty'}, is {after or 'empty'}"
            raise Refused(f"it changed since the plan was made: {said}")


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """In words, what is different now."""
    return [
        f"{fact} was {before.get(fact) or 'empty'}, is {now.get(fact) or 'empty'}"
        for fact in sorted(before.keys() | now.keys())
        if before.get(fact, "") != now.get(fact, "")
        and UNREAD not in (before.get(fact), now.get(fact))
        and fact not in APART
    ]


def exact_trust(place: Place, name: str) -> str:
    """The trust policy of a role to the last byte, as IAM keeps it. botocore parses it and so
    loses its spaces (botocore/handlers.py, ``json_decode_policies``); the answer's own text has
    them, percent-encoded (IAM API, GetRole). Raises CallFailedError."""
    events = place.aws.client("iam", place.region).meta.events
    bodies: list[bytes] = []

    def note(response_dict: Mapping[str, Any], **_: object) -> None:
        bodies.append(response_dict["body"])

    events.register("before-parse.iam.GetRole", note)
    try:
        role = place.ask("iam", "GetRole", "Role", RoleName=name)["Role"]
    finally:
        events.unregister("before-parse.iam.GetRole", note)
    parsed = document(role.get("AssumeRolePolicyDocument"))
    for body in bodies[-1:]:
        for element in ElementTree.fromstring(body).iter():
            text = unquote(element.text or "")
            if element.tag.endswith("}AssumeRolePolicyDocument") and document(text) == parsed:
                return text
    raise CallFailedError(Failure("error", f"the trust policy of {name} cannot be read exactly"))
