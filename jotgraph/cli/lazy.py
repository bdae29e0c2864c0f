"""A click group whose commands are imported when run, and which turns errors into exit codes."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import click

from jotgraph.cli.terminal import columns_of_terminal

USAGE, FAILED, BROKEN_PIPE = 2, 4, 141
SIGNALLED, INT = 128, 2
"""Exit code of a program ended by a signal (this plus its number), and that of Ctrl-C."""
NARROWEST, WIDEST = 50, 100
"""Columns of help, whatever the terminal."""
DEBUG = "jotgraph.debug"
"""Key of ``Context.meta``: raise errors instead of printing them."""


class Command(NamedTuple):
    """One row of the table of commands."""

    name: str
    home: str
    """``module:attribute``."""
    summary: str
    section: str


class CommandError(click.ClickException):
    """One line on stderr and an exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc] # click reads it from the instance (exceptions.py)

    def show(self, file: Any = None) -> None:
        from jotgraph.cli.saying import harmless  # noqa: PLC0415 -- only after a failure

        click.echo(f"jotgraph: {harmless(self.format_message())}", file=file, err=file is None)


class LazyGroup(click.Group):
    """A group that knows its commands by name and summary and imports the one that is run."""

    def __init__(
        self,
        *args: Any,
        commands_table: Sequence[Command] = (),
        start: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._start = start
        self._table = {command.name: command for command in commands_table}

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The context, with the width of its help, and of that of its commands."""
        if click.formatting.FORCED_WIDTH is None:
            width = max(min(columns_of_terminal(), WIDEST) - 2, NARROWEST)  # as click does
            extra.setdefault("terminal_width", width)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except OSError as error:  # it prints the help, and a closed pipe is for click
            if isinstance(error, BrokenPipeError):
                raise
            raise _failure(error) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.home.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._table and not args[0].startswith("-"):
            from difflib import get_close_matches  # noqa: PLC0415 -- only after a mistake

            near = get_close_matches(args[0], self._table, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if command is None or ctx.resilient_parsing or {"-h", "--help"} & {*rest}:
            return name, command, rest  # for a shell that completes, or a person in need of help
        from jotgraph.cli.defaults import with_defaults  # noqa: PLC0415 -- not for --help

        return name, with_defaults(ctx, self._table[str(name)], command), rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for command in self._table.values():
            sections.setdefault(command.section, []).append((command.name, command.summary))
        width = max(len(name) for name in self._table)
        if self._start:
            with formatter.section("Start here"):
                formatter.write_dl(self._start, col_max=40)
        for title, rows in sections.items():
            with formatter.section(title):
                for name, summary in rows:
                    row = f"{'':>{formatter.current_indent}}{name:{width}}  {summary}"
                    if len(row) <= formatter.width:  # the formatter would look at each word
                        formatter.write(f"{row}\n")
                    else:
                        formatter.write_dl([(name.ljust(width), summary)])

    def invoke(self, ctx: click.Context) -> Any:
        from jotgraph.cli.ended import Ended, taken_as_interrupts  # noqa: PLC0415 -- not for --help

        try:
            with taken_as_interrupts():
                result = super().invoke(ctx)
                sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            _silence_stdout()
            raise click.exceptions.Exit(BROKEN_PIPE) from None
        except KeyboardInterrupt as interrupt:
            number, by = INT, ""
            if isinstance(interrupt, Ended):
                number, by = interrupt.number, f" by {interrupt}"
            with suppress(OSError):  # the terminal may be closed
                click.echo(f"jotgraph: interrupted{by}", err=True)
            raise click.exceptions.Exit(SIGNALLED + number) from None
        except Exception as error:
            if ctx.meta.get(DEBUG):
                raise
            raise _failure(error) from error
        return result


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of writing to a file without a name, which stdout is."""


def _failure(error: Exception) -> CommandError:
    """The line for an error: its own message if it was raised on purpose."""
    from jotgraph.errors import JotgraphError, UsageError  # noqa: PLC0415 -- only after a failure

    if isinstance(error, JotgraphError):
        return CommandError(str(error), USAGE if isinstance(error, UsageError) else FAILED)
    if isinstance(error, OSError) and error.filename:
        return CommandError(f"{error.filename}: {error.strerror}")
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        _silence_stdout()
        return CommandError(f"the output cannot be written: {error.strerror}")
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return CommandError(f"internal error ({what}); run again with --debug, and report it")


def _silence_stdout() -> None:
    """Discard the interpreter's last flush (docs.python.org, library/signal, SIGPIPE)."""
    with suppress(OSError, ValueError):  # stdout may be no real file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
