"""The answer of ``scan --estimate``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from jotgraph.cli import answer, not_read, world
from jotgraph.cli.options import Output
from jotgraph.cli.saying import say
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from jotgraph.records import Inventory


def show(reading: Reading, known: Inventory | None, output: Output) -> None:
    """Sign in, list accounts and regions, and print what reading them takes. Raises CommandError
    when no account is signed in to."""
    from jotgraph.graph import About  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.estimate import more_limits, note, writers  # noqa: PLC0415 -- as above
    from jotgraph.sources.aws.everywhere import in_every_region  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.sources.estimate import estimate, planned  # noqa: PLC0415 -- as above

    if not reading.aws:
        raise click.UsageError("--estimate counts calls of AWS, and --no-aws says to make none")
    clients = in_every_region(world.clients_of(reading, reading.regions), quick=reading.quick)
    plan, scope, gaps = planned(clients, known, quick=reading.quick, usage=reading.days > 0)
    answer.refuse_unread(scope, gaps, aws=True)
    found = estimate(plan, known)
    answer.write(found, output, writers(About(datetime.now(UTC), scope, gaps, (), ())))
    if output.format == "table" and (more := more_limits(found)):
        say(more)
    say(note(found))
    not_read.tell_gaps(gaps)
