"""The origin of files, and the handler in them, in words."""

from __future__ import annotations

from jotgraph.analysis.lag.model import HandlerFrom, Source

UNREAD = "not read"


def folder_words(source: Source) -> str:
    """Return ``shop functions/checkout, lib (checkout)``: repository, folders, package. For a known
    repository it says when folders were not read."""
    folders = ", ".join(source.folders) or (f"(folder {UNREAD})" if source.repository else "")
    packages = f"({', '.join(source.packages)})" if source.packages else ""
    return " ".join(filter(None, (source.repository, folders, packages)))


def handler_words(source: Source) -> str:
    """Return ``app.handler``, or that it was not read."""
    return UNREAD if source.handler_from is HandlerFrom.UNREAD else source.handler


def origin_of_handler(source: Source) -> str:
    """Return where the handler is configured: ``CMD of its image``."""
    return {
        HandlerFrom.IMAGE: "by its image",
        HandlerFrom.FUNCTION: "set on the function, in place of its image's",
    }.get(source.handler_from, "")
