"""The rules that make links."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from typing import TYPE_CHECKING

from jotgraph.links import Rule
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.evidence import GRADE_STYLE
from jotgraph.render.answers.formats import Writers
from jotgraph.render.answers.rich_table import rich_table

if TYPE_CHECKING:
    from rich.table import Table


def writers() -> Writers[Iterable[Rule]]:
    """A writer for each format."""
    return {"table": as_table, "json": as_json}


def as_table(listed: Iterable[Rule]) -> Table:
    """Relation, grade, name and first paragraph of each rule."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return rich_table(
        ("Relation", "Grade", "Rule", "What it says"),
        [
            (
                rule.relation.value,
                Text(rule.grade.name, GRADE_STYLE[rule.grade]),
                rule.name,
                " ".join(rule.doc.split("\n\n")[0].split()),
            )
            for rule in listed
        ],
    )


def as_json(listed: Iterable[Rule]) -> str:
    """The rules; they are of no scan, so there is neither scope nor gap."""
    found = [
        {
            "name": each.name,
            "relation": each.relation,
            "grade": each.grade,
            "doc": cleandoc(each.doc),
        }
        for each in listed
    ]
    return json_text({"format": "jotgraph/rules/1", "rules": found})
