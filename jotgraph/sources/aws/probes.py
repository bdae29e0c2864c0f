"""Probes enabled regions that a scan does not read for anything at all.

A region without a function and a workload uses no image and no role, and one listing of each
service shows that: a team in one region gets verdicts on its roles without reading every region.
Calls, for each such region: the first of every listing in the table of consumers, 1 ListFunctions
and 1 ListCapacityProviders; 14 where every service is offered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import Coverage, CoverageState, Gap, Kind
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.offered import offered
from jotgraph.sources.aws.places import Threads, safely
from jotgraph.sources.aws.workload_stage import Asked
from jotgraph.sources.aws.workloads import coverage_of, none_there
from jotgraph.sources.consumers import BY_SERVICE, Consumer
from jotgraph.sources.parts import keeping

_MAY_BE_UNKNOWN = "ListCapacityProviders"
"""Calls whose absence in an endpoint proves that there is nothing to list, because they are newer
than Lambda. Every other call is as old as its service, so that an endpoint without it proves
nothing."""


def probe_regions(
    places: Sequence[RegionClient],
    enabled: Iterable[tuple[str, str]],
    threads: Threads,
    without: Collection[Asked] = (),
) -> tuple[tuple[Coverage, ...], tuple[Gap, ...]]:
    """Probe every service in every enabled region that is not read, except in places ``without``
    need."""
    read = {(place.account, place.region) for place in places}
    homes = {place.account: place for place in reversed(places)}
    elsewhere = [
        homes[account].in_region(region)
        for account, region in sorted(set(enabled) - read)
        if account in homes
    ]
    asked = [
        (place, service, entries)
        for place in elsewhere
        for service, entries in (("lambda", ()), *BY_SERVICE)
        if (place.account, place.region, service) not in without
    ]

    def probe(question: tuple[RegionClient, str, tuple[Consumer, ...]]) -> Probed | Gap:
        place, service, entries = question
        read = partial(_probe, service=service, entries=entries)
        return safely(service, place, keeping(place.parts, f"probe-{service}", Probed, read))

    coverage: list[Coverage] = []
    gaps: list[Gap] = []
    for (place, service, _), answer in zip(asked, threads.stages.map(probe, asked), strict=True):
        if isinstance(answer, Gap):
            failed = coverage_of(place, service, CoverageState.FAILED, answer.detail)
            answer = Probed(failed, answer)
        coverage.append(answer.coverage)
        gaps += [answer.gap] if answer.gap else []
    return tuple(coverage), tuple(gaps)


class Probed(NamedTuple):
    """The state of one service in one region, and the reason when it is not fully known."""

    coverage: Coverage
    gap: Gap | None = None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return (self.gap,) if self.gap else ()


def _probe(place: RegionClient, service: str, entries: tuple[Consumer, ...]) -> Probed:
    """Request the first page of each listing of one service in one region."""
    client = entries[0].client or service if entries else service
    if not offered(place, client):
        return Probed(coverage_of(place, service, CoverageState.ABSENT))
    for action, member, token, params in listings_of(entries):
        try:
            answer = place.ask(client, action, member, **params)
        except CallFailedError as error:
            unknown = error.failure.reason == "unsupported" and action == _MAY_BE_UNKNOWN
            if unknown or none_there(error.failure, within=False):
                continue
            return _unprobed(place, service, action, error.failure)
        if answer.get(member) or answer.get(token):
            there = f"{action} names something there: scan it with --region {place.region}"
            return Probed(coverage_of(place, service, CoverageState.LEFT_OUT, there))
    return Probed(coverage_of(place, service, CoverageState.EMPTY))


def listings_of(entries: tuple[Consumer, ...]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Return (action, member, token, parameters) of the first listing of each entry, without
    duplicates."""
    if not entries:
        yield "ListFunctions", "Functions", "NextMarker", {"MaxItems": 1}
        yield _MAY_BE_UNKNOWN, "CapacityProviders", "NextMarker", {"MaxItems": 1}
    asked = set()
    for call in (entry.calls[0] for entry in entries):
        if call.action not in asked:
            asked.add(call.action)
            size = {call.limit: call.page} if call.page else {}
            yield call.action, call.found, call.token, {**call.fixed, **size}


def _unprobed(place: RegionClient, service: str, action: str, failure: Failure) -> Probed:
    hides = Kind.FUNCTION if service == "lambda" else Kind.WORKLOAD
    state = CoverageState.DENIED if failure.reason == "denied" else CoverageState.FAILED
    gap = place.gap(service, action, failure, hides=(hides,))
    return Probed(coverage_of(place, service, state, failure.detail), gap)
