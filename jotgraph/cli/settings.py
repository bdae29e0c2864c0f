"""The command ``jotgraph settings``, which shows what options are without being typed."""

from __future__ import annotations

import os

import click

from jotgraph.cli.defaults import files, variable
from jotgraph.cli.options import Output, debug, output


@click.command(epilog="Example: jotgraph settings --format json")
@output("settings")
@debug
def settings(output: Output) -> None:
    """Show the default of each setting, and where it comes from.

    An option on the command line takes precedence over an environment variable, that over the
    project's jotgraph.toml, and that over the user's own file. docs/settings.md lists what may be
    set.
    """
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.settings import writers  # noqa: PLC0415 -- as above
    from jotgraph.settings.defaults import KEYS  # noqa: PLC0415 -- as above
    from jotgraph.settings.effective import settings as effective  # noqa: PLC0415 -- as above
    from jotgraph.settings.files import user_file  # noqa: PLC0415 -- as above

    listed = effective(files(), os.environ, {key: variable(key) for key in KEYS})
    answer.write(listed, output, writers())
    read = ", ".join(listed.files) or f"no jotgraph.toml here and no {user_file()}"
    click.echo(f"Read: {read}", err=True)
