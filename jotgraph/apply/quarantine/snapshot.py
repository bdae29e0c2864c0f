"""A resource as it is now -> whether it is what a quarantine says it is."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from jotgraph.analysis.usage.quarantine import QUARANTINED
from jotgraph.apply.lambda_ import listed_aliases
from jotgraph.failures import CallFailedError, Failure
from jotgraph.plan import fingerprint
from jotgraph.plan.fingerprints import differing, statements
from jotgraph.records import Alias, Function, Record, Role, Trigger
from jotgraph.sources.aws.calls import Place
from jotgraph.sources.aws.roles import document
from jotgraph.sources.functions.invocations import resource_policy
from jotgraph.sources.session import World
from jotgraph.sources.single import every


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


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """In words, what is different now; of lists of what is around a thing, what is new."""
    return [
        f"{fact} was {then or 'empty'}, is {after or 'empty'}"
        for fact, then, after in differing(before, now)
        if not (fact in _AROUND and set(after.split()) <= set(then.split()))
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
