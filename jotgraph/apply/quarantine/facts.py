"""A resource as it is now -> whether it is what a plan or a quarantine says it is."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

from jotgraph.apply.lambda_ import listed_aliases
from jotgraph.apply.model import Refused
from jotgraph.apply.read import every
from jotgraph.apply.world import World
from jotgraph.plan import Step, fingerprint
from jotgraph.plan.fingerprints import APART, UNREAD, statements
from jotgraph.records import Alias, Function, Record, Role, Trigger
from jotgraph.sources.callers import resource_policy
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


_AROUND = frozenset({"aliases", "urls", "callers"})
"""Lists of which a sweep itself takes members away before it takes the function."""


def around(world: World, found: Record) -> dict[str, str]:
    """Of a function, what others may do to it without a new revision of it: where its aliases
    route, its URLs, and who may call it and them. Raises CallFailedError."""
    if not isinstance(found, Function):
        return {}
    place, name = world.place(found.account, found.region), found.name
    aliases = listed_aliases(place, name)
    urls = every(place, "lambda", "ListFunctionUrlConfigs", "FunctionUrlConfigs", FunctionName=name)
    policies = [resource_policy(place, name, each) for each in ("", *(e.name for e in aliases))]
    return {
        "aliases": " ".join(sorted(_routes(each) for each in aliases)),
        "urls": " ".join(sorted(str(each["FunctionArn"]) for each in urls)),
        "callers": " ".join(sorted(word for each in policies for word in statements(each))),
    }


def _routes(alias: Alias) -> str:
    shares = (f"+{number}:{share:g}" for number, share in sorted(alias.weights))
    return f"{alias.name}={alias.version}{''.join(shares)}"


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
    """In words, what is different now; of lists of what is around a thing, what is new."""
    return [
        f"{fact} was {before.get(fact) or 'empty'}, is {now.get(fact) or 'empty'}"
        for fact in sorted(before.keys() | now.keys())
        if before.get(fact, "") != now.get(fact, "")
        and UNREAD not in (before.get(fact), now.get(fact))
        and fact not in APART
        and not (fact in _AROUND and _words(now, fact) <= _words(before, fact))
    ]


def _words(facts: Mapping[str, str], fact: str) -> set[str]:
    return set(facts.get(fact, "").split())


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
