"""Tags of many resources at once, through the Resource Groups Tagging API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jotgraph.records import Pairs
from jotgraph.sources.aws.calls import Listing, RegionClient


def tagged_resources(place: RegionClient, kind: str) -> Mapping[str, Pairs] | None:
    """Return the tags of every resource of a kind (``ecr:repository``) by ARN, 100 resources a
    call. None when they could not be read completely. Resources that never had a tag are missing
    (GetResources)."""
    listing = list_tagged(place, kind)
    if listing.failure is not None:
        return None
    return tags_by_arn(listing)


def list_tagged(place: RegionClient, kind: str) -> Listing:
    """List every resource of a kind that has, or had, tags."""
    return place.pages(
        "resourcegroupstaggingapi",
        "GetResources",
        "ResourceTagMappingList",
        token="PaginationToken",
        ResourceTypeFilters=[kind],
        ResourcesPerPage=100,
    )


def tags_by_arn(listing: Listing) -> Mapping[str, Pairs]:
    """Return the tags in a listing, by ARN."""
    return {item["ResourceARN"]: pairs_of(item["Tags"]) for item in listing.items}


def pairs_of(tags: Iterable[Mapping[str, str]]) -> Pairs:
    """Convert tags from the lists of ECR and the Resource Groups Tagging API."""
    return tuple(sorted((tag["Key"], tag.get("Value", "")) for tag in tags))
