"""What happened between two inventories: added, removed and changed resources with their old and
new values, the commits between, and verdicts that are others now."""

from jotgraph.queries.difference.table import StoredVerdicts, difference, history

__all__ = ["StoredVerdicts", "difference", "history"]
