"""The command ``jotgraph doctor``, which looks at the account, the machine and the assumptions."""

from __future__ import annotations

from pathlib import Path

import click

from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.place_options import (
    accounts_options,
    git_option,
    profiles_option,
    regions_to_read,
)
from jotgraph.cli.progress import progress
from jotgraph.cli.saying import say


@click.command(epilog="Example: jotgraph doctor --profile prod --redact --format md > doctor.md")
@git_option
@click.option("--docker/--no-docker", default=True, help="Look at the Docker engine.")
@click.option("--aws/--no-aws", default=True, help="Look at AWS.")
@profiles_option
@accounts_options
@regions_to_read
@click.option(
    "--pulls",
    is_flag=True,
    help="Also read the manifest of one image, to see what ECR records. ECR counts it as a pull.",
)
@click.option(
    "--redact",
    is_flag=True,
    help="Replace accounts, names, ARNs and URLs by hashes, so that the report can be shared.",
)
@click.option("--check", is_flag=True, help="Exit 1 if anything fails.")
@output("doctor")
@debug
def doctor(
    git: tuple[str, ...],
    docker: bool,
    aws: bool,
    profiles: tuple[str, ...],
    account_list: str,
    role_arns: tuple[str, ...],
    external_id: str,
    regions: tuple[str, ...],
    pulls: bool,
    redact: bool,
    check: bool,
    output: Output,
) -> None:
    """Check access, this machine, and what jotgraph assumes about AWS.

    Reads only. Each call of a scan is tried once in each account and region. The answers are
    compared with what jotgraph relies on, for example that CodeSha256 is the digest that runs. The
    exit code is 4 if no AWS account could be signed in to, or no region is set.
    """
    from jotgraph import doctor as examining  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.cli import answer, world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli.lazy import CommandError  # noqa: PLC0415 -- as above
    from jotgraph.clients import connect  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.render.answers.doctor import note, writers  # noqa: PLC0415 -- as above
    from jotgraph.sources.accounts import (  # noqa: PLC0415 -- as above
        AccountChoice,
        in_every_account,
    )
    from jotgraph.sources.aws.everywhere import in_every_region  # noqa: PLC0415 -- as above

    choice = AccountChoice(account_list, role_arns, external_id)
    made = connect(
        git=git or world.here(Path.cwd()),
        use_docker=docker,
        use_aws=aws,
        profiles=profiles,
        regions=regions,
        region_needed=bool(choice),  # the accounts are listed by one that has a region
    )
    clients = in_every_region(in_every_account(made, choice))
    with progress("doctor") as tell:
        diagnosis = examining.examine(clients, read_a_manifest=pulls, progress=tell)
    shown = examining.redact(diagnosis) if redact else diagnosis
    answer.write(shown, output, writers())
    say(note(shown))
    if diagnosis.blind:
        raise CommandError("no AWS account was examined: see Who asks, or pass --no-aws")
    if check and diagnosis.failing:
        raise click.exceptions.Exit(answer.FOUND)
