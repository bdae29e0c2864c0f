"""The command ``jotgraph completion``, which prints a completion script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from jotgraph.cli.options import debug


@click.command(
    epilog="Example: jotgraph completion bash > ~/.local/share/bash-completion/completions/jotgraph"
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@debug
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a shell completion script."""
    kind = get_completion_class(shell)
    assert kind is not None
    program = ctx.find_root()
    script = kind(program.command, {}, "jotgraph", "_JOTGRAPH_COMPLETE")
    click.echo(script.source())
    if shell == "bash":  # which else takes ``checkout:live`` for three words
        click.echo("COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}")
