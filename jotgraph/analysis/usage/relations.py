"""The relations that express a use, beside what records state themselves.

The repository of an image and the function of a version come from their records; COPY_OF is only
asked about local images; the remaining relations describe origin.
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
"""Source and target use each other."""

READ = (*PLAIN, *GROUPING, Relation.FOLLOWS, Relation.MAY_RUN, Relation.INVOKES)
"""All relations that verdicts read."""
