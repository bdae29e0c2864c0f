"""The manual page has every command and option, and roff has nothing to say to it."""

from __future__ import annotations

import re
import shutil
import subprocess

import click
import pytest

from jotgraph.cli import cli
from jotgraph.cli.man import page
from jotgraph.cli.reference import subcommands

TOP = click.Context(cli, info_name="jotgraph")


def shown(text: str) -> str:
    """The page as ``man`` shows it on a wide terminal, without bold and underlining."""
    if not shutil.which("groff"):
        pytest.skip("no groff: apt-get install groff-base")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-rLL=400n", "-rHY=0", "-P-cbou"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_roff_warns_of_nothing_and_every_word_is_there() -> None:
    text = shown(page(cli))
    words = " ".join(text.split())
    for command, ctx in subcommands(cli, TOP):
        usage = " ".join((ctx.command_path, *command.collect_usage_pieces(ctx)))
        assert usage in words
        for paragraph in (command.help or "").split("\n\n"):
            assert " ".join(paragraph.replace("\b", "").split()) in words
        for option in command.params:
            record = option.get_help_record(ctx)
            if record and isinstance(option, click.Option):
                assert " ".join(record[0].split()) in words
                assert " ".join(record[1].split()) in words


def test_hyphens_can_be_searched_for() -> None:
    assert "--no-docker" in shown(page(cli))
    assert not re.search(r"(?<!\\)-", page(cli).replace("jotgraph-", ""))


@pytest.mark.parametrize(
    "text",
    [".so /etc/passwd", "'br", "a \\fBbold\\fR", "≤ 3 → $HOME", "it's `code`", "C:\\n"],
)
def test_text_is_no_request(text: str) -> None:
    @click.group(help=f"Top.\n\n{text}")
    def group() -> None: ...

    for name in ("trace", "scan", "rules"):
        options = [click.Option(["--format"])]
        group.add_command(click.Command(name, help=text, params=list(options)))
    assert text in shown(page(group))


def test_it_is_a_command() -> None:
    assert page(cli).startswith('.TH JOTGRAPH 1 ""')
