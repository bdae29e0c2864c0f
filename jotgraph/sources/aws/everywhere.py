"""Sessions for every enabled region of an account."""

from __future__ import annotations

from dataclasses import replace

from jotgraph.clients import Aws, Clients
from jotgraph.errors import SourceError
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import Threads, open_threads
from jotgraph.sources.aws.regions import list_regions


def in_every_region(clients: Clients) -> Clients:
    """The clients with every region that is enabled (1 DescribeRegions a session), where
    ``--region all`` asked for that. Raises SourceError when nobody may say which these are.

    A session that is not signed in stays as it is: the scan finds that out, and says so once.
    """
    if not any(session.everywhere for session in clients.aws):
        return clients
    with open_threads(clients.aws, lambda what, done, total: None) as threads:
        sessions = tuple(_widened(session, threads) for session in clients.aws)
    return replace(clients, aws=sessions)


def _widened(session: Aws, threads: Threads) -> Aws:
    if not session.everywhere:
        return session
    home = session.regions[0]
    place = RegionClient(session, "", home, threads.buckets, threads.pool, threads.progress)
    listing = list_regions(place)
    if listing.failure and listing.failure.reason == "credentials":
        return session
    if listing.failure:
        whose = f" of profile {session.profile}" if session.profile else ""
        raise SourceError(
            f"--region all: the enabled regions{whose} could not be read "
            f"({listing.failure.detail}); or name the regions"
        )
    return replace(session, regions=tuple(sorted(one["RegionName"] for one in listing.items)))
