"""What happened between two inventories: added, removed and changed resources with their old and
new values, the commits between, and verdicts that are others now."""

from jotgraph.queries.difference.table import Judged, difference, history

__all__ = ["Judged", "difference", "history"]
