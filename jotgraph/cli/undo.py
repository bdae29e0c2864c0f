"""The command ``jotgraph undo``, which restores what a run deleted, or takes back what it made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.acting import acting_roles, by_roles
from jotgraph.cli.apply_options import auditing, backup_key, key_of
from jotgraph.cli.lazy import FAILED, CommandError
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.place_options import profiles_option, regions_option
from jotgraph.cli.saying import say

if TYPE_CHECKING:
    from jotgraph.store.audit import Auditing


@click.command(epilog="Example: jotgraph undo 4da33c78f0ee --region eu-west-1")
@click.argument("run", metavar="RUN")
@profiles_option
@acting_roles
@regions_option
@click.option(
    "--docker/--no-docker",
    default=None,
    help="Also restore images of the Docker engine. Default: if the run removed any.",
)
@click.option(
    "--from-backup",
    is_flag=True,
    help="Examine everything that has a backup. For a run whose journal is damaged or lost.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Change nothing; print what is gone, or what would be taken back.",
)
@auditing
@backup_key
@output("outcomes")
@debug
def undo(
    run: str,
    profiles: tuple[str, ...],
    role_arns: tuple[str, ...],
    external_id: str,
    regions: tuple[str, ...],
    docker: bool | None,
    from_backup: bool,
    dry_run: bool,
    auditing: Auditing,
    backup_key: Path | None,
    output: Output,
) -> None:
    """Restore what a run deleted, or take back what it made.

    RUN is the name in the receipt. Everything that the run began is examined, even if the run was
    interrupted or its plan has expired. What it deleted is restored from its backup, images with
    the same digest. What it created is deleted if nothing else uses it. What it changed is changed
    back if nobody has changed it since. What cannot be restored is listed: version numbers, ids of
    roles, host names of URLs. The exit code is 0 only if everything is as it was.
    """
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.apply import undo as undoing  # noqa: PLC0415 -- as above
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy import undo as unmaking  # noqa: PLC0415 -- as above
    from jotgraph.records import LOCAL  # noqa: PLC0415 -- msgspec
    from jotgraph.render.answers.outcomes import undo_writers  # noqa: PLC0415 -- as above

    makes = not from_backup and unmaking.made_things(run)
    kinds = undoing.kinds_of(run, from_backup=from_backup)
    reached = clients.connect(
        use_docker=bool(kinds & LOCAL) if docker is None else docker,
        use_aws=bool(kinds - LOCAL),
        profiles=profiles,
        regions=regions,
    )
    reached = by_roles(
        reached, role_arns, external_id, undoing.accounts_of(run, from_backup=from_backup)
    )
    if makes:
        result = unmaking.undo_making(run, reached, only_look=dry_run, auditing=auditing)
    else:
        result = undoing.undo(
            run,
            reached,
            from_backup=from_backup,
            only_look=dry_run,
            auditing=auditing,
            key=key_of(backup_key),
        )
    answer.write(result, output, undo_writers())
    if not result.outcomes and not result.damage:
        say(f"run {run} deleted and changed nothing: there is nothing to undo")
    if result.damage:
        say(f"the run's journal is damaged ({result.damage})")
    if not result.whole and not dry_run:
        what = "taken back" if makes else "restored"
        raise CommandError(f"not everything was {what}; the reasons are above", FAILED)
