"""The commands that findings recommend: as they are typed, and as they are meant."""

from __future__ import annotations

import shlex

from jotgraph.analysis.health.commands import NO_COMMAND, Command, another, ours


def test_a_command_of_ours_is_quoted_and_keeps_its_parts() -> None:
    command = ours("scan", "--usage", ("--role-arn", "arn:{account}"), "a b")
    assert str(command) == "jotgraph scan --usage --role-arn 'arn:{account}' 'a b'"
    assert command.name == "scan"
    assert command.arguments == (("--usage",), ("--role-arn", "arn:{account}"), ("a b",))
    assert shlex.split(str(command))[2:] == [part for parts in command.arguments for part in parts]


def test_another_programs_command_is_none_of_ours() -> None:
    command = another("jotgraph-like", "scan", "it's")
    assert str(command) == """jotgraph-like scan 'it'"'"'s'"""
    assert (command.name, command.arguments) == ("", ())
    assert Command("docker tag a b && docker push b").name == ""


def test_no_command_is_false() -> None:
    assert not NO_COMMAND
    assert str(NO_COMMAND) == ""
    assert ours("stale")
