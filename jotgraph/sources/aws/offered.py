"""Whether AWS offers a service in a region: what is not there needs no answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jotgraph.sources.aws.calls import RegionClient

if TYPE_CHECKING:
    from boto3.session import Session


def offered(place: RegionClient, client: str) -> bool:
    """Whether a service may have an endpoint in a region. boto3's list may be older than the
    service, so that one it does not name is looked up by the name of its host; that says something
    only where the host of ECR is found (behind some proxies none is)."""
    known = _known(place.aws.session, client)
    return place.region in known or may_be_there(
        host_of(place, client), lambda: host_of(place, "ecr")
    )


@lru_cache(maxsize=256)
def _known(session: Session, client: str) -> frozenset[str]:
    """The regions that boto3 knows of: each region of a scan asks, and to tell takes 0.3 ms."""
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(client, partition)
    )


def host_of(place: RegionClient, client: str) -> str:
    """The host of a service in a region. Where another region's clients make the calls, theirs by
    the name of this one: to make a client takes longer than to ask."""
    there = place.through or place.region
    host = urlsplit(place.aws.client(client, there).meta.endpoint_url).hostname or ""
    return in_region(host, there, place.region)


def in_region(host: str, there: str, here: str) -> str:
    """The host of one region by the name of another: AWS has the region as a label of its own
    (docs.aws.amazon.com/general/latest/gr/rande.html)."""
    return ".".join(here if label == there else label for label in host.split("."))


def may_be_there(
    host: str, known: Callable[[], str], look_up: Callable[[str, int], object] = socket.getaddrinfo
) -> bool:
    """False only for a host that has no address while a known one has."""

    def has_none(name: str) -> bool:
        try:
            look_up(name, 443)
        except socket.gaierror as error:
            return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5))
        except OSError:
            return False
        return False

    return not has_none(host) or has_none(known())
