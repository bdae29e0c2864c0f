"""What ``up`` did or would do: a line for each stage, then the resulting lineage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from jotgraph.graph import ResourceGraph
from jotgraph.queries.answers.up import Result, StageDone, Up, UpPlan
from jotgraph.render.answers import trace
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.up_script import script
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

_STYLE = {
    Result.CREATED: "green",
    Result.CHANGED: "yellow",
    Result.REFUSED: "bold red",
    Result.SKIPPED: "dim",
    Result.THERE: "dim",
}
_HAPPENED: Mapping[Result, str] = MappingProxyType({})
_WOULD = {
    Result.CREATED: "would create",
    Result.CHANGED: "would change",
    Result.RUN: "would run",
    Result.REFUSED: "would refuse",
}
_HEADINGS = ("Stage", "Result", "Details")


def writers(graph: ResourceGraph) -> Writers[Up]:
    """Return a writer for each format; ``graph`` supplies display names."""
    return table_like(
        partial(as_table, graph), as_json, lambda answer: _rows(answer.stages), sh=_no_script
    )


def plan_writers() -> Writers[UpPlan]:
    """A writer for each format of a dry run."""
    return table_like(
        lambda plan: _table(plan.stages, _WOULD),
        plan_json,
        lambda plan: _rows(plan.stages),
        sh=script,
    )


def as_table(graph: ResourceGraph, answer: Up) -> Group:
    """The stages, then the lineage as ``trace`` draws it."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    return Group(_table(answer.stages), Text(), trace.as_table(graph, answer.lineage))


def as_json(answer: Up) -> str:
    """The whole answer; it is of no scan, so there is neither scope nor gap."""
    body = {
        "format": "jotgraph/up/1",
        "dry_run": False,
        "run": answer.run,
        "resumed": answer.resumed,
        "function": answer.deployment.root,
        "stages": answer.stages,
        "parts": answer.deployment.ids,
        "paths": answer.lineage.paths,
        "test": answer.test,
        "invocation": answer.invocation,
    }
    return json_text(body)


def plan_json(plan: UpPlan) -> str:
    """Return what would be done, in the same form."""
    body = {
        "format": "jotgraph/up/1",
        "dry_run": True,
        "run": "",
        "resumed": (),
        "function": plan.function,
        "stages": plan.stages,
        "parts": (),
        "paths": (),
        "test": None,
        "invocation": None,
    }
    return json_text(body)


def _table(stages: Iterable[StageDone], words: Mapping[Result, str] = _HAPPENED) -> RenderableType:
    """A line for each stage; ``words`` replace results of stages that did not run."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return rich_table(
        _HEADINGS,
        [
            (
                done.stage.value,
                Text(words.get(done.result, done.result.value), _STYLE.get(done.result, "")),
                done.statement,
            )
            for done in stages
        ],
        key="Stage",
        sentence="Details",
    )


def _rows(stages: Iterable[StageDone]) -> TextTable:
    return TextTable(
        ("stage", "result", "statement", "resources"),
        [(done.stage, done.result, done.statement, done.resources) for done in stages],
    )


def _no_script(answer: Up) -> str:
    raise AssertionError("a script is of a dry run alone")
