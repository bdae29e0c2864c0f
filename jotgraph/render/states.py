"""Graph -> the words that queries have for each resource, for ``Options.states``."""

from __future__ import annotations

from collections import defaultdict

from jotgraph.graph import ResourceGraph
from jotgraph.queries.jots import Jot, State, jots
from jotgraph.queries.orphans import orphans
from jotgraph.records import ResourceId, function_id, version_id
from jotgraph.standing import State as Standing

_SILENT = frozenset({State.ZIP, State.NOT_DEPLOYED, State.CONFLICT})
_SHORT = {State.ROLE_MISSING: "role missing", State.IMAGE_UNREAD: "image unread"}


def states(graph: ResourceGraph, ref: str | None = None) -> dict[ResourceId, tuple[str, ...]]:
    """What is wrong or worth a look: broken, drift, conflict, orphan, ``3 behind``, dirty, idle."""
    found: dict[ResourceId, set[str]] = defaultdict(set)
    for jot in jots(graph, ref=ref, all_versions=True).jots:
        words = {_SHORT.get(each, str(each)) for each in jot.states if each not in _SILENT}
        standing = jot.commit.standing
        if standing.state is Standing.BEHIND:
            words.add(f"{standing.behind} behind")
        if standing.state is Standing.NOT_CURRENT:
            words.add("diverged")
        for each in _configurations(jot):
            found[each] |= words
        if jot.image and State.CONFLICT in jot.states:
            kind = jot.commit.conflict_kind.replace("-", " ")
            found[jot.image.id].add(f"conflict: {kind}" if kind else "conflict")
        if jot.image and standing.dirty and jot.commit.conflict_kind != "dirty-build":
            found[jot.image.id].add("dirty")
    for judged in orphans(graph).orphans:
        found[judged.id].add("orphan")
    return {each: tuple(sorted(found[each])) for each in sorted(found) if found[each]}


def _configurations(jot: Jot) -> list[ResourceId]:
    place = jot.account, jot.region, jot.function
    return [
        function_id(*place) if each == "$LATEST" else version_id(*place, each)
        for each in jot.qualifiers
    ]
