"""What runs images beside Lambda now, in the scope of a plan: through the table of consumers and
the probes of a scan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec

from jotgraph.errors import CallFailedError
from jotgraph.records import Coverage, Gap, Inventory, Registry, Scope, Workload
from jotgraph.records.kinds import CONSUMERS
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import homes_of
from jotgraph.sources.aws.probes import probe_regions
from jotgraph.sources.aws.regions import list_regions
from jotgraph.sources.aws.workload_stage import Asked, start_workloads
from jotgraph.sources.connections import Connections
from jotgraph.sources.ecr.registry import read_registry
from jotgraph.sources.functions.capacity import read_capacity_providers
from jotgraph.sources.options import ScanOptions


@dataclass(frozen=True)
class WorkloadsNow:
    """The workloads in a scope, and which services were read."""

    workloads: tuple[Workload, ...]
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...] = ()
    """Gaps that no service's coverage shows: about Lambda's capacity providers."""
    enabled: tuple[tuple[str, str], ...] = ()
    """(account, region) pairs that are enabled."""
    registries: tuple[Registry, ...] = ()
    """Registries, when the scope has several: rules of one may fetch from another."""

    def within(self, inventory: Inventory) -> Inventory:
        """Return the inventory with these workloads and with what is now known of regions and
        services, which replaces its own."""
        now = {(coverage.place, coverage.service): coverage for coverage in self.coverage}
        before = {
            (coverage.place, coverage.service): coverage for coverage in inventory.scope.coverage
        }
        scope = msgspec.structs.replace(
            inventory.scope,
            coverage=tuple(sorted((before | now).values())),
            enabled=self.enabled,
        )
        read = {registry.place for registry in inventory.registries}
        others = (registry for registry in self.registries if registry.place not in read)
        return msgspec.structs.replace(
            inventory,
            scope=scope,
            workloads=self.workloads,
            gaps=(*inventory.gaps, *self.gaps),
            registries=(*inventory.registries, *others),
        )


def workloads_now(connections: Connections, scope: Scope, assumed: Collection[str]) -> WorkloadsNow:
    """Read every service in every place of a scope, and probe the other regions that its accounts
    have enabled now.

    A service that was incomplete in a place when the plan was made, and that the user assumes to
    run nothing (``assumed``), is not read there. Raises CallFailedError when the regions can no
    longer be read. Calls: those of a scan's workloads and probes (``sources.collect``), without
    stored immutable revisions, 1 DescribeRegions an account and, for several places, 4 about the
    registry of each.
    """
    places = [connections.region(account, region) for account, region in scope.places]
    enabled = tuple(
        pair for place in homes_of(tuple(places)) for pair in _enabled_now(place, scope)
    )
    without = frozenset(_set_aside(scope, enabled, assumed))
    asking = start_workloads(places, ScanOptions(quick=scope.quick), connections.threads, without)
    probed, _ = probe_regions(places, {*enabled, *scope.enabled}, connections.threads, without)
    listed = [read_capacity_providers(place) for place in places]
    providers = tuple(provider for batch, _ in listed for provider in batch)
    several = places if len(places) > 1 else []
    settings = list(connections.threads.stages.map(read_registry, several))
    ran = asking.answers()
    return WorkloadsNow(
        (*ran.workloads, *providers),
        (*ran.coverage, *probed),
        tuple(gap for _, gaps in (*listed, *settings) for gap in gaps),
        enabled,
        tuple(registry for registries, _ in settings for registry in registries),
    )


def _enabled_now(place: RegionClient, scope: Scope) -> Iterator[tuple[str, str]]:
    """The regions that an account has enabled. Raises CallFailedError when they cannot be read and
    could be when the plan was made."""
    listing = list_regions(place)
    if listing.failure and any(account == place.account for account, _ in scope.enabled):
        raise CallFailedError(listing.failure)
    regions = () if listing.failure else listing.items
    yield from sorted((place.account, region["RegionName"]) for region in regions)


def _set_aside(
    scope: Scope, enabled: Collection[tuple[str, str]], assumed: Collection[str]
) -> Iterator[Asked]:
    """The services to skip, because the plan did without them."""
    whole = {
        (coverage.account, coverage.region, coverage.service)
        for coverage in scope.coverage
        if coverage.whole
    }
    for account, region in {*scope.places, *scope.enabled, *enabled}:
        for service in ("lambda", *CONSUMERS):
            asked = (account, region, service)
            if service in assumed and asked not in whole:
                yield asked
