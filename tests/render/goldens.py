"""The pictures that are kept as DOT, byte for byte: ``python -m tests.render.goldens`` writes them
anew after a change that is meant (look at them, as SVG, before you commit them)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchmarks.render import estate
from jotgraph import graph as graphs
from jotgraph import store, views
from jotgraph.graph import ResourceGraph
from jotgraph.queries.find import find_many
from jotgraph.render.files import export
from jotgraph.render.picture.drawing.view import PictureOptions
from tests.render.estate import shop_graph

HERE = Path(__file__).parent
DEMO = HERE / "demo.jsonl.zst"
"""What ``jotgraph demo`` scanned; ``tests.functional.demo_picture`` stores it."""

Case = tuple[ResourceGraph, PictureOptions]


@cache
def shop() -> Case:
    """Literal records: three teams and all that goes wrong."""
    graph, told = shop_graph()
    return graph, PictureOptions(findings=told, title="shop")


@cache
def demo() -> Case:
    """The whole example estate."""
    graph = graphs.build(store.load(DEMO))
    return graph, views.options(graph)


@cache
def focus() -> Case:
    """One function and what it touches."""
    graph, options = demo()
    return graph, _focused(graph, options, "checkout", 1)


@cache
def jot() -> Case:
    """One lineage, whole."""
    graph, options = demo()
    return graph, _focused(graph, options, "refunds", None)


@cache
def collapsed() -> Case:
    """The example estate, folded as far as it goes without a budget."""
    graph, options = demo()
    return graph, PictureOptions(findings=options.findings, collapse=True)


@cache
def three_hundred() -> Case:
    """A varied estate of 300 resources."""
    graph = graphs.build(estate(300))
    return graph, views.options(graph)


@cache
def folded() -> Case:
    """A varied estate of 2,000 resources, folded to its budget."""
    graph = graphs.build(estate(2_000))
    return graph, views.options(graph, budget=120)


CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case for case in (shop, demo, focus, jot, collapsed, three_hundred, folded)
}


def text(case: Callable[[], Case]) -> str:
    graph, options = case()
    return str(export.render(graph, ".dot", options))


def path(name: str) -> Path:
    return HERE / "golden" / f"{name}.dot"


def _focused(
    graph: ResourceGraph, options: PictureOptions, name: str, depth: int | None
) -> PictureOptions:
    wanted = f"function:*/us-east-1/{name}"
    return PictureOptions(
        findings=options.findings, focus=tuple(find_many(graph, wanted)), depth=depth
    )


if __name__ == "__main__":
    for name, case in CASES.items():
        path(name).write_text(text(case), encoding="utf-8")
