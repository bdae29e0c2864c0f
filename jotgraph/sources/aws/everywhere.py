"""The regions that each session reads, as enabled in its account."""

from __future__ import annotations

from dataclasses import replace

from jotgraph.clients import Clients
from jotgraph.clients.aws import Aws
from jotgraph.errors import SourceError
from jotgraph.records import Gap
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import Threads, open_threads
from jotgraph.sources.aws.regions import list_regions


def in_every_region(clients: Clients, *, quick: bool = False) -> Clients:
    """Return the clients with their enabled regions, for ``--region all`` or several accounts.

    Calls: 1 DescribeRegions a session, for a ``quick`` scan only with ``--region all``. Accounts
    opt in to regions individually, and a region that is not enabled holds nothing. Raises
    SourceError when the caller's own account may not list its regions. A session that is not signed
    in, and a role that may not list regions, are left as they are: the scan reports that itself.
    """
    asking = [
        session.everywhere or (bool(session.account) and not quick) for session in clients.aws
    ]
    if not any(asking):
        return clients
    with open_threads(clients.aws) as threads:

        def widened(session: Aws, ask: bool) -> Aws:
            return _widened(session, threads) if ask else session

        sessions = tuple(threads.stages.map(widened, clients.aws, asking))
    nowhere = (session for session in sessions if not session.regions)
    return replace(
        clients,
        aws=tuple(session for session in sessions if session.regions),
        gaps=(*clients.gaps, *map(_nowhere, nowhere)),
    )


def _widened(session: Aws, threads: Threads) -> Aws:
    place = RegionClient(session, "", session.home, threads.buckets, threads.pool, threads.progress)
    listing = list_regions(place)
    if listing.failure:
        if session.role_arn or not session.everywhere or listing.failure.reason == "credentials":
            return session
        whose = f" of profile {session.profile}" if session.profile else ""
        raise SourceError(
            f"--region all: the enabled regions{whose} could not be read "
            f"({listing.failure.detail}); or name the regions"
        )
    enabled = tuple(sorted(region["RegionName"] for region in listing.items))
    wanted = enabled if session.everywhere else session.regions
    regions = tuple(region for region in wanted if region in enabled)
    return replace(session, regions=regions, enabled=enabled)


def _nowhere(session: Aws) -> Gap:
    """Report that an account has enabled none of the named regions."""
    return Gap(
        service="ec2",
        action="DescribeRegions",
        account=session.account,
        reason="left-out",
        detail=f"account {session.account}, which has none of the regions enabled",
        facts=("accounts",),
    )
