"""The command ``jotgraph purge``, which removes old backups."""

from __future__ import annotations

import click

from jotgraph.cli.lazy import CommandError
from jotgraph.cli.options import Output, days, debug, output


@click.command(epilog="Example: jotgraph purge --older-than 90d --yes")
@click.option(
    "--older-than",
    callback=days,
    required=True,
    metavar="D",
    help="Only of runs that ended longer ago than this: 90d, 12w.",
)
@click.option("--yes", is_flag=True, help="Remove them; otherwise they are only listed.")
@output("purged")
@debug
def purge(older_than: float, yes: bool, output: Output) -> None:
    """Remove the backups of old runs, which can then no longer be undone.

    Journals stay. A run that holds something in quarantine, was interrupted, or whose journal is
    damaged keeps its backup.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 -- with what only a run needs

    from jotgraph.apply import purge as purging  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.records.phrases import listed  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.purged import writers  # noqa: PLC0415 -- as above

    receipt = purging.purge(datetime.now(UTC), older_than, really=yes)
    answer.write(receipt, output, writers())
    if failed := [run.run for run in receipt.runs if run.status == "failed"]:
        raise CommandError(f"not all could be removed of the backup of {listed(failed)}")
