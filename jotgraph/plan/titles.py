"""The names by which people are shown what a plan is about: a plan is read without its graph."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.health.names import titled
from jotgraph.graph import ResourceGraph
from jotgraph.plan.model import Block, Kept, Plan, Step
from jotgraph.records.titles import title


def with_titles(graph: ResourceGraph, plan: Plan) -> Plan:
    """The plan with the name of everything in it that has another than its id says."""
    rows: tuple[Step | Block | Kept, ...] = (*plan.steps, *plan.blocks, *plan.kept, *plan.left)
    named = {row.id: titled(graph, row.id) for row in rows}
    titles = tuple(sorted(pair for pair in named.items() if pair[1] != title(pair[0])))
    return msgspec.structs.replace(plan, titles=titles)
