"""The parts of a deployment."""

from __future__ import annotations

from functools import partial

from jotgraph.queries.answers.deployment import Deployment
from jotgraph.records.phrases import counted
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Named, Row, grid_writers
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers


def writers(named: Named = title) -> Writers[Deployment]:
    """A writer for each format."""
    return grid_writers(partial(grid, named=named), as_json, csv_rows)


def grid(answer: Deployment, *, named: Named = title) -> Grid:
    """Return a row for each part in the order of work: ``own`` parts are deleted with the
    deployment, ``kept`` ones are not."""
    rows = [Row(_word(part.own), part.id, because=part.because) for part in answer.parts]
    return Grid("Part", (), rows, named)


def as_json(answer: Deployment) -> str:
    """The whole answer."""
    body = {"root": answer.root, "name": answer.name, "parts": answer.parts}
    return answer_text("deployment", answer.about, body)


def csv_rows(answer: Deployment) -> TextTable:
    """A row for each part."""
    return TextTable(
        ("part", "kind", "resource", "because", "by"),
        [(_word(part.own), part.kind, part.id, part.because, part.by) for part in answer.parts],
    )


def note(answer: Deployment) -> str:
    """``deployment checkout: 7 own parts, 2 kept``."""
    own = counted(len(answer.own), "own part")
    return f"deployment {answer.name}: {own}, {len(answer.shared)} kept"


def _word(own: bool) -> str:
    return "own" if own else "kept"
