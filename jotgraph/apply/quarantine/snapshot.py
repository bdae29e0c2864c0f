"""A resource as it is now -> whether it is what a quarantine says it is."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.analysis.usage.quarantine import QUARANTINED
from jotgraph.plan import fingerprint
from jotgraph.plan.fingerprints import differing, statements
from jotgraph.records import Alias, Function, Record, Role, Trigger
from jotgraph.sources.functions.invocations import resource_policy
from jotgraph.sources.functions.requests import list_urls
from jotgraph.sources.session import World
from jotgraph.sources.single import aliases


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
    listed = aliases(world, found.id)
    urls = list_urls(place, name).whole()
    qualifiers = ("", *(alias.name for alias in listed))
    policies = [resource_policy(place, name, qualifier) for qualifier in qualifiers]
    return {
        "aliases": " ".join(sorted(_routes(alias) for alias in listed)),
        "urls": " ".join(sorted(str(url["FunctionArn"]) for url in urls)),
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
