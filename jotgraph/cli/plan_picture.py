"""The option ``--picture``, which draws a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.options import NewFile, pictures

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.plan import Plan


picture = click.option(
    "--picture",
    type=NewFile(pictures),
    metavar="FILE",
    help="Draw the plan to this file (.svg, .html, .png…).",
)


def draw_plan(planned: Plan, graph: ResourceGraph, path: Path | None) -> None:
    """Write a picture of the plan's resources and their neighbours, and print its path on stderr.
    Raises RenderError when it cannot be drawn."""
    if path is None:
        return
    from jotgraph import views  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.files.export import render  # noqa: PLC0415 -- as above
    from jotgraph.render.picture.drawing import overlays  # noqa: PLC0415 -- as above
    from jotgraph.store.writing import write_answer  # noqa: PLC0415 -- as above

    suffix = path.suffix.lower()
    marks = overlays.plan(planned)
    options = views.options(
        graph,
        page=suffix == ".html",
        marks=marks,
        overlay="plan",
        about=overlays.counts("plan", marks),
        focus=tuple(resource for resource in marks if resource in graph),
        depth=1,
        title=planned.asked,
    )
    drawn = render(graph, suffix, options)
    write_answer(path, drawn)
    click.echo(f"wrote {path}", err=True)
