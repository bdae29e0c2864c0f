"""The linking rules."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from typing import TYPE_CHECKING

from jotgraph.links import Rule
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.evidence import GRADE_STYLE
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType


def writers() -> Writers[Iterable[Rule]]:
    """A writer for each format."""
    return table_like(as_table, as_json, csv_rows, markdown_rows)


def as_table(listed: Iterable[Rule]) -> RenderableType:
    """Relation, grade, name and first paragraph of each rule."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return rich_table(
        ("Relation", "Grade", "Rule", "Description"),
        [
            (
                rule.relation.value,
                Text(rule.grade.name, GRADE_STYLE[rule.grade]),
                rule.name,
                _first_paragraph(rule),
            )
            for rule in listed
        ],
        key="Rule",
        sentence="Description",
        out=("Relation", "Grade"),
    )


def as_json(listed: Iterable[Rule]) -> str:
    """Return the rules; they come from no scan, so there is neither scope nor gaps."""
    rules = [
        {
            "name": rule.name,
            "relation": rule.relation,
            "grade": rule.grade,
            "doc": cleandoc(rule.doc),
            "source": rule.source,
        }
        for rule in listed
    ]
    return json_text({"format": "jotgraph/rules/1", "rules": rules})


def csv_rows(listed: Iterable[Rule]) -> TextTable:
    """A row for each rule, with its whole text."""
    return TextTable(
        ("relation", "grade", "rule", "doc", "from"),
        [
            (rule.relation, rule.grade, rule.name, cleandoc(rule.doc), rule.source)
            for rule in listed
        ],
    )


def markdown_rows(listed: Iterable[Rule]) -> TextTable:
    """Relation, grade, name and first paragraph of each rule."""
    return TextTable(
        ("Relation", "Grade", "Rule", "Description"),
        [(rule.relation, rule.grade.name, rule.name, _first_paragraph(rule)) for rule in listed],
    )


def _first_paragraph(rule: Rule) -> str:
    text = " ".join(rule.doc.split("\n\n")[0].split())
    return f"{text} From {rule.source}." if rule.source else text
