"""The graph of what a command reads, and the plan made from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from jotgraph.cli import plugged, world
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from jotgraph.cli.engine import Engine
    from jotgraph.graph import ResourceGraph
    from jotgraph.plan import Plan
    from jotgraph.queries.answers.orphans import Orphans
    from jotgraph.records import Inventory, ResourceId
    from jotgraph.scale.judging import Question


def graph_of(reading: Reading, confidence: str = "hint") -> ResourceGraph:
    """Return the graph of the inventory that ``reading`` names; evidence about commits only of some
    grade or better. Raises CommandError when nothing was read."""
    return graph_with(world.inventory_of(reading), confidence)


def graph_with(inventory: Inventory, confidence: str) -> ResourceGraph:
    """Return the graph of an inventory, with the links of plugins; evidence about commits only of
    some grade or better."""
    from jotgraph.graph import build  # noqa: PLC0415 -- only a run needs it
    from jotgraph.links import Grade, Relation, infer  # noqa: PLC0415 -- msgspec

    least = Grade[confidence.upper()]
    inventory, more = plugged.with_rules(inventory)
    if least is min(Grade) and not more:
        return build(inventory)
    of_commits = (Relation.BUILT_FROM, Relation.CONTENT_EQUALS)
    return build(
        inventory,
        (
            link
            for link in (*infer(inventory), *more)
            if link.evidence.grade >= least or link.evidence.relation not in of_commits
        ),
    )


def judged(
    inventory: Inventory, reading: Reading, question: Question, engine: Engine
) -> tuple[Orphans, Callable[[ResourceId], str]]:
    """Return the verdicts on the inventory that ``reading`` names, by the chosen engine, and the
    display names for them."""
    from jotgraph.scale.engines import EngineChoice, verdicts  # noqa: PLC0415 -- only a run needs it
    from jotgraph.scale.titles import Titles  # noqa: PLC0415 -- as above

    inventory, links = plugged.with_rules(inventory)
    written = reading.stored if reading.stored and world.is_dataset(reading.stored) else ""
    where = EngineChoice(engine.name, engine.jobs, engine.master, written)
    return verdicts(inventory, question, where, links), Titles(inventory)


def plan_of(
    reading: Reading, decide: Callable[[ResourceGraph], Plan], *, exact: bool = False
) -> tuple[Plan, ResourceGraph]:
    """Return the plan for the graph that ``reading`` names, and that graph. After a scan, what it
    left out of the functions to be deleted is read, and the plan made again; ``exact`` also reads
    the manifests of all repositories with deleted images."""
    inventory = world.inventory_of(reading)
    graph = graph_with(inventory, "hint")
    planned = decide(graph)
    if reading.stored:
        if exact:
            raise click.UsageError("--exact reads the registry, and --from a stored inventory")
        return planned, graph
    from jotgraph.records import Kind, kind_of, repository_of  # noqa: PLC0415 -- msgspec
    from jotgraph.sources.ecr.whole import unweighed, with_manifests  # noqa: PLC0415 -- as above
    from jotgraph.sources.targets import left_out, read_again  # noqa: PLC0415 -- as above

    steps = {step.id for step in planned.steps}
    functions = left_out(inventory, steps)
    repositories = {repository_of(step) for step in steps if kind_of(step) is Kind.ECR_IMAGE}
    images = unweighed(inventory, repositories) if exact else ()
    if not functions and not images:
        return planned, graph
    clients = world.clients_of(reading, sorted({record.region for record in (*functions, *images)}))
    if functions:
        inventory = read_again(inventory, functions, clients)
    if images:
        inventory = with_manifests(inventory, images, clients)
    graph = graph_with(inventory, "hint")
    return decide(graph), graph
