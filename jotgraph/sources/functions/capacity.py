"""Lambda's capacity providers: their operator roles, and versions that no listing contains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jotgraph.errors import Failure
from jotgraph.records import Function, Gap, Kind, Version, Workload
from jotgraph.records.references import LATEST_PUBLISHED, arn_of
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.functions.configuration import configuration_of
from jotgraph.sources.functions.requests import get_function, list_capacity_providers


def read_capacity_providers(place: RegionClient) -> tuple[tuple[Workload, ...], tuple[Gap, ...]]:
    """Return each capacity provider as a workload without images that assumes its operator role. An
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


def latest_published(
    place: RegionClient, functions: Iterable[Function], versions: Iterable[Version], key: bytes
) -> tuple[tuple[Version, ...], tuple[Gap, ...]]:
    """Read ``$LATEST.PUBLISHED`` of every function on a capacity provider that was not listed, with
    1 GetFunction each. It may run another image than ``$LATEST`` and every numbered version."""
    listed = {version.name for version in versions if version.number == LATEST_PUBLISHED}
    names = sorted(function.name for function in functions if function.capacity_provider)
    names = [name for name in names if name not in listed]

    def read(name: str) -> Version:
        detail = get_function(place, name, LATEST_PUBLISHED)["Configuration"]
        version = configuration_of(place, {**detail, "Version": LATEST_PUBLISHED}, key)
        assert isinstance(version, Version)
        return version

    published: list[Version] = []
    gaps: list[Gap] = []
    for name, answer in zip(names, place.each(LATEST_PUBLISHED, read, names), strict=True):
        if isinstance(answer, Version):
            published.append(answer)
        elif not _absent(answer):
            hides = (Kind.VERSION,)
            gaps.append(place.gap("lambda", "GetFunction", answer, resource=name, hides=hides))
    return tuple(published), tuple(gaps)


def _absent(failure: Failure) -> bool:
    """Whether nothing was published to the provider, or the function is gone since."""
    return failure.code == "ResourceNotFoundException"
