"""Lost images that run: what runs them, their copies, and how to recover them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jotgraph.graph import ResourceGraph, about
from jotgraph.queries.answers.rescue import Lost, Rescue
from jotgraph.records.ids import digest_of, short
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.evidence import GRADE_STYLE
from jotgraph.render.answers.labels import label
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.wrapped import Command, Wrapped
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group, RenderableType


def writers(graph: ResourceGraph) -> Writers[Rescue]:
    """Return a writer for each format; ``graph`` supplies display names."""
    return table_like(partial(as_table, graph), as_json, csv_rows, partial(markdown_rows, graph))


def as_table(graph: ResourceGraph, answer: Rescue) -> Group:
    """Each lost image with its runners, its copies and the commands, which can be pasted."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw

    return Group(*(part for lost in answer.lost for part in _lost(graph, lost)))


def _lost(graph: ResourceGraph, lost: Lost) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    head = Text(f"{lost.state}  ", "bold red").append_text(label(graph, lost.id))
    parts: list[RenderableType] = [head]
    for runner in lost.runners:
        parts.append(Text("  runs in ").append_text(label(graph, runner)))
    for saved in lost.saved:
        line = Text("  ").append(saved.grade.name, GRADE_STYLE[saved.grade])
        parts.append(line.append("  ").append_text(label(graph, saved.id)))
        parts.append(Wrapped(Text(f"    {saved.because}", "dim"), 4))
        parts += [Command(command) for command in saved.commands]
        if saved.otherwise:
            update = f"If the pushed digest is not {digest_of(lost.id)}, update the function to"
            parts.append(Wrapped(Text(f"    {update} the new digest:", "dim"), 4))
            parts += [Command(command) for command in saved.otherwise]
    if not lost.saved:
        built = f"; rebuild it from {short(lost.commits[0])}" if lost.commits else ""
        seen = about(graph).scope.engine
        blind = "" if seen else "; a Docker engine may have one: scan on the machine that built it"
        parts.append(Wrapped(Text(f"  no known copy{blind}{built}", "yellow"), 2))
    return parts


def as_json(answer: Rescue) -> str:
    """Each lost image with its copies and commands."""
    return answer_text("rescue", answer.about, {"lost": answer.lost})


def csv_rows(answer: Rescue) -> TextTable:
    """Return a row for each copy of a lost image, or one for an image without. Commands are lines
    in one cell."""
    rows: list[tuple[object, ...]] = []
    for lost in answer.lost:
        head = (lost.state, lost.id, lost.runners, lost.commits)
        rows += [
            (
                *head,
                saved.id,
                saved.grade,
                saved.because,
                "\n".join(saved.commands),
                "\n".join(saved.otherwise),
            )
            for saved in lost.saved
        ]
        if not lost.saved:
            rows.append((*head, None, None, None, None, None))
    return TextTable(
        (
            "state", "image", "runners", "commits", "copy", "grade", "because", "commands",
            "otherwise",
        ),
        rows,
    )  # fmt: skip


def markdown_rows(graph: ResourceGraph, answer: Rescue) -> TextTable:
    """A row for each copy of a lost image, or for one of which none is known."""
    rows: list[tuple[str, ...]] = []
    for lost in answer.lost:
        runners = ", ".join(label(graph, runner).plain for runner in lost.runners)
        head = (lost.state, label(graph, lost.id).plain, runners)
        rows += [
            (
                *head,
                label(graph, saved.id).plain,
                saved.grade.name,
                f"`{' && '.join(saved.commands)}`",
            )
            for saved in lost.saved
        ]
        if not lost.saved:
            rows.append((*head, "no known copy", "", ""))
    return TextTable(("State", "Image", "Runs in", "Copy", "Grade", "Commands"), rows)
