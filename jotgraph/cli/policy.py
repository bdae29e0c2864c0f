"""The command ``jotgraph policy``, which prints the minimal IAM policy for a command."""

from __future__ import annotations

import click

from jotgraph.cli.options import Output, debug, output

EXCLUDE = """\
ECR records a reading of manifests as a pull. So that it does not, exclude the role that scans, once
in each account and region:
  aws ecr register-pull-time-update-exclusion --principal-arn arn:aws:iam::ACCOUNT:role/ROLE"""
"""How the scan's own pulls leave no trace."""


@click.command(epilog="Example: jotgraph policy scan --usage > jotgraph-scan.json")
@click.argument("command")
@click.option("--from", "stored", is_flag=True, help="For the command with --from.")
@click.option("--quick", is_flag=True, help="For the command with --quick.")
@click.option("--usage", is_flag=True, help="For the command with --usage.")
@click.option("--content", is_flag=True, help="For the command with --content.")
@click.option("--inspector", is_flag=True, help="For the command with --inspector.")
@click.option("--vulnerabilities", is_flag=True, help="For the command with --vulnerabilities.")
@click.option("--logs", is_flag=True, help="For the command with --logs.")
@click.option(
    "--backup/--no-backup",
    default=True,
    help="For a command that deletes, with or without a backup.",
)
@click.option(
    "--quarantine", is_flag=True, help="For the command with --quarantine, or for such a plan."
)
@click.option("--pulls", is_flag=True, help="For doctor with --pulls.")
@click.option("--cloudtrail", is_flag=True, help="For history with --cloudtrail.")
@click.option("--making", is_flag=True, help="For undo of a run that pushed or deployed.")
@output("policy")
@debug
def policy(
    command: str,
    stored: bool,
    quick: bool,
    usage: bool,
    content: bool,
    inspector: bool,
    vulnerabilities: bool,
    logs: bool,
    backup: bool,
    quarantine: bool,
    pulls: bool,
    cloudtrail: bool,
    making: bool,
    output: Output,
) -> None:
    """Print the minimal IAM policy for a command.

    JSON is a policy document, ready for IAM; --format table says what each action is for. A scan
    goes on without an action that is not allowed, and lists it as not read; other commands fail.
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
        inspector=inspector,
        vulnerabilities=vulnerabilities,
        logs=logs,
        backup=backup,
        quarantine=quarantine,
        pulls=pulls,
        cloudtrail=cloudtrail,
        making=making,
    )
    answer.write(needed, output, writers())
    if any(need.action == "ecr:BatchGetImage" for need in needed):
        click.echo(EXCLUDE, err=True)
    if not needed:
        click.echo(f"jotgraph {command} makes no AWS calls and needs no policy", err=True)
