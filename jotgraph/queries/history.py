"""What ran when, and since when something is wrong, from stored scans.

Between two scans anything may have happened: a span has bounds, and states where scans are missing
or did not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from jotgraph.analysis.health import findings
from jotgraph.analysis.health.model import Code
from jotgraph.analysis.provenance import commits_of
from jotgraph.analysis.since import Saw, span_of
from jotgraph.analysis.since.model import Span
from jotgraph.graph import ResourceGraph, about
from jotgraph.queries.answers.history import FindingSince, History, PastDeployment
from jotgraph.records import (
    Alias,
    Function,
    Gap,
    Inventory,
    ResourceId,
    Version,
    Workload,
    kind_of,
    version_id,
)
from jotgraph.records.kinds import RUNNERS
from jotgraph.records.looked import looked
from jotgraph.records.trail import Event

LISTED = 100
"""The most commits listed for each deployment."""


_NOT_READ = frozenset({Code.IMAGE_UNREAD, Code.UNREAD})
"""Findings that leave other findings unknown."""


class StoredScan(NamedTuple):
    """A stored scan, whose graph is built on demand."""

    ref: str
    inventory: Inventory
    graph: Callable[[], ResourceGraph]


def history(
    resource: ResourceId, newest: StoredScan, older: Iterable[StoredScan], *, wrong: bool = True
) -> History:
    """Return the timeline of one resource from the newest scan and the older ones, newest first.
    Each scan is read once. ``wrong`` adds since when the newest scan's findings exist."""
    newest_about = about(newest.graph())
    present = findings(newest.graph(), resource) if wrong and resource in newest.graph() else ()
    open_ = {finding.code: finding.statement for finding in present if finding.known}
    views: dict[Code, list[tuple[datetime, Saw]]] = {code: [] for code in open_}
    sightings: list[_Sighting] = []
    first, scans = newest.inventory.taken_at, 0
    for scan in _each(newest, older):
        taken_at, scans = scan.inventory.taken_at, scans + 1
        first = min(first, taken_at)
        if kind_of(resource) in RUNNERS:
            sightings.append(_sighting(scan, resource, sightings))
        unsettled = [code for code, seen in views.items() if not seen or seen[-1][1] is not Saw.NO]
        for code, saw in _codes(scan, resource, unsettled):
            views[code].append((taken_at, saw))
    spans = {code: span_of(seen) for code, seen in views.items()}
    return History(
        about=newest_about,
        resource=resource,
        kind=kind_of(resource),
        scans=scans,
        first=first,
        deployments=tuple(_deployments(sightings)),
        findings=tuple(
            FindingSince(code=code, statement=statement, span=span)
            for code, statement in open_.items()
            if (span := spans[code])
        ),
    )


def findings_since(
    newest: StoredScan, codes: Mapping[ResourceId, Iterable[Code]], older: Iterable[StoredScan]
) -> dict[tuple[ResourceId, Code], Span]:
    """Return since when findings of the newest scan exist, by resource and code. The older scans
    come newest first, and each is read once."""
    views = {
        (resource, code): [(newest.inventory.taken_at, Saw.YES)]
        for resource in codes
        for code in codes[resource]
    }
    for scan in older:
        unsettled: dict[ResourceId, list[Code]] = {}
        for (resource, code), seen in views.items():
            if seen[-1][1] is not Saw.NO:
                unsettled.setdefault(resource, []).append(code)
        for resource, wanted in unsettled.items():
            for code, saw in _codes(scan, resource, wanted):
                views[resource, code].append((scan.inventory.taken_at, saw))
    return {key: span for key, seen in views.items() if (span := span_of(seen))}


def with_events(answer: History, events: Iterable[Event], gaps: Iterable[Gap]) -> History:
    """Return the timeline with events from CloudTrail, and the gaps of reading those."""
    replace = msgspec.structs.replace
    extended = replace(answer.about, gaps=(*answer.about.gaps, *gaps))
    return replace(answer, about=extended, events=tuple(events))


def _each(newest: StoredScan, older: Iterable[StoredScan]) -> Iterable[StoredScan]:
    yield newest
    yield from older


