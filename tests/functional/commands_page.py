"""The commands' own help -> docs/commands.md: ``python -m tests.functional.commands_page``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from jotgraph.cli import COMMANDS, cli
from jotgraph.cli.reference import own_options, shared_options

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

HEAD = """\
# Commands

Made from `--help` by `python -m tests.functional.commands_page`; a test compares the two.

Data goes to stdout; progress, what could not be read, and a closing sum to stderr. On a terminal
progress is one line; elsewhere each phase of a scan is a line once it lasts longer than two seconds
(`JOTGRAPH_PROGRESS=off`: none). Ctrl-C says what is kept, and exits with 130; SIGTERM and SIGHUP (a
container that is stopped, a terminal that is closed) do the same, with 143 and 129. Colour is for
terminals only, and never with `NO_COLOR`. Tables fill the terminal, or 100 columns in a pipe
(`COLUMNS` sets it).

What can be a table is written as `json` ([fields](json.md)), `csv` or `md` too. CSV is for
machines: whole ids, plain states, bytes and days as numbers, times in ISO 8601, and an empty cell
for what is not known; of `bytes` and `bytes_upper_bound` the first is empty where only the second
is known.

| exit | means |
|---|---|
| 0 | done |
| 1 | found what was looked for, only with `--check` (or by `check` itself) |
| 2 | usage: an option, value, file or name that is wrong or not there; the same line fails again |
| 3 | answered, but something that matters to this answer could not be read, only with `--strict` |
| 4 | failed: one line says why and what to do; `--debug` shows where |

A scan that signs in to no AWS account fails (4), unless `--no-aws` says not to read any. With
`--check`, and of `check`, what was found (1) goes before what was not read (4, and 3 with
`--strict`): it is there whatever else there is. Neither passes (0) on an inventory without an AWS
account, or where a service that its answer needs was denied, failed or was not asked. `--strict`
counts what was denied or failed. What the scan was not asked to read (without `--usage` or
`--content`, say) is no such gap, but for what `--quick` leaves out. `scan --strict` stores the
inventory in any case.

Messages and exit codes for wrong input: [errors.md](errors.md).

NAME is an id, a function, `function:alias`, `function:version`, `repo:tag`, `repo@digest`, an ARN,
a commit-ish, or a unique prefix (4 or more) of a digest or SHA. One that means several things is an
error that lists them; one that means nothing suggests the nearest.
"""


def page() -> str:
    """The whole page."""
    top = click.Context(cli, info_name="jotgraph")
    shared = shared_options(cli, top)
    parts = [HEAD, "\n## Options of every reading command\n", _options(top, shared.values())]
    for entry in COMMANDS:
        command = cli.get_command(top, entry.name)
        assert command is not None
        parts += _sections(command, click.Context(command, top, entry.name), shared, "##")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _sections(
    command: click.Command, ctx: click.Context, shared: dict[str, click.Parameter], level: str
) -> Iterator[str]:
    yield f"\n{level} {ctx.command_path}\n"
    yield f"```console\n{' '.join([ctx.command_path, *command.collect_usage_pieces(ctx)])}\n```\n"
    yield "\n\n".join(
        " ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n")
    )
    own, reads = own_options(command, shared)
    if listed := _options(ctx, own):
        yield f"\n{listed}"
    if reads:
        yield "\nReads as [every reading command](#options-of-every-reading-command) does."
    yield "\n" + "\n\n".join(
        _epilog(paragraph) for paragraph in (command.epilog or "").split("\n\n")
    )
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            assert inner is not None
            yield from _sections(inner, click.Context(inner, ctx, name), shared, f"{level}#")


def _options(ctx: click.Context, params: Iterable[click.Parameter]) -> str:
    options = [param for param in params if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(ctx))]
    if not records:
        return ""
    rows = [f"| `{_cell(left)}` | {_cell(right)} |" for left, right in records]
    return "\n".join(["| option | |", "|---|---|", *rows])


def _epilog(text: str) -> str:
    words = " ".join(text.split())
    head, colon, example = words.partition("Example: ")
    return f"Example: `{example}`" if colon and not head else words


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
