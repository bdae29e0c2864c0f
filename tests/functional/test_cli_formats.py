"""Every answer that can be a table is one as CSV, for machines, and as Markdown, for people; whole
outputs compared."""

from __future__ import annotations

import csv
import io

import click
import pytest

from jotgraph.cli import cli
from jotgraph.render.answers.formats import TABLE_LIKE
from tests.functional.answers_written import ANSWERS, FORMATS, written
from tests.functional.conftest import Run, expected


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.usefixtures("run")
def test_answers(stored: str, form: str) -> None:
    assert written(stored, form) == expected(f"answers_as_{form}")


@pytest.mark.parametrize("arguments", ANSWERS, ids=lambda arguments: " ".join(arguments))
def test_rows_of_csv_are_as_long_as_its_heading(
    run: Run, stored: str, arguments: tuple[str, ...]
) -> None:
    text = run(*arguments, "--format", "csv", "--from", stored).stdout
    heading, *rows = csv.reader(io.StringIO(text))
    assert {len(row) for row in rows} <= {len(heading)}
    assert not [cell for row in rows for cell in row if cell.startswith("≤") or cell == "None"]


def commands(group: click.Group) -> list[click.Command]:
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found += commands(command) if isinstance(command, click.Group) else [command]
    return found


def test_every_command_with_formats_has_those_of_a_table() -> None:
    offered = {
        str(command.name): set(parameter.type.choices)
        for command in commands(cli)
        for parameter in command.params
        if parameter.name == "format" and isinstance(parameter.type, click.Choice)
    }
    assert len(offered) > 20
    assert offered.pop("summary") == {"text", "md", "json"}  # five lines are no table
    assert [name for name, formats in offered.items() if not formats >= set(TABLE_LIKE)] == []
