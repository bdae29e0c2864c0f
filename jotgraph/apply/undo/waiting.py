"""Waiting for Lambda: a function that was made or changed is not at once what it was made."""

from __future__ import annotations

from typing import Any

from jotgraph.apply.undo.restorer import Restorer
from jotgraph.errors import ApplyError
from jotgraph.sources.functions.requests import get_function


def settle(restorer: Restorer, name: str) -> dict[str, Any]:
    """GetFunction's answer once a function is Active and no update of it is under way, in which
    Lambda refuses most calls (409). Raises ApplyError when it fails, or goes on changing."""
    state = ""
    for _ in restorer.session.pauses():
        function = dict(get_function(restorer.client, name))
        config = function["Configuration"]
        state = config.get("State") or "Active"
        if state == "Failed" or config.get("LastUpdateStatus") == "Failed":
            why = config.get("StateReason") or config.get("LastUpdateStatusReason") or ""
            raise ApplyError(f"it was created and is {state}: {why}")
        if state != "Pending" and config.get("LastUpdateStatus") != "InProgress":
            return function
    raise ApplyError(
        f"it was created, and is still {state} after {restorer.session.patience:g} s; try again"
    )
