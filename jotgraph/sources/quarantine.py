"""The present state of everything that runs of this machine have in quarantine."""

from __future__ import annotations

from datetime import datetime

from jotgraph.clients import Clients
from jotgraph.errors import ApplyError, CallFailedError, reason_of
from jotgraph.plan.fingerprints import statements
from jotgraph.plan.held import NO_SOUND, HeldResource, HeldState, differences, facts_of
from jotgraph.records import Alias, Function, Kind, Record, Role, kind_of, name_of, phrases
from jotgraph.sources.connections import Connections, connected
from jotgraph.sources.functions.invocations import (
    INVOCATIONS,
    THROTTLES,
    counted,
    resource_policy,
)
from jotgraph.sources.functions.requests import list_urls
from jotgraph.sources.single import aliases, read
from jotgraph.store.holdings import Holding, every_holding


def held_now(clients: Clients, now: datetime) -> tuple[HeldResource, ...]:
    """Return everything that runs of this machine have in quarantine, except what is gone. Raises
    ApplyError."""
    holdings = every_holding()
    if not holdings:
        return ()
    with connected(clients) as connections:
        looked = (look_at(connections, holding, now) for holding in holdings)
        return tuple(filter(None, looked))


def look_at(connections: Connections, holding: Holding, now: datetime) -> HeldResource | None:
    """Return the state of a resource in quarantine; None when it is gone."""

    def stands(state: HeldState, because: str) -> HeldResource:
        return HeldResource(
            id=holding.id, run=holding.run, since=holding.since, state=state, because=because
        )

    if holding.damage:
        return stands(HeldState.UNREAD, holding.damage)
    try:
        record = read(connections, holding.id)
        if record is None:
            return None
        facts = facts_of(record) | surroundings(connections, record)
        touches = differences(holding.after, facts)
        if isinstance(record, Role) and record.last_used_at and record.last_used_at > holding.since:
            touches.append(f"used {record.last_used_at:%Y-%m-%d %H:%M} UTC")
        if kind_of(holding.id) is Kind.FUNCTION:
            touches += _calls(connections, holding, now)
    except (CallFailedError, ApplyError) as error:
        return stands(HeldState.UNREAD, reason_of(error))
    if not holding.after:
        why = f"apply the plan again, or release {holding.run}"
        return stands(HeldState.UNPROVEN, why)
    if touches:
        return stands(HeldState.TOUCHED, "; ".join(touches))
    if silent := NO_SOUND.get(kind_of(holding.id)):
        return stands(HeldState.UNSEEN, f"unchanged since; {silent}")
    return stands(HeldState.QUIET, "unused and unchanged since")


def _calls(connections: Connections, holding: Holding, now: datetime) -> list[str]:
    """A sentence that a function was called in quarantine, or that somebody tried; empty for
    neither."""
    client, name = connections.client(holding.id), name_of(holding.id)
    calls = []
    for metric, words in ((THROTTLES, "throttled"), (INVOCATIONS, "answered")):
        until = max(now, holding.since)
        count = counted(client, [name], metric, holding.since, until)[name]
        if count:
            calls.append(f"{phrases.counted(count, 'call')} {words} since")
    return calls


def surroundings(connections: Connections, record: Record) -> dict[str, str]:
    """Return what others may change about a function without a new revision: alias routing, URLs,
    and callers. Raises CallFailedError."""
    if not isinstance(record, Function):
        return {}
    client, name = connections.client(record.id), record.name
    listed = aliases(connections, record.id)
    urls = list_urls(client, name).whole()
    qualifiers = ("", *(alias.name for alias in listed))
    policies = [resource_policy(client, name, qualifier) for qualifier in qualifiers]
    callers = (statement for policy in policies for statement in statements(policy))
    return {
        "aliases": " ".join(sorted(_routes(alias) for alias in listed)),
        "urls": " ".join(sorted(str(url["FunctionArn"]) for url in urls)),
        "callers": " ".join(sorted(callers)),
    }


def _routes(alias: Alias) -> str:
    shares = (f"+{number}:{share:g}" for number, share in sorted(alias.weights))
    return f"{alias.name}={alias.version}{''.join(shares)}"
