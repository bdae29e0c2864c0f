"""EC2's DescribeRegions for the regions that the sandbox's account is said to have enabled."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.sandbox.wire import Reply, Request, request_id
from jotgraph.sandbox.world import Handler, World


def describe_regions(world: World, request: Request) -> Reply | None:
    """Only regions enabled for the account (API_DescribeRegions, without AllRegions). moto, which
    answers when none are set, names every region there is."""
    if not world.regions:
        return None
    items = "".join(
        f"<item><regionName>{name}</regionName><optInStatus>opt-in-not-required</optInStatus>"
        f"<regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint></item>"
        for name in sorted(world.regions)
    )
    body = (
        f'<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{request_id()}</requestId><regionInfo>{items}</regionInfo>"
        f"</DescribeRegionsResponse>"
    )
    return Reply(200, body.encode(), (("Content-Type", "text/xml"),))


HANDLERS: Mapping[str, Handler] = {"DescribeRegions": describe_regions}
