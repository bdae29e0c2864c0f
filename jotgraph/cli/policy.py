"""``jotgraph policy``: the least IAM policy that a command needs."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, debug, output


@click.command(epilog="Example: jotgraph policy scan --usage > jotgraph-scan.json")
@click.argument("command")
@click.option("--from", "stored", is_flag=True, help="As it runs on a stored inventory.")
@click.option("--quick", is_flag=True, help="As it runs with --quick.")
@click.option("--usage", is_flag=True, help="As it runs with --usage.")
@click.option("--content", is_flag=True, help="As it runs with --content.")
@click.option("--backup/--no-backup", default=True, help="As it runs with it, when it deletes.")
@click.option("--quarantine", is_flag=True, help="As it runs with it, or on such a plan.")
@output("json", "table")
@debug
def policy(
    command: str,
    stored: bool,
    quick: bool,
    usage: bool,
    content: bool,
    backup: bool,
    quarantine: bool,
    output: Output,
) -> None:
    """Print the least IAM policy that a command needs.

    JSON is the policy document, ready for IAM; --format table says what each action is called for.
    What is not allowed becomes a gap of a scan that names the action, and an error of the rest.
    """
    from jotgraph import permissions  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.policy import writers  # noqa: PLC0415 -- as above

    needed = permissions.needs(
        command,
        stored=stored,
        quick=quick,
        usage=usage,
        content=content,
        backup=backup,
        quarantine=quarantine,
    )
    answer.write(needed, output, writers())
    if not needed:
        click.echo(f"jotgraph {command} calls nothing of AWS: it needs no policy", err=True)
