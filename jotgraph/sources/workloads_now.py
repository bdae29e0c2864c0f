"""What runs images beside Lambda at this moment, wherever a plan was made from: by the table of
consumers and the probes of a scan, once more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec

from jotgraph.records import Coverage, Gap, Inventory, Scope, Workload
from jotgraph.records.kinds import CONSUMERS
from jotgraph.sources.aws.probes import probe_regions
from jotgraph.sources.aws.workload_stage import Asked, start_workloads
from jotgraph.sources.connections import Connections
from jotgraph.sources.functions.capacity import read_capacity_providers
from jotgraph.sources.options import ScanOptions


@dataclass(frozen=True)
class WorkloadsNow:
    """The workloads of a scope, and which services were read."""

    workloads: tuple[Workload, ...]
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...] = ()
    """About what the coverage of no service tells: Lambda's capacity providers."""

    def within(self, inventory: Inventory) -> Inventory:
        """The inventory with these workloads, and with what is known now of the services."""
        now = {(one.place, one.service): one for one in self.coverage}
        before = {(one.place, one.service): one for one in inventory.scope.coverage}
        scope = msgspec.structs.replace(
            inventory.scope, coverage=tuple(sorted((before | now).values()))
        )
        gaps = (*inventory.gaps, *self.gaps)
        return msgspec.structs.replace(inventory, scope=scope, workloads=self.workloads, gaps=gaps)


def workloads_now(connections: Connections, scope: Scope, assumed: Collection[str]) -> WorkloadsNow:
    """Read every service in every place of a scope, and whether there is anything in the other
    regions that its accounts have enabled. A service that was not whole in a place when the plan
    was made, and of which the user vouches that it runs nothing (``assumed``), is not asked there.

    Calls: those of a scan's workloads and probes (``sources.collect``), without what is kept for
    ever of immutable revisions.
    """
    places = [connections.region(account, region) for account, region in scope.places]
    without = frozenset(_set_aside(scope, assumed))
    asking = start_workloads(places, ScanOptions(quick=scope.quick), connections.threads, without)
    probed, _ = probe_regions(places, scope.enabled, connections.threads, without)
    listed = [read_capacity_providers(place) for place in places]
    providers = tuple(provider for found, _ in listed for provider in found)
    ran = asking.answers()
    return WorkloadsNow(
        (*ran.workloads, *providers),
        (*ran.coverage, *probed),
        tuple(gap for _, gaps in listed for gap in gaps),
    )


def _set_aside(scope: Scope, assumed: Collection[str]) -> Iterator[Asked]:
    """What need not be asked: the plan did without it."""
    whole = {(one.account, one.region, one.service) for one in scope.coverage if one.whole}
    for account, region in {*scope.places, *scope.enabled}:
        for service in ("lambda", *CONSUMERS):
            asked = (account, region, service)
            if service in assumed and asked not in whole:
                yield asked
