"""All commands and options of the program, for pages that list them."""

from __future__ import annotations

from collections.abc import Iterator

import click


def subcommands(
    group: click.Group, ctx: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield every command of a group and its subgroups, each with its context."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        inner = click.Context(command, ctx, name)
        yield command, inner
        if isinstance(command, click.Group):
            yield from subcommands(command, inner)


def shared_options(group: click.Group, ctx: click.Context) -> dict[str, click.Parameter]:
    """Return the options of every reading command by first name: how to read, and how to write."""
    trace, scan, rules = (group.get_command(ctx, name) for name in ("trace", "scan", "rules"))
    assert trace is not None
    assert scan is not None
    assert rules is not None
    both = {option.opts[0] for option in (*scan.params, *rules.params)}
    both |= {"--from", "--fresh", "--max-age"}
    shared = {option.opts[0]: option for option in trace.params if option.opts[0] in both}
    del shared["--format"]  # each command has formats of its own
    return shared


def own_options(
    command: click.Command, shared: dict[str, click.Parameter]
) -> tuple[list[click.Option], bool]:
    """Return a command's options without those of every reading command, and whether it has these.
    If it has less than half of them, they count as its own."""
    options = [option for option in command.params if isinstance(option, click.Option)]
    own = [option for option in options if _help(shared.get(option.opts[0])) != option.help]
    reads = len(options) - len(own) > len(shared) // 2
    if not reads:
        own = [option for option in options if option.opts[0] not in ("--debug", "--color")]
    return own, reads


def _help(option: click.Parameter | None) -> str | None:
    return option.help if isinstance(option, click.Option) else ""
