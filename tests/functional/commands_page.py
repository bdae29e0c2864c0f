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

Data goes to stdout. Progress, what could not be read and a closing summary go to stderr. On a
terminal, progress is one line. Elsewhere, a phase of a scan that takes longer than two seconds gets
a line (`JOTGRAPH_PROGRESS=off`: none). Ctrl-C prints what is kept and exits with 130. SIGTERM (a
stopped container) does the same with 143, SIGHUP (a closed terminal) with 129. Colour is only used
on terminals, and never with `NO_COLOR`. Tables are as wide as the terminal, or 100 columns in a
pipe (`COLUMNS` sets it).

Every table can also be written as `json` ([fields](json.md)), `csv` or `md`. CSV is for machines:
whole ids, plain states, bytes and days as numbers, times in ISO 8601, and an empty cell for an
unknown value. If only an upper bound of a size is known, `bytes` is empty and `bytes_upper_bound`
has it.

| exit | means |
|---|---|
| 0 | done |
| 1 | found what was looked for, only with `--check` (or by `check` itself) |
| 2 | usage: a wrong or missing option, value, file or name; the same line fails again |
| 3 | answered, but something that matters to this answer could not be read, only with `--strict` |
| 4 | failed: one line says why and what to do; `--debug` shows where |

- A scan that signs in to no AWS account fails (4), unless `--no-aws` is given.
- For `check`, and with `--check`, exit 1 (something was found) takes precedence over 4 and 3
  (something was not read), because what was found is there in any case.
- For `check`, and with `--check`, exit 0 is impossible for an inventory without an AWS account, or
  if a service that the answer needs was denied, failed or was not asked.
- `--strict` counts what was denied or failed. What the scan was not asked to read, for example
  without `--usage` or `--content`, does not count, except for what `--quick` leaves out. `scan
  --strict` stores the inventory in any case.

Messages and exit codes for wrong input: [errors.md](errors.md).

NAME is an id, a function, `function:alias`, `function:version`, `repo:tag`, `repo@digest`, an ARN,
a commit-ish, or a unique prefix (4 or more characters) of a digest or SHA. What a table shows is a
name, too: `repo:tag @1a2b3c4d5`. If a NAME has several meanings, the error lists them; if it has
none, the error suggests the nearest names.
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
