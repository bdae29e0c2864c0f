"""The display names of the resources in a plan, which is read without its graph."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.health.names import titled
from jotgraph.graph import ResourceGraph
from jotgraph.plan.model import Block, Kept, Plan, Step
from jotgraph.records.titles import title


def with_titles(graph: ResourceGraph, plan: Plan) -> Plan:
    """Return the plan with the display name of everything whose id does not contain it."""
    rows: tuple[Step | Block | Kept, ...] = (*plan.steps, *plan.blocks, *plan.kept, *plan.left)
    named = {row.id: titled(graph, row.id) for row in rows}
    titles = tuple(sorted(pair for pair in named.items() if pair[1] != title(pair[0])))
    return msgspec.structs.replace(plan, titles=titles)
