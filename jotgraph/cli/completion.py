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
    click.echo(script(ctx.find_root().command, shell), nl=False)


def script(program: click.Command, shell: str) -> str:
    """Return the completion script for ``bash``, ``zsh`` or ``fish``."""
    kind = get_completion_class(shell)
    assert kind is not None
    source = kind(program, {}, "jotgraph", "_JOTGRAPH_COMPLETE").source()
    # bash else takes ``checkout:live`` for three words
    words = "COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}\n" if shell == "bash" else ""
    return f"{source}\n{words}"
