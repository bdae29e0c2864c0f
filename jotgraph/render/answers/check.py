"""The result of checking a policy file."""

from __future__ import annotations

from functools import partial

from jotgraph.queries.answers.check import Checked
from jotgraph.records import ResourceId, is_id
from jotgraph.records.phrases import counted
from jotgraph.records.titles import title
from jotgraph.render.answers.check_reports import POLICY, junit, sarif
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Named, Row, grid_writers
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers


def writers(named: Named = title, policy: str = POLICY) -> Writers[Checked]:
    """A writer for each format; ``policy`` is the path of the file that states the rules."""
    return {
        **grid_writers(partial(grid, named=named), as_json, csv_rows),
        "junit": junit,
        "sarif": partial(sarif, policy=policy),
    }


def grid(answer: Checked, *, named: Named = title) -> Grid:
    """Return rows for the violated rules, then for what could not be judged."""
    lists = (("violation", answer.violations), ("not read", answer.unknown))
    rows = [
        Row(
            word,
            ResourceId(violation.resource) if is_id(violation.resource) else None,
            (violation.rule,),
            violation.because,
            name=violation.resource or "(whole estate)",
        )
        for word, violations in lists
        for violation in violations
    ]
    return Grid("Result", ("Rule",), rows, named)


def note(answer: Checked) -> str:
    """Return the number of checked rules and violations, and the rules that could not be checked in
    full."""
    number, rules = len(answer.rules), counted(len(answer.rules), "rule")
    partly = len({violation.rule for violation in answer.unknown})
    checked = f"{number - partly} of {rules} checked in full" if partly else f"{rules} checked"
    return f"{checked}, {counted(len(answer.violations), 'violation')}"


def as_json(answer: Checked) -> str:
    """Return the result as JSON."""
    names = ("rules", "violations", "unknown")
    return answer_text("check", answer.about, {name: getattr(answer, name) for name in names})


def csv_rows(answer: Checked) -> TextTable:
    """Return a row for each violation, and for each rule that could not be judged."""
    lists = {"violation": answer.violations, "unknown": answer.unknown}
    return TextTable(
        ("result", "rule", "resource", "because"),
        [
            (word, violation.rule, violation.resource, violation.because)
            for word, violations in lists.items()
            for violation in violations
        ],
    )
