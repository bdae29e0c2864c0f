"""The command ``jotgraph sweep``, which deletes what stayed unused in quarantine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.apply_options import Applying, applying
from jotgraph.cli.carry_out import carry_out
from jotgraph.cli.delete import show_plan
from jotgraph.cli.lazy import CommandError
from jotgraph.cli.options import Output, days_if_given, output
from jotgraph.cli.plan import FILE, asked, now, write_plan
from jotgraph.cli.plan_options import Deciding, deciding
from jotgraph.cli.planning import options_of, protection_of
from jotgraph.cli.saying import say
from jotgraph.cli.scan_options import Reading, scanning

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.plan.held import QuarantineReport


@click.command(epilog="Example: jotgraph sweep --after 14d -o plan.json")
@click.option(
    "--after",
    callback=days_if_given,
    metavar="D",
    help="Plan to delete what has been in quarantine for this long: 14d, 2w.",
)
@click.option(
    "--take-over",
    metavar="RUN",
    help="Take over what a run on another machine marked, so that it can be swept and released "
    "here. What its marks do not record is refused by name.",
)
@click.option("--apply", "doing", is_flag=True, help="Confirm and apply that plan now.")
@FILE
@applying
@deciding
@output("quarantine")
@scanning
def sweep(
    after: float | None,
    take_over: str | None,
    doing: bool,
    path: Path | None,
    applying: Applying,
    deciding: Deciding,
    output: Output,
    reading: Reading,
) -> None:
    """List what is in quarantine, and plan to delete it.

    Everything is read again. What has been used, changed or released since, or is used by
    something else, is kept with the reason. Only what was put in quarantine from this machine, or
    taken over, is swept; the rest is listed. Without --after nothing is planned; without --apply
    nothing is deleted.
    """
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, graphs  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import about  # noqa: PLC0415 -- only a run needs it
    from jotgraph.plan import plan_sweep  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.quarantine import note, writers  # noqa: PLC0415 -- as above
    from jotgraph.store.holdings import left_for_sweep  # noqa: PLC0415 -- as above

    if after is None and (doing or path):
        raise click.UsageError(
            "--apply and -o need --after, the time that is long enough in quarantine"
        )
    graph = graphs.graph_of(reading)
    if take_over:
        _take_over(graph, reading, take_over)
    report = _in_quarantine(graph, reading)
    if after is None:
        answer.write(report, output, writers(partial(titled, graph)))
        answer.finish(about(graph), reading, note=note(report), unused=answer.OF_BYTES)
        return
    plan = plan_sweep(
        graph,
        report.held,
        left_for_sweep(resource.run for resource in report.held),
        after_days=after,
        now=now(),
        asked=asked(),
        options=options_of(deciding),
        protection=protection_of(graph, deciding, copies=applying.backup),
    )
    if not doing:
        write_plan(plan, path, output, reading)
        return
    show_plan(plan)
    carry_out(
        plan,
        output,
        profiles=reading.profiles,
        role_arns=reading.role_arns,
        external_id=reading.external_id,
        how=applying,
        limits=deciding.limits(applying.policy),
        watch=0,
    )


def _take_over(graph: ResourceGraph, reading: Reading, run: str) -> None:
    """Record what a run of another machine marked; report what cannot be recorded."""
    from jotgraph.apply.quarantine.marks import take_over  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.cli import world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.plan.sweep import marked_by  # noqa: PLC0415 -- only a run needs it

    named, left = marked_by(graph, run)
    if not named:
        raise CommandError(f"nothing that was read is marked by run {run}")
    reached = world.clients_of(reading, reading.regions)
    for resource, why in sorted(take_over(run, reached, named, left).items()):
        say(f"not taken over: {resource}: {why}")


def _in_quarantine(graph: ResourceGraph, reading: Reading) -> QuarantineReport:
    from jotgraph.cli import world  # noqa: PLC0415 -- what only a run needs
    from jotgraph.plan.sweep import quarantine_report  # noqa: PLC0415 -- only a run needs it
    from jotgraph.sources.quarantine import held_now  # noqa: PLC0415 -- as above

    reached = world.clients_of(reading, reading.regions)
    return quarantine_report(graph, held_now(reached, now()))
