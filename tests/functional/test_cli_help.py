"""Help: every command has it, with an example, and asking for it imports nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from jotgraph.cli import COMMANDS, START, cli
from jotgraph.cli.lazy import Command
from tests.functional.conftest import Run

HEAVY = {"networkx", "boto3", "botocore", "docker", "git", "msgspec", "rich", "graphviz", "moto"}


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_has_its_summary_and_an_example(run: Run, entry: Command) -> None:
    command = cli.get_command(click.Context(cli), entry.name)
    assert command is not None
    assert (command.help or "").split("\n\n")[0].strip() == entry.summary
    result = run(entry.name, "--help")
    assert result.exit_code == 0
    assert f"Example: jotgraph {entry.name}" in " ".join(result.stdout.split())
    inner = command.commands if isinstance(command, click.Group) else {}
    shown = [result.stdout, *(run(entry.name, name, "--help").stdout for name in inner)]
    lines = [line for text in shown for line in text.splitlines()[1:]]  # usage ends in NAME...
    assert [line for line in lines if len(line) > 80 or line.endswith("...")] == []


def test_help_begins_with_what_to_type_first(run: Run) -> None:
    """Each line of it runs as it stands: its command is there, and so are its options."""
    shown = run("--help").stdout
    assert shown.index("Start here") < min(shown.index(f"\n{entry.section}:") for entry in COMMANDS)
    for typed, _ in START:
        assert f"  {typed}  " in shown
        program, command, *options = typed.split()
        assert program == "jotgraph"
        usage = run(command, "--help").stdout
        assert all(option in usage for option in options if option.startswith("-")), typed


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    program = (
        "import json, sys\n"
        "from jotgraph.__main__ import main\n"
        "sys.argv = ['jotgraph', '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert [command.name for command in COMMANDS if f"  {command.name} " not in ended.stdout] == []
    loaded = json.loads(ended.stderr)
    needless = HEAVY | {"bz2", "shutil"}
    assert [name for name in loaded if name.partition(".")[0] in needless] == []


def test_the_help_of_no_command_imports_anything_heavy() -> None:
    """One process imports them one after another: the first that is heavy is named."""
    program = (
        "import importlib, sys\n"
        "for module in sys.argv[1:]:\n"
        "    importlib.import_module(module)\n"
        f"    print(module, *{HEAVY!r} & {{name.partition('.')[0] for name in sys.modules}})\n"
    )
    modules = list(dict.fromkeys(entry.home.partition(":")[0] for entry in COMMANDS))
    ended = subprocess.run(
        [sys.executable, "-c", program, *modules], capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines() == modules


def test_rules_are_listed_with_their_documentation(run: Run) -> None:
    listed = json.loads(run("rules", "--format", "json").stdout)
    assert listed["format"] == "jotgraph/rules/1"
    assert all(rule["doc"] and rule["grade"] and rule["relation"] for rule in listed["rules"])
    assert "resolved_digest" in run("rules").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Run, shell: str) -> None:
    assert "_JOTGRAPH_COMPLETE" in run("completion", shell).stdout


def test_public_names_are_there_and_import_nothing_at_first() -> None:
    program = (
        "import sys, jotgraph\n"
        "assert not {'networkx', 'msgspec', 'boto3'} & set(sys.modules)\n"
        "for name in jotgraph.__all__:\n"
        "    getattr(jotgraph, name)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_policy_of_a_scan_says_how_its_pulls_leave_no_trace(run: Run) -> None:
    command = "aws ecr register-pull-time-update-exclusion --principal-arn"
    scan, rest = run("policy", "scan"), run("policy", "render", "--from")
    assert command in scan.stderr
    assert json.loads(scan.stdout)["Version"] == "2012-10-17"
    assert command not in rest.stderr
