"""Tags of many resources at once, by the Resource Groups Tagging API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jotgraph.records import Pairs
from jotgraph.sources.aws.calls import Listing, RegionClient


def tagged_resources(place: RegionClient, kind: str) -> Mapping[str, Pairs] | None:
    """The tags of every resource of a kind (``ecr:repository``) by ARN, 100 resources a call; None
    when they could not be read whole. What never had a tag is left out (GetResources)."""
    listing = list_tagged(place, kind)
    if listing.failure is not None:
        return None
    return tags_by_arn(listing)


def list_tagged(place: RegionClient, kind: str) -> Listing:
    """Every resource of a kind that has, or had, tags."""
    return place.pages(
        "resourcegroupstaggingapi",
        "GetResources",
        "ResourceTagMappingList",
        token="PaginationToken",
        ResourceTypeFilters=[kind],
        ResourcesPerPage=100,
    )


def tags_by_arn(listing: Listing) -> Mapping[str, Pairs]:
    """The tags of what was listed."""
    return {item["ResourceARN"]: pairs_of(item["Tags"]) for item in listing.items}


def pairs_of(tags: Iterable[Mapping[str, str]]) -> Pairs:
    """Tags as ECR and the Resource Groups Tagging API list them."""
    return tuple(sorted((tag["Key"], tag.get("Value", "")) for tag in tags))
