"""Where files are from and what Lambda calls in them, in words."""

from __future__ import annotations

from jotgraph.analysis.lag.model import HandlerFrom, Source

UNREAD = "not read"


def folder_words(source: Source) -> str:
    """``shop functions/checkout, lib (checkout)``: repository, folders, package; that folders were
    not read is said of a known repository."""
    folders = ", ".join(source.folders) or (f"(folder {UNREAD})" if source.repository else "")
    packages = f"({', '.join(source.packages)})" if source.packages else ""
    return " ".join(filter(None, (source.repository, folders, packages)))


def handler_words(source: Source) -> str:
    """``app.handler``, or that it was not read."""
    return UNREAD if source.handler_from is HandlerFrom.UNREAD else source.handler


def origin_of_handler(source: Source) -> str:
    """Who says so: ``CMD of its image``."""
    return {
        HandlerFrom.IMAGE: "by its image",
        HandlerFrom.FUNCTION: "set on the function, in place of its image's",
    }.get(source.handler_from, "")