def _codes(
    scan: StoredScan, resource: ResourceId, codes: Sequence[Code]
) -> Iterable[tuple[Code, Saw]]:
    """What a scan says about each of these findings."""
    if not codes:
        return
    graph = scan.graph()
    if resource not in graph:
        away = Saw.NO if looked(scan.inventory, resource) else Saw.UNREAD
        yield from ((code, away) for code in codes)
        return
    found = findings(graph, resource)
    known = {finding.code for finding in found if finding.known}
    unknown = {finding.code for finding in found if not finding.known}
    open_ = not _NOT_READ.isdisjoint(known)
    for code in codes:
        away = Saw.UNREAD if open_ or code in unknown else Saw.NO
        yield code, Saw.YES if code in known else away


class _State(NamedTuple):
    """What a scan saw running."""

    there: bool
    digests: tuple[str, ...] = ()
    version: str = ""
    weights: tuple[tuple[str, float], ...] = ()
    image_uri: str = ""


class _Sighting(NamedTuple):
    taken_at: datetime
    ref: str
    state: _State | None
    """None when it was not read."""
    changed_at: datetime | None = None
    commits: tuple[str, ...] = ()
    size: int = 0
    """Size of the set of commits."""


def _sighting(scan: StoredScan, resource: ResourceId, later: Sequence[_Sighting]) -> _Sighting:
    state, changed_at = _state(scan.inventory, resource)
    taken_at = scan.inventory.taken_at
    if state is None or not state.there:
        return _Sighting(taken_at, scan.ref, state)
    for sighting in later:  # the same digests have the same commits, unless more was read since
        if sighting.state and sighting.state.digests == state.digests and sighting.size:
            return _Sighting(taken_at, scan.ref, state, changed_at, sighting.commits, sighting.size)
    graph = scan.graph()
    claims = commits_of(graph, resource) if resource in graph else None
    commits = claims.commits[:LISTED] if claims else ()
    return _Sighting(taken_at, scan.ref, state, changed_at, commits, claims.count if claims else 0)


def _state(inventory: Inventory, resource: ResourceId) -> tuple[_State | None, datetime | None]:
    """What a resource ran according to a scan, and when it was last changed."""
    kind = kind_of(resource)
    record = next((record for record in inventory.of_kind(kind) if record.id == resource), None)
    if record is None:
        return (_State(False) if looked(inventory, resource) else None), None
    if isinstance(record, Function | Version):
        digest = record.image_digest or record.code_sha256
        state = _State(True, (digest,), image_uri=record.image_uri or "") if digest else None
        return state, record.last_modified
    if isinstance(record, Alias):
        return _of_alias(inventory, record), None
    if isinstance(record, Workload):
        digests = tuple(dict.fromkeys(used.digest or used.image for used in record.images))
        return _State(True, digests), record.changed_at
    return None, None


def _of_alias(inventory: Inventory, alias: Alias) -> _State | None:
    wanted = [alias.version, *(version for version, _ in alias.weights)]
    digests: list[str] = []
    for number in wanted:
        configuration: Function | Version | None
        if number == "$LATEST":
            configuration = next(
                (candidate for candidate in inventory.functions if candidate.id == alias.function),
                None,
            )
        else:
            target = version_id(*alias.place, alias.function_name, number)
            configuration = next(
                (candidate for candidate in inventory.versions if candidate.id == target), None
            )
        if configuration is None:
            return None
        digests.append(configuration.image_digest or configuration.code_sha256)
    return _State(True, tuple(digests), alias.version, alias.weights)


def _deployments(newest_first: Sequence[_Sighting]) -> Iterable[PastDeployment]:
    """One entry for each series of scans that saw the same."""
    index = 0
    while index < len(newest_first):
        sighting = newest_first[index]
        if sighting.state is None:
            index += 1
            continue
        alike = [
            (
                seen.taken_at,
                Saw.UNREAD
                if seen.state is None
                else Saw.YES
                if seen.state == sighting.state
                else Saw.NO,
            )
            for seen in newest_first[index:]
        ]
        span = span_of(alike)
        assert span is not None
        last = index + max(
            at
            for at, (taken_at, saw) in enumerate(alike)
            if saw is Saw.YES and taken_at >= span.since
        )
        first = newest_first[last]
        yield PastDeployment(
            span=span,
            there=sighting.state.there,
            digests=sighting.state.digests,
            version=sighting.state.version,
            weights=sighting.state.weights,
            image_uri=sighting.state.image_uri,
            changed_at=first.changed_at,
            commits=sighting.commits,
            count=sighting.size,
            snapshot=first.ref,
        )
        index = last + 1
