"""The relations that say what uses what, beside what the records themselves say.

Where an image is stored and what a version is part of, its record says; COPY_OF is asked of the
engine's images alone; the others say where a thing comes from.
"""

from __future__ import annotations

from jotgraph.links import Relation

PLAIN = (
    Relation.RUNS,
    Relation.ASSUMES,
    Relation.LOGS_TO,
    Relation.USES,
    Relation.ROUTES_TO,
    Relation.MENTIONS,
)
"""The source uses the target."""

GROUPING = (Relation.CONTAINS, Relation.DESCRIBES)
"""Source and target use one another."""

READ = (*PLAIN, *GROUPING, Relation.FOLLOWS, Relation.MAY_RUN, Relation.INVOKES)
"""All that verdicts read of every resource."""
