"""Which services that can run images were read, by account and region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from jotgraph.records import Coverage, CoverageState, Place, Scope
from jotgraph.records.kinds import SERVICES

_WORDS = {
    CoverageState.READ: "read",
    CoverageState.DENIED: "denied",
    CoverageState.FAILED: "failed",
    CoverageState.LEFT_OUT: "left out",
    CoverageState.NOT_ASKED: "not asked",
    CoverageState.EMPTY: "empty",
    CoverageState.ABSENT: "not offered",
}
_PLACES_SHOWN = 2

_Row: TypeAlias = tuple[CoverageState, ...]
"""The state of each service in one place, in the order of ``SERVICES``."""


NO_ACCOUNT = "no AWS account was read"


def without_account(scope: Scope) -> str:
    """Return ``no AWS account was read`` when that is so, in which case an empty answer claims
    nothing."""
    return "" if scope.accounts else NO_ACCOUNT


def by_service(scope: Scope) -> Mapping[tuple[Place, str], Coverage]:
    """Return the state of each service in each place; None for a service that was not asked there.
    When a service was read several times, an incomplete reading prevails."""
    known: dict[tuple[Place, str], Coverage] = {}
    for coverage in scope.coverage:
        key = coverage.place, coverage.service
        before = known.setdefault(key, coverage)
        if before.whole:
            known[key] = coverage
    return known


def with_coverage(scope: Scope) -> Scope:
    """Return the scope with an entry for every service in every place, unasked ones included.
    Lambda is read in every place of a scope; older inventories have no entry for it."""
    known, read = by_service(scope), {Place(*pair) for pair in scope.places}
    missing = (
        Coverage(
            account=place.account,
            region=place.region,
            service=service,
            state=CoverageState.READ
            if service == "lambda" and place in read
            else CoverageState.NOT_ASKED,
        )
        for place in _places(scope)
        for service in SERVICES
        if (place, service) not in known
    )
    return msgspec.structs.replace(scope, coverage=tuple(sorted((*scope.coverage, *missing))))


def coverage_lines(scope: Scope) -> tuple[str, ...]:
    """Return one line for all places with the same coverage: ``123456789012/us-east-1: lambda, ecs
    read; batch denied; apprunner, codebuild empty``. Scanned places come first."""
    return tuple(
        f"{_named(places)}: {_services(row, '; ', tuple(_WORDS))}" for row, places in _alike(scope)
    )


def coverage_note(scope: Scope) -> str:
    """Return one line about services that may run images and were not read completely; empty if all
    were. ``Not read, and may run images: batch denied, eks not asked in 123456789012/us-east-1``"""
    lacking = lacking_words(scope)
    return f"Not read, and may run images: {lacking}" if lacking else ""


def lacking_words(scope: Scope) -> str:
    """Return the services that may run images and were not read completely; empty if all were.
    ``batch denied, eks not asked in 123456789012/us-east-1``, with the scan that reads a region
    which was not scanned."""
    lacking = tuple(state for state in _WORDS if not state.whole)
    parts = [
        f"{_services(row, ', ', lacking)} in {_named(places)}"
        for row, places in _alike(scope)
        if not all(state.whole for state in row)
    ]
    outside = {
        place.account
        for row, places in _alike(scope)
        for place in places
        if not all(state.whole for state in row) and place not in scope.places
    }
    command = " (jotgraph scan --region all)" if outside & {*scope.accounts} else ""
    return f"{'; '.join(parts)}{command}" if parts else ""


def not_read(scope: Scope) -> tuple[str, ...]:
    """Return the services that were not read completely in some place."""
    rows = [row for row, _ in _alike(scope)]
    return tuple(
        service for at, service in enumerate(SERVICES) if not all(row[at].whole for row in rows)
    )


def assumption(services: Iterable[str]) -> str:
    """Return a sentence about services that the user assumes to run nothing; empty for none."""
    named = ", ".join(sorted(services))
    return f"assumed: nothing of {named} runs these images" if named else ""


def _places(scope: Scope) -> tuple[Place, ...]:
    """Every place in a scope, read or not."""
    known = {Place(*pair) for pair in (*scope.places, *scope.enabled)}
    return tuple(sorted(known.union(coverage.place for coverage in scope.coverage)))


def _alike(scope: Scope) -> list[tuple[_Row, list[Place]]]:
    """Group places by the state of their services; scanned places first."""
    known = by_service(with_coverage(scope))
    read = {Place(*pair) for pair in scope.places}
    alike: dict[tuple[bool, _Row], list[Place]] = {}
    for place in _places(scope):
        row = tuple(known[place, service].state for service in SERVICES)
        alike.setdefault((place not in read, row), []).append(place)
    return [(key[1], alike[key]) for key in sorted(alike, key=lambda key: (key[0], alike[key]))]


def _named(places: list[Place]) -> str:
    shown = ", ".join("/".join(place) for place in places[:_PLACES_SHOWN])
    more = len(places) - _PLACES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _services(row: _Row, between: str, shown: tuple[CoverageState, ...]) -> str:
    """The services in these states, state by state."""
    by_state: dict[CoverageState, list[str]] = {}
    for service, state in zip(SERVICES, row, strict=True):
        by_state.setdefault(state, []).append(service)
    if len(by_state) == 1:
        return f"every service {_WORDS[row[0]]}"
    names = {state: ", ".join(services) for state, services in by_state.items()}
    if len(set(row[1:])) == 1:  # all but Lambda
        names[row[1]] = "every other service"
    return between.join(f"{names[state]} {_WORDS[state]}" for state in shown if state in names)
