"""What is in use, what is in doubt and how old everything is: verdicts before they are worded."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from jotgraph.analysis.usage.in_use import Ways, in_use
from jotgraph.analysis.usage.index import GraphIndex, index_of
from jotgraph.analysis.usage.judges import ages, doubts
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.reach import Uses, uses
from jotgraph.analysis.usage.words import named
from jotgraph.graph import ResourceGraph, remembered
from jotgraph.records import ResourceId


class Verdicts(NamedTuple):
    """The verdict on everything that is judged. What is neither in use nor in doubt is an
    orphan."""

    in_use: Ways
    in_doubt: dict[ResourceId, tuple[Doubt, ...]]
    """What is not in use and may not be called unused: its own doubts, or those of what uses it."""
    own: dict[ResourceId, tuple[Doubt, ...]]
    """Its own doubts alone, of what is in use too."""
    age_days: dict[ResourceId, float | None]

    def orphan(self, resource: ResourceId) -> bool:
        """Whether a resource was judged and neither a use of it nor a doubt was found."""
        judged = resource in self.age_days
        return judged and resource not in self.in_use and resource not in self.in_doubt


@remembered
def verdicts(graph: ResourceGraph, options: Options, now: datetime) -> Verdicts:
    """Judge everything but commits. Raises OptionError for options that name no doubt."""
    index = index_of(graph)
    using = uses(graph)
    used = in_use(index, options, using)
    own = doubts(index, options, now)
    return Verdicts(used, spread(with_owners(index, using), used, own), own, ages(graph, own, now))


def with_owners(index: GraphIndex, using: Uses) -> Uses:
    """``using``, and each version uses its function, without which it cannot be."""
    owners = {
        resource: (*using.get(resource, ()), version.function)
        for resource, version in index.versions_by_id.items()
    }
    return {**using, **owners}


def spread(
    using: Uses, used: Collection[ResourceId], own: dict[ResourceId, tuple[Doubt, ...]]
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """Doubts of what is not in use, handed on to everything that it in turn uses."""
    in_doubt = {
        resource: reasons
        for resource, reasons in sorted(own.items())
        if reasons and resource not in used
    }
    todo = deque(in_doubt)
    while todo:
        user = todo.popleft()
        for target in using.get(user, ()):
            if target not in in_doubt and target not in used and target in own:
                in_doubt[target] = (Doubt("in-doubt", f"{named(user)} uses it, itself in doubt"),)
                todo.append(target)
    return in_doubt
