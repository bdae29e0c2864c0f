"""The regions that an account has enabled.

A role may be used by a function in a region that was not read, and only the account itself can list
its regions. ``DescribeRegions`` leaves out those that are not opted in to (EC2 API).
"""

from __future__ import annotations

from dataclasses import dataclass

from jotgraph.records import Gap
from jotgraph.sources.aws.calls import Listing, RegionClient


@dataclass(frozen=True)
class RegionRead:
    """The regions of one account."""

    enabled: tuple[tuple[str, str], ...] = ()
    gaps: tuple[Gap, ...] = ()


def list_regions(place: RegionClient) -> Listing:
    """List the regions that the account of ``place`` has enabled."""
    return place.pages("ec2", "DescribeRegions", "Regions")


def read_regions(place: RegionClient) -> RegionRead:
    """List the enabled regions of the account of ``place``, unless they were already read to choose
    the regions of the scan."""
    if place.aws.enabled is not None:
        return RegionRead(tuple((place.account, region) for region in place.aws.enabled))
    listing = list_regions(place)
    if listing.failure:
        gap = place.gap("ec2", "DescribeRegions", listing.failure, facts=("regions",))
        return RegionRead(gaps=(gap,))
    return RegionRead(tuple(sorted((place.account, r["RegionName"]) for r in listing.items)))
