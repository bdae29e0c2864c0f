"""What uses a resource, and what makes the absence of uses uncertain.

``GraphIndex`` indexes the records, ``uses`` and ``reach`` follow them, ``doubts`` gives the reasons
why a resource may be in use unseen, and ``verdicts`` combines these.
"""

from __future__ import annotations

from jotgraph.analysis.usage.in_use import Ways, in_use
from jotgraph.analysis.usage.index import GraphIndex, index_of
from jotgraph.analysis.usage.judges import JUDGES, doubts
from jotgraph.analysis.usage.model import (
    DOUBTS,
    KEEP,
    NEVER_IGNORED,
    UNREAD,
    Doubt,
    Options,
    Verdict,
)
from jotgraph.analysis.usage.reach import Reach, Uses, called, reach, roots, uses, witness
from jotgraph.analysis.usage.verdicts import Verdicts, verdicts

__all__ = [
    "DOUBTS",
    "JUDGES",
    "KEEP",
    "NEVER_IGNORED",
    "UNREAD",
    "Doubt",
    "GraphIndex",
    "Options",
    "Reach",
    "Uses",
    "Verdict",
    "Verdicts",
    "Ways",
    "called",
    "doubts",
    "in_use",
    "index_of",
    "reach",
    "roots",
    "uses",
    "verdicts",
    "witness",
]
