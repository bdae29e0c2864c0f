"""``Reading`` -> inventory and graph: a stored inventory, or a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.cli.options import Reading

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.records import Inventory


def graph_of(reading: Reading) -> ResourceGraph:
    """The graph of the inventory that ``reading`` names. Raises Failure when nothing was read."""
    from jotgraph.cli.answer import refuse_unread  # noqa: PLC0415 -- with the graph, only in use
    from jotgraph.graph import about, build  # noqa: PLC0415 -- networkx takes 0.2 s

    graph = build(inventory_of(reading))
    refuse_unread(about(graph))
    return graph


def inventory_of(reading: Reading) -> Inventory:
    """The stored inventory that ``reading`` names, or what a scan finds now."""
    raise NotImplementedError(reading)
