"""EC2's DescribeRegions, for the regions that are set as enabled for the account."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jotgraph.clients.sessions import service_models
from jotgraph.sandbox.wire import AwsError, Reply, Request, request_id
from jotgraph.sandbox.world import Handler, World


def describe_regions(world: World, request: Request) -> Reply:
    """Only regions enabled for the account (API_DescribeRegions, without AllRegions); every region
    when none are set."""
    enabled = world.regions_of.get(request.account, world.regions) or _every_region()
    items = "".join(
        f"<item><regionName>{name}</regionName><optInStatus>opt-in-not-required</optInStatus>"
        f"<regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint></item>"
        for name in sorted(enabled)
    )
    body = (
        f'<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{request_id()}</requestId><regionInfo>{items}</regionInfo>"
        f"</DescribeRegionsResponse>"
    )
    return Reply(200, body.encode(), (("Content-Type", "text/xml"),))


@cache
def _every_region() -> frozenset[str]:
    """Every region that botocore knows, but of China and of governments."""
    (aws,) = (
        partition
        for partition in service_models().load_data("endpoints")["partitions"]
        if partition["partition"] == "aws"
    )
    return frozenset(aws["regions"])


def refuse_disabled(world: World, request: Request) -> None:
    """Raise AwsError(UnrecognizedClientException) where an account has not opted in to a region:
    IAM does not distribute its keys there (IAM guide, "Managing AWS STS in an AWS Region")."""
    enabled = world.regions_of.get(request.account)
    if enabled is not None and request.region not in enabled and request.service != "iam":
        message = "The security token included in the request is invalid"
        raise AwsError("UnrecognizedClientException", message, 403)


HANDLERS: Mapping[str, Handler] = {"DescribeRegions": describe_regions}
