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
@click.option(
    "--role-arn",
    "role_arns",
    multiple=True,
    metavar="ARN",
    help="For the caller that reads or acts by this role in each account.",
)
@click.option(
    "--accounts",
    "account_list",
    default="",
    metavar="FILE|organization",
    help="With --role-arn: organization, if the caller reads the list of accounts from it.",
)
@click.option(
    "--trust",
    default="",
    metavar="PRINCIPAL",
    help="Print the trust policy of the role in each account instead: this account, role or user "
    "may assume it.",
)
@click.option(
    "--external-id", default="", metavar="ID", help="With --trust: the external id it asks for."
)
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
    role_arns: tuple[str, ...],
    account_list: str,
    trust: str,
    external_id: str,
    output: Output,
) -> None:
    """Print the minimal IAM policy for a command.

    JSON is a policy document, ready for IAM; --format table says what each action is for. A scan
    goes on without an action that is not allowed, and lists it as not read; other commands fail.
    For many accounts, the role in each account needs the policy of the command and a trust policy
    (--trust); the caller needs the policy that --role-arn prints.
    """
    from jotgraph import permissions  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.envelope import json_text  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.policy import writers  # noqa: PLC0415 -- as above
    from jotgraph.settings.files import ORGANIZATION  # noqa: PLC0415 -- as above

    if external_id and not trust:
        raise click.UsageError("--external-id is asked for by a trust policy: pass --trust, too")
    if account_list and not role_arns:
        raise click.UsageError("--accounts are read by a role in each: pass --role-arn, too")
    if trust:
        if output.format != "json":
            raise click.UsageError("a trust policy is JSON: leave --format out")
        click.echo(json_text(permissions.trust(trust, external_id)), nl=False)
        return
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
    organization = account_list == ORGANIZATION
    needed = (*needed, *permissions.caller(role_arns, organization=organization))
    answer.write(needed, output, writers())
    if any(need.action == "ecr:BatchGetImage" for need in needed):
        click.echo(EXCLUDE, err=True)
    if not needed:
        click.echo(f"jotgraph {command} makes no AWS calls and needs no policy", err=True)
