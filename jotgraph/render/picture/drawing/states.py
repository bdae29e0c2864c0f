"""The words that queries have for each resource, for ``Options.states``."""

from __future__ import annotations

from collections import defaultdict

from jotgraph.analysis.lag import Standing
from jotgraph.analysis.lag import State as Stands
from jotgraph.queries.answers.jots import Jot, Jots, State
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.answers.staleness import Entry, Stale, Staleness
from jotgraph.records import Kind, ResourceId, function_id, version_id

_OF_JOTS = {
    State.QUARANTINED: "quarantined",
    State.FAILED: "failed",
    State.ROLE_MISSING: "role missing",
    State.IMAGE_UNREAD: "image unread",
}
"""What only a jot tells; drift, broken and idle are those of ``stale``."""


def states(
    staleness: Staleness, table: Jots, orphans: Orphans
) -> dict[ResourceId, tuple[str, ...]]:
    """What is wrong or worth a look: the words of ``stale`` (broken, drift, ``3 behind``, role
    recreated, idle), those of ``ls`` (conflict, failed, dirty), and orphan."""
    found: dict[ResourceId, set[str]] = defaultdict(set)
    for entry in staleness.functions:
        found[entry.id] |= _stale(entry)
    for jot in (jot for jot in table.jots if jot.function):
        words = {_OF_JOTS[each] for each in jot.states if each in _OF_JOTS}
        for each in _configurations(jot):
            # Lambda's own word for it says no more than that it is broken
            found[each] |= words - ({"failed"} if "broken" in found[each] else set())
        if jot.image and State.CONFLICT in jot.states:
            kind = jot.commit.conflict_kind.replace("-", " ")
            found[jot.image.id].add(f"conflict: {kind}" if kind else "conflict")
        dirty = jot.commit.standing.dirty and jot.commit.conflict_kind != "dirty-build"
        if jot.image and dirty:
            found[jot.image.id].add("dirty")
    for judged in orphans.orphans:
        found[judged.id].add("orphan")
    return {each: tuple(sorted(found[each])) for each in sorted(found) if found[each]}


def _stale(entry: Entry) -> set[str]:
    """An alias is as wrong as what it leads to; how far that lags is said there."""
    words = {str(each).replace("-", " ") for each in entry.states if each is not Stale.LAG}
    lags = Stale.LAG in entry.states and entry.kind is not Kind.ALIAS
    return words | _lag(entry.lag) if lags else words


def _lag(lag: Standing) -> set[str]:
    if lag.state is Stands.BEHIND:
        return {f"{lag.behind} behind"}
    # What lags is of a further repository if the commit shown does not.
    return {"diverged"} if lag.state is Stands.NOT_CURRENT else {"behind"}


def _configurations(jot: Jot) -> list[ResourceId]:
    place = jot.account, jot.region, jot.function
    return [
        function_id(*place) if each == "$LATEST" else version_id(*place, each)
        for each in jot.qualifiers
    ]
