"""Ids in a terminal: digests shortened, and without the place that all share."""

from __future__ import annotations

from jotgraph.records import shortened

_OF_A_LIST = "workload elsewhere/"


def without_place(text: str, place: str = "") -> str:
    """Return an id, or a sentence with ids, with digests cut and without a place. For an entry of
    ``--used-by`` the file takes the account's place."""
    short = shortened(text).replace(_OF_A_LIST, "workload ")
    return short.replace(place, "") if place else short
