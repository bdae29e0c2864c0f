"""Computes the verdicts on an inventory with the chosen engine; all give the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryDirectory
from typing import NamedTuple

from jotgraph.errors import OptionError
from jotgraph.gc_pause import collector_off
from jotgraph.graph import build
from jotgraph.links import Link
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.scale.judging import Judged, Question, together
from jotgraph.scale.processes import judge_on_processes, processors

LARGE = 100_000
"""Number of resources above which processes are faster than one (``python -m
benchmarks.scale``)."""


class EngineChoice(NamedTuple):
    """The engine that judges an inventory."""

    engine: str = "auto"
    """``single``, ``processes``, ``spark``, or ``auto``: by size."""
    jobs: int = 0
    """Number of processes; 0 for one on each processor."""
    master: str = ""
    """The master of Spark; empty for this machine."""
    written: str = ""
    """The dataset that the inventory was read from, if any."""


_ANYWHERE = EngineChoice()


def chosen(engine: str, inventory: Inventory) -> str:
    """Return the engine that ``auto`` stands for; any other is returned unchanged."""
    if engine != "auto":
        return engine
    large = sum(1 for _ in inventory.records()) > LARGE
    return "processes" if large and processors() > 1 else "single"


def verdicts(
    inventory: Inventory,
    question: Question,
    where: EngineChoice = _ANYWHERE,
    links: Sequence[Link] = (),
) -> Orphans:
    """Judge an inventory. ``links`` are those of rules from plugins. Raises EngineError when an
    engine fails, and ExtraError for one that is not installed."""
    match chosen(where.engine, inventory):
        case "processes":
            parts = judge_on_processes(inventory, question, jobs=where.jobs, links=links)
        case "spark":
            parts = _on_spark(inventory, question, where, links)
        case _:
            graph = build(inventory, more=links)
            return orphans(graph, now=question.now, kinds=question.kinds, options=question.options)
    with collector_off():
        return together(inventory, parts)


def _on_spark(
    inventory: Inventory, question: Question, where: EngineChoice, links: Iterable[Link]
) -> Iterator[Judged]:
    """Spark reads a dataset: the inventory's own, or one written for it."""
    from jotgraph.scale.dataset.manifest import manifest_of  # noqa: PLC0415 -- for Spark alone
    from jotgraph.scale.dataset.places import dataset  # noqa: PLC0415 -- as above
    from jotgraph.scale.dataset.reading import named  # noqa: PLC0415 -- as above
    from jotgraph.scale.dataset.writing import write  # noqa: PLC0415 -- as above
    from jotgraph.scale.spark import judge_on_spark  # noqa: PLC0415 -- as above

    if where.written:
        place, scan = named(where.written)
        written = place.address, manifest_of(place, scan)
        yield from judge_on_spark(inventory, question, written, master=where.master, links=links)
        return
    if where.master and not where.master.startswith("local"):
        raise OptionError(
            f"the machines of {where.master} need a dataset that they can read: jotgraph export "
            "--parquet s3://..., then --from s3://..."
        )
    with TemporaryDirectory(prefix="jotgraph-") as folder:
        written = folder, write(inventory, dataset(folder))
        yield from judge_on_spark(inventory, question, written, master=where.master, links=links)
