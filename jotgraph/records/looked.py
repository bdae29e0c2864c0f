"""Whether a scan looked for a resource that it did not find."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from jotgraph.records.gaps import Gap, concerns, hidden_kinds
from jotgraph.records.ids import (
    ResourceId,
    function_name_of,
    kind_of,
    place_of,
    repository_name_of,
)
from jotgraph.records.inventory import Scope
from jotgraph.records.kind_traits import Home
from jotgraph.records.kinds import KINDS, Kind


class Read(Protocol):
    """What ``looked`` needs of an inventory or of a graph."""

    @property
    def scope(self) -> Scope: ...
    @property
    def gaps(self) -> tuple[Gap, ...]: ...


def looked(read: Read, resource: ResourceId) -> bool:
    """Whether the place that should hold a resource was read completely."""
    kind, scope = kind_of(resource), read.scope
    hiding = [gap for gap in read.gaps if kind in hidden_kinds(gap)]
    match KINDS[kind].home:
        case Home.GIT:
            return bool(scope.git) and not hiding
        case Home.ENGINE:
            return bool(scope.engine) and not hiding
        case Home.ACCOUNT:
            place = place_of(resource)
            return place.account in scope.accounts and not any(
                concerns(gap, place) for gap in hiding
            )
        case Home.REGION:
            return _looked_in_region(read, resource, hiding)


def _looked_in_region(read: Read, resource: ResourceId, hiding: Iterable[Gap]) -> bool:
    place, name = place_of(resource), repository_name_of(resource)
    if name == "?":  # a digest in an unknown repository may be in an account not in the scope
        return False
    if kind_of(resource) in (Kind.VERSION, Kind.ALIAS):
        name = function_name_of(resource)
    return place in read.scope.places and not any(concerns(gap, place, name) for gap in hiding)
