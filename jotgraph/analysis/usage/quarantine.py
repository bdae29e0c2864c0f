"""Which functions and roles are in quarantine, by the mark that they carry."""

from __future__ import annotations

from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import ResourceGraph, record
from jotgraph.records import Function, Role, Version
from jotgraph.records.quarantine import QUARANTINED


def mark_of(graph: ResourceGraph, configuration: Function | Version) -> str:
    """The run that put a function to sleep, and since when, its versions with it; or empty."""
    function = configuration if isinstance(configuration, Function) else None
    if isinstance(configuration, Version) and configuration.function in graph:
        node = record(graph, configuration.function)
        function = node if isinstance(node, Function) else None
    return dict((function.tags if function else None) or ()).get(QUARANTINED, "")


def doubts_of(record: Function | Role) -> list[Doubt]:
    """A doubt for what a quarantine holds: only a sweep, or who names it, deletes that."""
    run, _, since = dict(record.tags or ()).get(QUARANTINED, "").partition(" ")
    return [Doubt("quarantined", f"set aside {since[:10]} by run {run}")] if run else []
