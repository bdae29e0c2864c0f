"""What runs images beside Lambda, read again during a run."""

from __future__ import annotations

import time
from collections.abc import Callable

from jotgraph.plan import Plan
from jotgraph.records.phrases import counted
from jotgraph.sources.connections import Connections
from jotgraph.sources.workloads_now import WorkloadsNow, workloads_now

FRESH = 20.0
"""Seconds for which a reading is reused: a plan may have hundreds of repositories, and one reading
takes several calls for each enabled region."""


class Consumers:
    """The services in a plan's scope, read again when the last reading is too old."""

    def __init__(self, plan: Plan, connections: Connections, tell: Callable[[str], None]) -> None:
        self._plan, self._connections, self._tell = plan, connections, tell
        self._read_at = float("-inf")
        self._found: WorkloadsNow | None = None

    def now(self) -> WorkloadsNow:
        """Return the workloads, and which services were read."""
        if self._found is None or time.monotonic() - self._read_at > FRESH:
            scope = self._plan.scope
            places = {*scope.places, *scope.enabled}
            regions = counted(len(places), "region")
            self._tell(f"reading again what runs images in {regions}")
            self._read_at = time.monotonic()
            self._found = workloads_now(self._connections, scope, self._plan.assumed)
        return self._found
