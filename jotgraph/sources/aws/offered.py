"""Whether AWS offers a service in a region."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jotgraph.sources.aws.calls import RegionClient

if TYPE_CHECKING:
    from boto3.session import Session


def offered(place: RegionClient, client: str) -> bool:
    """Return whether a service may have an endpoint in a region. boto3's list may be older than the
    service, so the host name of an unlisted one is looked up. That only proves something when ECR's
    host resolves, which it does not behind some proxies."""
    known = _known(place.aws.session, client)
    return place.region in known or may_be_there(
        host_of(place, client), lambda: host_of(place, "ecr")
    )


@lru_cache(maxsize=256)
def _known(session: Session, client: str) -> frozenset[str]:
    """The regions that boto3 knows for a service, cached: computing it takes 0.3 ms and every
    region asks."""
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(client, partition)
    )


def host_of(place: RegionClient, client: str) -> str:
    """Return the host of a service in a region. Where another region's clients make the calls it is
    derived from theirs, since creating a client takes longer."""
    there = place.through or place.region
    host = urlsplit(place.aws.client(client, there).meta.endpoint_url).hostname or ""
    return in_region(host, there, place.region)


def in_region(host: str, there: str, here: str) -> str:
    """Return the host in one region from that in another, which differ in the region's label
    (docs.aws.amazon.com/general/latest/gr/rande.html)."""
    return ".".join(here if label == there else label for label in host.split("."))


def may_be_there(
    host: str, known: Callable[[], str], look_up: Callable[[str, int], object] = socket.getaddrinfo
) -> bool:
    """Return False only for a host without an address while a known one has one."""

    def has_none(name: str) -> bool:
        if _is_address(name):
            return False
        try:
            look_up(name, 443)
        except socket.gaierror as error:
            return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5))
        except OSError:
            return False
        return False

    return not has_none(host) or has_none(known())


@lru_cache(maxsize=256)
def _is_address(host: str) -> bool:
    """Whether it is an address, which is not looked up."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
