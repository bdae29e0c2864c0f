"""Lambda's capacity providers: no function names the role with which one manages its instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.records import Gap, Kind, Workload
from jotgraph.records.references import arn_of
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.functions.requests import list_capacity_providers


def read_capacity_providers(place: RegionClient) -> tuple[tuple[Workload, ...], tuple[Gap, ...]]:
    """Each capacity provider as a workload that runs no image and assumes its operator role. An
    endpoint that does not know the call has none."""
    listing = list_capacity_providers(place)
    providers = tuple(_provider(place, detail) for detail in listing.items)
    if listing.failure is None or listing.failure.reason == "unsupported":
        return providers, ()
    action, hides = "ListCapacityProviders", (Kind.WORKLOAD,)
    return providers, (place.gap("lambda", action, listing.failure, hides=hides),)


def _provider(place: RegionClient, detail: Mapping[str, Any]) -> Workload:
    arn = str(detail.get("CapacityProviderArn") or "")
    named = arn_of(arn)
    role = (detail.get("PermissionsConfig") or {}).get("CapacityProviderOperatorRoleArn")
    return Workload(
        account=place.account,
        region=place.region,
        service="lambda",
        type="capacity-provider",
        name=named.name if named else "",
        arn=arn,
        roles=(str(role),) if role else (),
        changed_at=parse_time(detail.get("LastModified")),
    )
