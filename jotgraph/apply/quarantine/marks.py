"""Reads the marks of a quarantine in the account when the run's journal is on another machine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from jotgraph.apply.quarantine.asleep import is_set_aside
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError, CallFailedError, UnknownRunError, reason_of
from jotgraph.plan.held import facts_of, seal_of_facts
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Kind,
    Record,
    ResourceId,
    kind_of,
)
from jotgraph.records.quarantine import AFTER, before_of, mark_on
from jotgraph.sources.connections import Connections, connected
from jotgraph.sources.ecr.requests import get_images
from jotgraph.sources.quarantine import surroundings
from jotgraph.sources.single import read
from jotgraph.sources.surroundings import tags_of_repository
from jotgraph.store.folders import runs_folder
from jotgraph.store.holdings import SINCE, TAKEN_OVER, hold, holding
from jotgraph.store.journal import Journal

_ORDER = (Kind.TRIGGER, Kind.FUNCTION, Kind.ECR_IMAGE, Kind.ROLE)
"""The call by which a quarantine changes each kind; a release reverses it."""
_WANTED: Mapping[Kind, frozenset[str]] = {
    Kind.TRIGGER: frozenset({"state", "function"}),
    Kind.FUNCTION: frozenset({"reserved"}),
    Kind.ROLE: frozenset({"trust", "role-id"}),
}
"""What the tags must record of each kind's previous state."""


class Marked(NamedTuple):
    """A resource that a run marked."""

    record: Record
    before: Mapping[str, Any]
    """Its previous state, and the time of its quarantine."""
    marked_at: datetime


def take_over(
    run: str, clients: Clients, named: Collection[ResourceId], left: Collection[ResourceId]
) -> dict[ResourceId, str]:
    """Record on this machine what a run of another machine put in quarantine, by its marks.

    Recorded are the previous state, the time and, where that can be shown, that the resource is
    unchanged since. ``left`` are parts of the functions that are deleted with them. Returns by name
    what cannot be known; that is not recorded, or recorded as unproven. Raises ApplyError for a run
    of this machine.
    """
    folder = runs_folder() / require_name(run)
    unknown: dict[ResourceId, str] = {}
    marked: dict[ResourceId, Marked] = {}
    with connected(clients) as connections:
        for resource in _in_order(named):
            try:
                marked[resource] = _marked(connections, run, resource)
            except (CallFailedError, ApplyError) as error:
                unknown[resource] = reason_of(error)
        if not marked:
            return unknown
        with Journal(folder) as journal:
            if any(entry.what == "run" for entry in journal.entries):
                raise ApplyError(f"run {run} is one of this machine: jotgraph sweep lists it")
            journal.add(TAKEN_OVER, params={"left": sorted(left)})
            for resource, mark in marked.items():
                hold(journal, resource, mark.before)
                why = _changed(connections, mark)
                if why:
                    unknown[resource] = why
                else:
                    facts = facts_of(mark.record) | surroundings(connections, mark.record)
                    journal.add("held", steps=(resource,), params=facts)
    return unknown


def before_by_marks(
    connections: Connections, run: str, named: Collection[ResourceId]
) -> dict[ResourceId, Mapping[str, Any]]:
    """Return the state of named resources before ``run`` put them in quarantine, by its marks.
    Raises ApplyError for one that the run did not mark, or that is gone."""
    return {resource: _marked(connections, run, resource).before for resource in _in_order(named)}


def note(journal: Journal, before: Mapping[ResourceId, Mapping[str, Any]]) -> None:
    """Record that in the journal, as if this machine had put them in quarantine."""
    for resource, facts in before.items():
        if holding(journal, resource) is None:
            hold(journal, resource, facts)


def require_name(run: str) -> str:
    """Check a run's name, which becomes the name of a folder. Raises UnknownRunError for any other
    text."""
    if not (run.isascii() and run.isalnum()):
        raise UnknownRunError(f"{run!r} is not the name of a run")
    return run


def _in_order(named: Collection[ResourceId]) -> list[ResourceId]:
    return sorted(named, key=lambda resource: (_ORDER.index(kind_of(resource)), resource))


def _marked(connections: Connections, run: str, resource: ResourceId) -> Marked:
    """What a run marked, with the previous states. Raises ApplyError, CallFailedError."""
    record = read(connections, resource)
    if record is None:
        raise ApplyError(f"{resource} is gone")
    if not is_set_aside(record):
        raise ApplyError(f"{resource} is not in quarantine")
    mark = mark_on(record, _repository(connections, record))
    if mark is None or mark.run != run:
        but = f", but {mark}" if mark else ""
        raise ApplyError(f"{resource} is not marked by run {run}{but}")
    at = _time_of(resource, mark.since)
    if isinstance(record, EcrImage):
        archived = _times(connections, record).get("lastArchivedAt") or at
        return Marked(record, {"status": "ACTIVE", SINCE: archived.isoformat()}, at)
    before = before_of(getattr(record, "tags", None) or ())
    if not _WANTED[kind_of(resource)] <= before.keys():
        raise ApplyError(f"the tags of {resource} do not record its earlier state")
    return Marked(record, {**before, "mark": str(mark), SINCE: at.isoformat()}, at)


def _repository(connections: Connections, record: Record) -> EcrRepository | None:
    """The repository of an image with its tags. Raises CallFailedError."""
    if not isinstance(record, EcrImage):
        return None
    tags = tags_of_repository(connections, record.repository_id)
    account, region = record.place
    return EcrRepository(account=account, region=region, name=record.repository, tags=tags)


def _time_of(resource: ResourceId, text: str) -> datetime:
    """The time of a mark. Raises ApplyError for a missing one, or one in the future."""
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        raise ApplyError(f"the mark of {resource} has no time") from None
    if since.tzinfo is None or since > datetime.now(UTC):
        raise ApplyError(f"the mark of {resource} says {text}, which is not a time in the past")
    return since


def _changed(connections: Connections, mark: Marked) -> str:
    """Why a resource may have changed since it was put in quarantine; empty when it has not. Raises
    CallFailedError."""
    record = mark.record
    if isinstance(record, EcrImage):
        return _image_changed(_times(connections, record), mark.marked_at)
    facts = facts_of(record) | surroundings(connections, record)
    seal = dict(getattr(record, "tags", None) or ()).get(AFTER, "")
    if not seal:
        return "its tags do not record its state in quarantine"
    return "" if seal == seal_of_facts(facts) else "it was changed since it was put in quarantine"


def _image_changed(times: Mapping[str, datetime], marked_at: datetime) -> str:
    """Why an image may be archived for another reason than its mark, by ECR's own times. It was
    archived before it was marked, or restored or pushed since."""
    archived = times.get("lastArchivedAt")
    if archived is None:
        return "ECR does not say when it was archived"
    if archived < marked_at:
        return f"it was archived before it was marked ({archived:%Y-%m-%d %H:%M} UTC)"
    for member, words in (("lastActivatedAt", "restored"), ("imagePushedAt", "pushed")):
        when = times.get(member)
        if when is not None and when > marked_at:
            return f"it was {words} since it was put in quarantine ({when:%Y-%m-%d %H:%M} UTC)"
    return ""


def _times(connections: Connections, image: EcrImage) -> dict[str, datetime]:
    """The times at which an image was pushed, archived and restored, according to ECR."""
    details = get_images(connections.client(image.id), image.repository, digest=image.digest)
    return {
        member: value.astimezone(UTC)
        for detail in details
        for member, value in detail.items()
        if isinstance(value, datetime)
    }
