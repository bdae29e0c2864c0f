"""Verdicts on an inventory by the engine that is asked for; all give the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from jotgraph.gc_pause import collector_off
from jotgraph.graph import build
from jotgraph.links import Link, infer
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.scale.judging import Question, together
from jotgraph.scale.processes import judge_on_processes, processors

LARGE = 50_000
"""Resources above which processes are quicker than one (``python -m benchmarks.scale``)."""


def chosen(engine: str, inventory: Inventory) -> str:
    """The engine that ``auto`` stands for; any other stands for itself."""
    if engine != "auto":
        return engine
    large = sum(1 for _ in inventory.records()) > LARGE
    return "processes" if large and processors() > 1 else "single"


def verdicts(
    inventory: Inventory,
    question: Question,
    *,
    engine: str = "auto",
    jobs: int = 0,
    links: Sequence[Link] = (),
) -> Orphans:
    """Judge an inventory. ``links`` are those that rules of installed packages found."""
    if chosen(engine, inventory) == "single":
        graph = build(inventory, chain(infer(inventory), links))
        return orphans(graph, now=question.now, kinds=question.kinds, options=question.options)
    parts = judge_on_processes(inventory, question, jobs=jobs, links=links)
    with collector_off():
        return together(inventory, parts)
