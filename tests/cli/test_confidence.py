"""Which commands let a person choose what evidence of commits they believe; why others do not."""

from __future__ import annotations

import click
import pytest

from jotgraph.cli import cli
from jotgraph.cli.confidence import GRADES

DELETES = "a commit decides nothing of it: weak evidence of a use protects, and may not be left out"
MAKES = "makes or changes what it is told to, and asks no inventory for a commit"
SETS_UP = "is about this program and this machine, or about permissions"
WITHOUT = {
    "scan": "reads the world; every piece of evidence is stored, with its grade",
    "content": "its answer is the evidence, with its own verdict",
    "export": "writes every link with its grade, for SQL to choose from",
    "sql": "asks for whatever it is told to; links have a column of grades",
    "snapshot": "lists and prunes what is stored, and asks none of it",
    "rules": "lists the rules and grades, of no inventory",
    **dict.fromkeys(("orphans", "costs", "impact", "lifecycle", "sweep"), DELETES),
    **dict.fromkeys(("plan", "apply", "delete", "cleanup", "undo", "release", "purge"), DELETES),
    **dict.fromkeys(("validate", "build", "test", "invoke", "push", "deploy", "up"), MAKES),
    **dict.fromkeys(("promote", "rollback"), MAKES),
    **dict.fromkeys(("settings", "demo", "policy", "man", "doctor", "completion"), SETS_UP),
}
"""Why a command has no ``--min-confidence``."""

COMMANDS = cli.list_commands(click.Context(cli))


def options(command: click.Command) -> dict[str, click.Parameter]:
    return {name: param for param in command.params for name in param.opts}


def walked(name: str) -> list[click.Command]:
    """A command, and those of a group."""
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    if not isinstance(command, click.Group):
        return [command]
    inner = [command.get_command(context, name) for name in command.list_commands(context)]
    return [command, *(subcommand for subcommand in inner if subcommand is not None)]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_option_or_a_reason_not_to(name: str) -> None:
    named = [options(command).get("--min-confidence") for command in walked(name)]
    if name in WITHOUT:
        assert not any(named)
        return
    for option in named:
        assert isinstance(option, click.Option)
        assert isinstance(option.type, click.Choice)
        assert (tuple(option.type.choices), option.default) == (GRADES, GRADES[0])


def test_reasons_are_of_commands_that_are_there() -> None:
    assert WITHOUT.keys() <= set(COMMANDS)
