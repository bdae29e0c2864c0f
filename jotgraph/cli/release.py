"""The command ``jotgraph release``, which takes a run's resources out of quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotgraph.cli.acting import acting_roles, by_roles
from jotgraph.cli.apply_options import auditing
from jotgraph.cli.lazy import FAILED, CommandError
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.place_options import profiles_option, regions_option
from jotgraph.cli.saying import say

if TYPE_CHECKING:
    from jotgraph.store.audit import Auditing


@click.command(epilog="Example: jotgraph release 4da33c78f0ee --region eu-west-1")
@click.argument("run", metavar="RUN")
@profiles_option
@acting_roles
@regions_option
@click.option(
    "--marked",
    multiple=True,
    metavar="ID",
    help="On a machine without the run's journal: release this, from the marks that record its "
    "earlier state; repeatable.",
)
@auditing
@output("outcomes")
@debug
def release(
    run: str,
    profiles: tuple[str, ...],
    role_arns: tuple[str, ...],
    external_id: str,
    regions: tuple[str, ...],
    marked: tuple[str, ...],
    auditing: Auditing,
    output: Output,
) -> None:
    """Restore what a run put in quarantine.

    RUN is the name in the receipt, and in the tag jotgraph:quarantined of what it set aside.
    Trust policies, reserved concurrency and triggers are restored exactly; images come back from
    the archive within 20 minutes. What somebody else changed since is left as it is, and listed.
    The exit code is 0 only if everything is restored.
    """
    from jotgraph.records import Kind, ResourceId, is_id, kind_of  # noqa: PLC0415 -- msgspec

    held = (Kind.TRIGGER, Kind.FUNCTION, Kind.ECR_IMAGE, Kind.ROLE)
    for text in marked:
        if not is_id(text) or kind_of(ResourceId(text)) not in held:
            raise click.UsageError(f"--marked {text!r}: no id of what a quarantine holds")
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.apply import release as releasing  # noqa: PLC0415 -- as above
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.outcomes import undo_writers  # noqa: PLC0415 -- as above

    resources = [ResourceId(text) for text in marked]
    made = clients.connect(use_docker=False, profiles=profiles, regions=regions)
    reached = by_roles(made, role_arns, external_id, releasing.accounts_of(run, resources))
    result = releasing.release(run, reached, auditing=auditing, marked=resources)
    answer.write(result, output, undo_writers())
    if result.damage:
        say(f"the run's journal is damaged ({result.damage}): it may hold more")
    if not result.whole:
        raise CommandError("not everything was restored; the reasons are above", FAILED)
