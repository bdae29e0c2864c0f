"""What runs of this machine hold -> how each stands now, and what is ripe to be deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from jotgraph.analysis.usage import Options
from jotgraph.analysis.usage.quarantine import QUARANTINED
from jotgraph.apply.quarantine.snapshot import around, differences, facts
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.folders import runs_folder
from jotgraph.graph import ResourceGraph, records
from jotgraph.plan import Guard, Plan, Step, plan_sweep
from jotgraph.plan.outcome import Refused
from jotgraph.records import Function, Kind, ResourceId, Role, kind_of
from jotgraph.sources.functions.invocations import INVOCATIONS, THROTTLES, counted
from jotgraph.sources.session import World, open_world
from jotgraph.sources.single import parts, read
from jotgraph.store.holdings import Holding, every_holding, holdings, left
from jotgraph.store.journal import read_entries

FORMAT = "jotgraph/quarantined/1"
_DAY = 86400


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One resource in quarantine, as it stands."""

    id: ResourceId
    run: str
    """The name that ``release`` takes."""
    since: datetime
    state: str
    """``quiet``; ``touched`` (used or changed since); ``unread``; ``unproven`` (the run ended
    before it was seen to be set aside)."""
    because: str


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A function or role that is marked by a run whose journal is not on this machine."""

    id: ResourceId
    mark: str
    """The run and since when."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """What is in quarantine."""

    format: str = FORMAT
    held: tuple[Held, ...]
    elsewhere: tuple[Elsewhere, ...]


def quarantined(graph: ResourceGraph, clients: Clients, now: datetime) -> Quarantined:
    """Look at everything that runs of this machine hold; what is gone is left out. Raises
    ApplyError."""
    holdings = every_holding()
    held: tuple[Held, ...] = ()
    if holdings:
        with open_world(clients) as world:
            held = tuple(filter(None, (_look(world, each, now) for each in holdings)))
    here = {each.run for each in holdings}
    marks = [
        Elsewhere(id=each.id, mark=mark)
        for each in records(graph)
        if isinstance(each, Function | Role)
        and (mark := dict(each.tags or ()).get(QUARANTINED))
        and mark.partition(" ")[0] not in here
    ]
    return Quarantined(held=held, elsewhere=tuple(sorted(marks, key=lambda each: each.id)))


def require_held(world: World, step: Step) -> None:
    """Raise Refused when what a sweep deletes was released, used or changed by now."""
    if not step.held:
        return
    entries = read_entries(runs_folder() / step.held / "journal.jsonl")
    held = holdings(step.held, entries).get(step.id)
    if held is None:
        why = "it was released" if entries else "its journal is not on this machine"
        raise Refused(f"run {step.held} does not hold it any more: {why}")
    found = _look(world, held, datetime.now(UTC))
    if found is not None and found.state != "quiet":
        raise Refused(f"it is in quarantine, and {found.state} by now: {found.because}")


def _look(world: World, held: Holding, now: datetime) -> Held | None:
    try:
        found = read(world, held.id)
        if found is None:
            return None
        said = differences(held.after, facts(found) | around(world, found))
        if isinstance(found, Role) and found.last_used_at and found.last_used_at > held.since:
            said.append(f"used {found.last_used_at:%Y-%m-%d %H:%M} UTC")
        if kind_of(held.id) is Kind.FUNCTION:
            said += _calls(world, held, now)
    except (CallFailedError, ApplyError) as error:
        why = error.failure.detail if isinstance(error, CallFailedError) else str(error)
        return _held(held, "unread", why)
    if not held.after:
        return _held(held, "unproven", f"apply the plan again, or release {held.run}")
    if said:
        return _held(held, "touched", "; ".join(said))
    return _held(held, "quiet", "nothing used it since, and nobody changed it")


def _held(held: Holding, state: str, because: str) -> Held:
    return Held(id=held.id, run=held.run, since=held.since, state=state, because=because)


def _calls(world: World, held: Holding, now: datetime) -> list[str]:
    said = []
    for metric, words in ((THROTTLES, "calls were throttled"), (INVOCATIONS, "calls")):
        account, region, name = parts(held.id)
        place = world.place(account, region)
        count = counted(place, [name], metric, held.since, max(now, held.since))[name]
        if count:
            said.append(f"{count} {words} since")
    return said


def sweep(
    graph: ResourceGraph,
    held: Sequence[Held],
    *,
    after_days: float,
    now: datetime,
    asked: str = "sweep",
    options: Options | None = None,
    guard: Guard | None = None,
) -> Plan:
    """Plan to delete what has been in quarantine for so long, untouched, and what was left to the
    sweep along with it. Whatever else is in quarantine is a block of the plan, with the reason."""
    ripe: dict[ResourceId, str] = {}
    stays: dict[ResourceId, str] = {}
    for each in held:
        days = (now - each.since).total_seconds() / _DAY
        whole = f"in quarantine for {days:.1f} days (run {each.run})"
        if each.state != "quiet":
            stays[each.id] = f"{whole}, {each.state}: {each.because}"
        elif days < after_days:
            stays[each.id] = f"{whole}, not yet {after_days:g}"
        else:
            ripe[each.id] = f"{whole}, and nothing used it"
    guard = guard or Guard()
    guard = msgspec.structs.replace(guard, stays=(*guard.stays, *sorted(stays.items())))
    along = _left({each.run for each in held}, [*ripe, *stays])
    by_run = {each.id: each.run for each in held}
    return plan_sweep(
        graph, ripe, along, by_run, now=now, asked=asked, options=options, guard=guard
    )


def _left(swept: Iterable[str], held: Sequence[ResourceId]) -> Mapping[ResourceId, str]:
    return {
        each: f"left to the sweep by run {run}"
        for run in sorted(swept)
        for each in sorted(left(run))
        if each not in held
    }
