"""Reads what a scan left out of the few functions that a plan would delete: aliases, policies,
URLs.

Each costs a call for each function, of 15 a second that Lambda allows. A scan without ``--usage``
lists the aliases of functions with a published version only, and reads no callers, both of which a
deletion must know.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from jotgraph.clients import Clients
from jotgraph.records import Function, Gap, Inventory, ResourceId
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import open_threads, places_of
from jotgraph.sources.functions.invocations import with_callers
from jotgraph.sources.functions.listing import ALIASES, FunctionRead, read_aliases
from jotgraph.sources.merge import by_id, fold


def left_out(inventory: Inventory, among: Collection[ResourceId]) -> tuple[Function, ...]:
    """Return the functions whose aliases, policies or URLs were not read."""
    bare = _unlisted(inventory)
    return tuple(
        function
        for function in inventory.functions
        if function.id in among
        and (function.id in bare or None in (function.policy, function.urls, function.provisioned))
    )


def read_again(
    inventory: Inventory, functions: Collection[Function], clients: Clients
) -> Inventory:
    """Return the inventory with what was left out of these functions. Calls: at most 1 ListAliases,
    1 ListFunctionUrlConfigs and 1 ListProvisionedConcurrencyConfigs each, 1 GetPolicy for each, its
    versions and aliases, and 1 STS a session. What cannot be read is a gap."""
    bare = _unlisted(inventory)
    reads: list[FunctionRead] = []
    with open_threads(clients.aws) as threads:
        for place in places_of(clients.aws, threads)[0]:
            in_place = [
                e for e in functions if (e.account, e.region) == (place.account, place.region)
            ]
            reads.append(_read(place, inventory, in_place, bare))
    new = {function.id: function for read in reads for function in read.functions}
    gaps: list[Gap] = [gap for read in reads for gap in read.gaps]
    return msgspec.structs.replace(
        inventory,
        functions=tuple(new.get(function.id, function) for function in inventory.functions),
        aliases=by_id((*inventory.aliases, *(alias for read in reads for alias in read.aliases))),
        gaps=fold((*inventory.gaps, *gaps)),
    )


def _unlisted(inventory: Inventory) -> frozenset[ResourceId]:
    """Functions whose aliases were left out by choice."""
    places = {(gap.account, gap.region) for gap in inventory.gaps if gap.facts == ALIASES}
    listed = {version.function for version in inventory.versions}
    listed |= {alias.function for alias in inventory.aliases}
    return frozenset(
        function.id
        for function in inventory.functions
        if function.id not in listed and (function.account, function.region) in places
    )


def _read(
    place: RegionClient,
    inventory: Inventory,
    functions: list[Function],
    bare: Collection[ResourceId],
) -> FunctionRead:
    ids = {function.id for function in functions}
    aliases, gaps = read_aliases(
        place, sorted(function.name for function in functions if function.id in bare)
    )
    read = FunctionRead(
        functions=tuple(functions),
        versions=tuple(version for version in inventory.versions if version.function in ids),
        aliases=(*(alias for alias in inventory.aliases if alias.function in ids), *aliases),
    )
    called, more = with_callers(place, read)
    return FunctionRead(called, (), aliases, (), (*gaps, *more))
