"""Versions that were published during the scan, after ListFunctions.

A listing is known to be outdated when an alias routes to a version that it lacks, or GetFunction
returns another configuration than listed. What ran before may still run as a version, so versions
are listed again; a gap says where that failed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from jotgraph.errors import Failure
from jotgraph.records import Alias, Function, Gap, Kind, Version
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.functions.configuration import LATEST, configuration_of
from jotgraph.sources.functions.requests import list_versions

Published = tuple[tuple[Version, ...], tuple[Gap, ...]]
"""Versions that were not listed, and the gaps."""


def changed(listed: Function | Version, detailed: Function | Version) -> bool:
    """Return whether a function was changed after it was listed. A version never changes."""
    return isinstance(listed, Function) and _state(listed) != _state(detailed)


def _state(record: Function | Version) -> tuple[object, ...]:
    return record.code_sha256, record.role_arn, record.last_modified


def routed_since(
    place: RegionClient, aliases: Sequence[Alias], versions: Collection[Version], key: bytes
) -> Published:
    """Return the unlisted versions that aliases route to, with all others of their functions.
    Calls: 1 ListVersionsByFunction for each 50 versions of such a function."""
    known = {(version.name, version.number) for version in versions}
    behind = sorted({name for name, number in _routed(aliases) if (name, number) not in known})
    published, gaps = _each_published(place, behind, known, key)
    known |= {(version.name, version.number) for version in published}
    failed = {gap.resource for gap in gaps}
    lost = {
        name: number
        for name, number in sorted(_routed(aliases), reverse=True)
        if (name, number) not in known and name not in failed
    }
    absent = (
        _unread(place, name, Failure("error", f"an alias routes to version {number}, not listed"))
        for name, number in sorted(lost.items())
    )
    return published, (*gaps, *absent)


def published_since(
    place: RegionClient, name: str, versions: Iterable[Version], key: bytes
) -> Published:
    """Return the unlisted versions of one function."""
    known = {(version.name, version.number) for version in versions}
    return _published(place, name, known, key)


def _routed(aliases: Iterable[Alias]) -> Iterator[tuple[str, str]]:
    for alias in aliases:
        for number in (alias.version, *(number for number, _ in alias.weights)):
            if number != LATEST:
                yield alias.function_name, number


def _each_published(
    place: RegionClient, names: Sequence[str], known: Collection[tuple[str, str]], key: bytes
) -> Published:
    reads = place.each("versions", lambda name: _published(place, name, known, key), names)
    published: list[Version] = []
    gaps: list[Gap] = []
    for name, read in zip(names, reads, strict=True):
        if isinstance(read, Failure):
            gaps.append(_unread(place, name, read))
        else:
            published += read[0]
            gaps += read[1]
    return tuple(published), tuple(gaps)


def _published(
    place: RegionClient, name: str, known: Collection[tuple[str, str]], key: bytes
) -> Published:
    listing = list_versions(place, name)
    records = (configuration_of(place, item, key) for item in listing.items)
    versions = tuple(
        record
        for record in records
        if isinstance(record, Version) and (record.name, record.number) not in known
    )
    gaps = (_unread(place, name, listing.failure),) if listing.failure else ()
    return versions, gaps


def _unread(place: RegionClient, name: str, failure: Failure) -> Gap:
    return place.gap(
        "lambda", "ListVersionsByFunction", failure, resource=name, hides=(Kind.VERSION,)
    )
