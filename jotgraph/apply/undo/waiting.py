"""Waits for Lambda to finish creating or changing a function."""

from __future__ import annotations

from typing import Any

from jotgraph.apply.session import Session
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId, name_of
from jotgraph.sources.functions.requests import get_function


def settle(restorer: Restorer, name: str) -> dict[str, Any]:
    """Wait as ``changed_no_more`` does, for the function that is restored."""
    return _settled(restorer.session, restorer.id, name)


def changed_no_more(session: Session, function: ResourceId) -> dict[str, Any]:
    """Return GetFunction's answer once a function is active and no update is in progress. Lambda
    refuses most calls during an update (409). Raises ApplyError when it fails or takes too long."""
    return _settled(session, function, name_of(function))


def _settled(session: Session, resource: ResourceId, name: str) -> dict[str, Any]:
    state = ""
    for _ in session.pauses():
        function = dict(get_function(session.client(resource), name))
        config = function["Configuration"]
        state = config.get("State") or "Active"
        if state == "Failed" or config.get("LastUpdateStatus") == "Failed":
            why = config.get("StateReason") or config.get("LastUpdateStatusReason") or ""
            raise ApplyError(f"it was created and is {state}: {why}")
        if state != "Pending" and config.get("LastUpdateStatus") != "InProgress":
            return function
    raise ApplyError(
        f"it was created, and is still {state} after {session.patience:g} s; try again"
    )
