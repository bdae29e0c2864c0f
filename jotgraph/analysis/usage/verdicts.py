"""What is in use, what is in doubt, and how old everything is."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable
from datetime import datetime
from typing import NamedTuple

from jotgraph.analysis.usage.in_use import Ways, in_use
from jotgraph.analysis.usage.index import GraphIndex, index_of
from jotgraph.analysis.usage.judges import Doubts, doubts
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.reach import Uses, UsesOf, uses
from jotgraph.analysis.usage.words import named
from jotgraph.graph import ResourceGraph, remembered
from jotgraph.records import ResourceId


class Verdicts(NamedTuple):
    """The verdict on everything that is judged. What is neither used nor in doubt is an orphan."""

    in_use: Ways
    in_doubt: dict[ResourceId, tuple[Doubt, ...]]
    """Doubts on what is not in use: its own, and those of what uses it."""
    own: Doubts
    """The own doubts of everything that was judged, in use or not."""

    def orphan(self, resource: ResourceId) -> bool:
        """Whether a resource was judged, and is neither in use nor in doubt."""
        judged = resource in self.own
        return judged and resource not in self.in_use and resource not in self.in_doubt


@remembered
def verdicts(graph: ResourceGraph, options: Options, now: datetime) -> Verdicts:
    """Judge everything except commits. Raises OptionError for options that name an unknown
    doubt."""
    index = index_of(graph)
    using = uses(graph)
    used = in_use(index, options, using)
    own = doubts(index, options, now)
    return Verdicts(used, spread(with_owners(index, using), used, own.raised(), own), own)


def with_owners(index: GraphIndex, using: UsesOf) -> Uses:
    """Return ``using``, with the function of each version added: it cannot exist without it."""
    versions = index.versions_by_id.items()
    return using.also({resource: (version.function,) for resource, version in versions})


def spread(
    using: Uses,
    used: Container[ResourceId],
    own: Iterable[tuple[ResourceId, tuple[Doubt, ...]]],
    judged: Container[ResourceId],
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """Return the doubts of what is not in use, passed on to everything that it uses."""
    doubted = {resource: doubts for resource, doubts in own if doubts and resource not in used}
    in_doubt = {resource: doubted[resource] for resource in sorted(doubted)}
    todo = deque(in_doubt)
    while todo:
        user = todo.popleft()
        for target in using.get(user, ()):
            if target not in in_doubt and target not in used and target in judged:
                in_doubt[target] = (Doubt("in-doubt", f"{named(user)} uses it, itself in doubt"),)
                todo.append(target)
    return in_doubt
