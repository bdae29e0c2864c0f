"""The command ``jotgraph man``, which writes the manual page from the commands' own help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from jotgraph.cli.options import debug
from jotgraph.cli.reference import own_options, shared_options, subcommands
from jotgraph.version import __version__

_EXITS = (
    ("0", "Done."),
    ("1", "Found what was looked for, only with --check (or by check itself)."),
    ("2", "Usage: a wrong option, value or policy file."),
    ("3", "Answered, but something that matters could not be read, only with --strict."),
    ("4", "Failed; one line says why. A gate that needs what was not read fails, too."),
)
_FILES = (
    ("jotgraph.toml", "The policy file of check."),
    (
        "$XDG_STATE_HOME/jotgraph",
        "Stored inventories, and journals and backups of runs that deleted.",
    ),
)


@click.command(epilog="Example: jotgraph man > ~/.local/share/man/man1/jotgraph.1")
@debug
@click.pass_context
def man(ctx: click.Context) -> None:
    """Print the manual page.

    It has every command and option, in the format of man (roff). The wheel installs it, too:
    share/man/man1/jotgraph.1.
    """
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    click.echo(page(root.command), nl=False)


def page(program: click.Group) -> str:
    """Return the whole page, in the macros of man(7)."""
    top = click.Context(program, info_name="jotgraph")
    shared = shared_options(program, top)
    summary, *more = _paragraphs(program.help)
    lines = [
        f'.TH JOTGRAPH 1 "" "jotgraph {__version__}" "User Commands"',
        ".SH NAME",
        f"jotgraph \\- {_text(summary)}",
        ".SH SYNOPSIS",
        ".B jotgraph",
        "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]",
        ".SH DESCRIPTION",
        *list(_body((*more, *_paragraphs(program.epilog))))[1:],  # no .PP below a heading
        ".SH OPTIONS OF READING COMMANDS",
        *_options(top, shared.values()),
        ".SH COMMANDS",
    ]
    for command, context in subcommands(program, top):
        lines += _command(command, context, shared)
    lines += [".SH EXIT STATUS", *_terms(_EXITS), ".SH FILES", *_terms(_FILES)]
    return "\n".join(lines) + "\n"


def _command(
    command: click.Command, ctx: click.Context, shared: dict[str, click.Parameter]
) -> Iterator[str]:
    usage = " ".join((ctx.command_path, *command.collect_usage_pieces(ctx)))
    yield f".SS {_text(ctx.command_path.partition(' ')[2])}"
    yield f".B {_text(usage)}"
    yield from _body(_paragraphs(command.help))
    own, reads = own_options(command, shared)
    yield from _options(ctx, own)
    if reads:
        yield from _body(["It has the options of reading commands, too."])
    for paragraph in _paragraphs(command.epilog):
        head, _, example = paragraph.partition("Example: ")
        if head:
            yield from _body([paragraph])
        else:
            yield from (".PP", "Example:", ".EX", f"    {_text(example)}", ".EE")


def _options(ctx: click.Context, options: Iterable[click.Parameter]) -> Iterator[str]:
    records = (option.get_help_record(ctx) for option in options)
    return _terms(record for record in records if record)


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, words in pairs:
        yield from (".TP", f"\\fB{_text(term)}\\fR", _text(words))


def _body(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from (".PP", _text(paragraph))


def _paragraphs(text: str | None) -> list[str]:
    blocks = (text or "").replace("\b", "").split("\n\n")
    return [" ".join(block.split()) for block in blocks if block.strip()]


def _text(words: str) -> str:
    """Text escaped for roff, with hyphens that can be searched for and copied."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    escaped = re.sub(r"[^\x00-\x7f]", lambda match: f"\\[u{ord(match[0]):04X}]", escaped)
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped.replace("'", "\\(aq")
