"""Compares two inventories: added, removed and changed resources, commits between, changed
verdicts."""

from jotgraph.queries.difference.table import StoredVerdicts, difference, history

__all__ = ["StoredVerdicts", "difference", "history"]
