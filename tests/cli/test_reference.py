"""Which options a page lists with a command, and which once for all reading commands."""

from __future__ import annotations

import click
import pytest

from jotgraph.cli import cli
from jotgraph.cli.reference import own_options, shared_options, subcommands

TOP = click.Context(cli, info_name="jotgraph")
COMMANDS = {context.command_path: command for command, context in subcommands(cli, TOP)}


@pytest.mark.parametrize("path", COMMANDS)
def test_only_what_scans_has_the_options_of_reading_commands(path: str) -> None:
    command = COMMANDS[path]
    _, reads = own_options(command, shared_options(cli, TOP))
    assert reads == any("--refresh" in option.opts for option in command.params)


@pytest.mark.parametrize("name", ["apply", "undo", "release", "push", "up", "doctor"])
def test_what_acts_has_its_profile_among_its_own(name: str) -> None:
    own, _ = own_options(COMMANDS[f"jotgraph {name}"], shared_options(cli, TOP))
    names = {option.opts[0] for option in own}
    assert {"--profile", "--role-arn", "--external-id"} <= names
    assert not names & {"--debug", "--color"}
