"""Which services that can run images were read, by account and region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jotgraph.records import Coverage, CoverageState, Place, Scope
from jotgraph.records.kinds import CONSUMERS

SERVICES = ("lambda", *CONSUMERS)
_NOT_ASKED = "not asked"
_WORDS = {
    CoverageState.READ: "read",
    CoverageState.DENIED: "denied",
    CoverageState.FAILED: "failed",
    CoverageState.LEFT_OUT: "left out",
    CoverageState.EMPTY: "empty",
    CoverageState.ABSENT: "not offered",
}
_ORDER = ("read", "denied", "failed", "left out", _NOT_ASKED, "empty", "not offered")
_PLACES_SHOWN = 2


def by_service(scope: Scope) -> Mapping[tuple[Place, str], Coverage]:
    """What is known of each service in each place; of one that was not asked there, nothing."""
    return {(coverage.place, coverage.service): coverage for coverage in scope.coverage}


def coverage_lines(scope: Scope) -> tuple[str, ...]:
    """One line for all places that are alike: ``123456789012/us-east-1: lambda, ecs read; batch
    denied; apprunner, codebuild empty``. Places that a scan read come first."""
    states = {key: _WORDS[coverage.state] for key, coverage in by_service(scope).items()}
    read = {Place(*pair) for pair in scope.places}
    places = {*read, *(place for place, _ in states), *(Place(*pair) for pair in scope.enabled)}
    alike: dict[tuple[bool, tuple[str, ...]], list[Place]] = {}
    for place in sorted(places):
        row = tuple(states.get((place, service), _NOT_ASKED) for service in SERVICES)
        alike.setdefault((place not in read, row), []).append(place)
    return tuple(
        f"{_places(alike[key])}: {_services(key[1])}"
        for key in sorted(alike, key=lambda key: (key[0], alike[key]))
    )


def assumption(services: Iterable[str]) -> str:
    """What the user vouches for; empty for nothing."""
    named = ", ".join(sorted(services))
    return f"assumed: nothing of {named} runs these images" if named else ""


def _places(places: list[Place]) -> str:
    shown = ", ".join("/".join(place) for place in places[:_PLACES_SHOWN])
    more = len(places) - _PLACES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _services(row: tuple[str, ...]) -> str:
    by_word: dict[str, list[str]] = {}
    for service, word in zip(SERVICES, row, strict=True):
        by_word.setdefault(word, []).append(service)
    if len(by_word) == 1:
        return f"every service {next(iter(by_word))}"
    return "; ".join(f"{', '.join(by_word[word])} {word}" for word in _ORDER if word in by_word)
