"""Every answer that can be a table is one as CSV, for machines, and as Markdown, for people; whole
outputs compared."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import click
import pytest

from jotgraph.cli import cli
from jotgraph.render.answers.formats import TABLE_LIKE
from tests.functional.answers_written import ANSWERS, FORMATS, written
from tests.functional.conftest import Run, expected
from tests.strength import some


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


WITHOUT_A_TABLE = {
    "render": set(),
    "demo": set(),
    "man": set(),
    "completion": set(),
    "summary": {"text", "md", "json"},  # five lines are no table
    "snapshot export": set(),
    "snapshot import": set(),
    "snapshot redact": set(),
    "build": {"text", "json"},  # it prints the name of the image
}
"""Commands that write a picture, a text or a program, by what they can be written as."""


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    """Every command with its words: ``plan cleanup``."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


def formats(command: click.Command) -> set[str]:
    choices = (
        set(parameter.type.choices)
        for parameter in command.params
        if parameter.name == "format" and isinstance(parameter.type, click.Choice)
    )
    return next(choices, set())


EVERY = dict(commands(cli))


@pytest.mark.parametrize("name", EVERY)
def test_every_command_has_the_formats_of_a_table(name: str) -> None:
    """But for those that write none, and these are known by name."""
    offered = formats(EVERY[name])
    if name in WITHOUT_A_TABLE:
        assert offered == WITHOUT_A_TABLE[name]
    else:
        assert offered >= set(TABLE_LIKE)


def test_no_exception_is_left_over() -> None:
    assert set(WITHOUT_A_TABLE) <= set(EVERY)


STORED = (
    *ANSWERS,
    ("diff", "BEFORE"),
    ("check", "--policy", "policy.toml"),
    ("lifecycle", "shop/checkout"),
    ("costs",),
    ("rules",),
    ("policy", "scan"),
    ("plan", "cleanup"),
)


@pytest.mark.parametrize(
    ("form", "arguments"),
    some("answers in other formats", product(TABLE_LIKE, STORED), 3),
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_every_answer_is_written_in_every_format(
    run: Run, stored: str, tmp_path: Path, form: str, arguments: tuple[str, ...]
) -> None:
    """What is written is what it is called; whole outputs are compared elsewhere."""
    (tmp_path / "policy.toml").write_text("no_drift = ['*']\n")
    source = {"rules": (), "policy": (), "diff": (stored,)}.get(arguments[0], ("--from", stored))
    words = [stored if word == "BEFORE" else word for word in arguments]
    result = run(*words, *source, "--format", form)
    assert result.exit_code in (0, 1), result.output
    text = result.stdout
    match form:
        case "json":
            assert json.loads(text)
        case "csv":
            heading, *rows = csv.reader(io.StringIO(text))
            assert {len(row) for row in rows} <= {len(heading)}
        case "md":
            ends = {(line[:2], line[-2:]) for line in text.splitlines()}
            assert ends <= {("| ", " |")}
        case _:
            assert "\t" not in text
