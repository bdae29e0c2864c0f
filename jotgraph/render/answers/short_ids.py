"""Ids as a terminal shows them: digests short, and without the place that all of them share."""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.records import ResourceId, key_of, kind_of, place_of, shortened

_OF_A_LIST = "workload elsewhere/"


def shared_place(ids: Iterable[ResourceId]) -> str:
    """What every name begins with and nobody needs to read again: ``123456789012/eu-west-1/``, or
    the account alone where there are several regions; empty where there is none or several."""
    places = set(map(place_of, ids)) - {("", "")}
    accounts = {account for account, _ in places}
    regions = {region for _, region in places} - {""}
    if len(accounts) != 1:
        return ""
    region = f"{regions.pop()}/" if len(regions) == 1 else ""
    return f"{accounts.pop()}/{region}"


def place_words(place: str) -> str:
    """``123456789012 eu-west-1``: the heading above what is in that place."""
    return place.rstrip("/").replace("/", " ")


def without_place(text: str, place: str = "") -> str:
    """An id, or a sentence about some, with digests cut and without a place. A list of what is used
    has no account: its file says where."""
    short = shortened(text).replace(_OF_A_LIST, "workload ")
    return short.replace(place, "") if place else short


def short_id(resource: ResourceId, place: str = "") -> str:
    """``function checkout``: kind and name, without a place that is known."""
    return f"{kind_of(resource)} {short_key(resource, place)}"


def short_key(resource: ResourceId, place: str = "") -> str:
    """The name alone."""
    return without_place(key_of(resource), place)
