"""Ids as a terminal shows them: digests short, and without the place that all of them share."""

from __future__ import annotations

from jotgraph.records import shortened

_OF_A_LIST = "workload elsewhere/"


def without_place(text: str, place: str = "") -> str:
    """An id, or a sentence about some, with digests cut and without a place. A list of what is used
    has no account: its file says where."""
    short = shortened(text).replace(_OF_A_LIST, "workload ")
    return short.replace(place, "") if place else short
