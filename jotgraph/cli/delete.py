"""The commands ``jotgraph delete`` and ``jotgraph cleanup``, which plan, confirm and apply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.apply_options import Applying, applying, watch
from jotgraph.cli.carry_out import carry_out
from jotgraph.cli.defaults import set_aside
from jotgraph.cli.names import names as complete
from jotgraph.cli.options import Output, output
from jotgraph.cli.plan import asked, now
from jotgraph.cli.plan_options import (
    Cleaning,
    Deciding,
    Spreading,
    cleaning,
    deciding,
    exact,
    quarantine,
    spreading,
)
from jotgraph.cli.plan_picture import draw_plan, picture
from jotgraph.cli.planning import plan_of_cleaning, plan_of_names
from jotgraph.cli.saying import say
from jotgraph.cli.scan_options import Reading, scanning

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.plan import Plan


@click.command(epilog="Example: jotgraph delete checkout --usage --profile prod")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete)
@applying
@watch
@quarantine
@exact
@spreading
@deciding
@picture
@output("outcomes")
@scanning
def delete(
    names: tuple[str, ...],
    applying: Applying,
    watch: float,
    quarantine: bool,
    exact: bool,
    spreading: Spreading,
    deciding: Deciding,
    picture: Path | None,
    output: Output,
    reading: Reading,
) -> None:
    """Delete a deployment: plan, show, confirm, apply.

    A deployment is NAME, what depends on it, and what only it was using. --only, --stop-at and
    --keep narrow it.
    """

    def decide(graph: ResourceGraph) -> Plan:
        return plan_of_names(
            graph,
            names,
            spreading,
            deciding,
            now(),
            asked(),
            quarantine=quarantine,
            copies=applying.backup,
            logs=reading.logs,
        )

    _apply_decided(decide, reading, applying, deciding, picture, output, exact=exact, watch=watch)


@click.command(epilog="Example: jotgraph cleanup --orphans --older-than 30d --max-count 50")
@applying
@watch
@quarantine
@exact
@cleaning
@deciding
@picture
@output("outcomes")
@scanning
def cleanup(
    applying: Applying,
    watch: float,
    quarantine: bool,
    exact: bool,
    cleaning: Cleaning,
    deciding: Deciding,
    picture: Path | None,
    output: Output,
    reading: Reading,
) -> None:
    """Delete unused resources: plan, show, confirm, apply."""

    def decide(graph: ResourceGraph) -> Plan:
        return plan_of_cleaning(
            graph,
            cleaning,
            deciding,
            now(),
            asked(),
            quarantine=quarantine,
            copies=applying.backup,
            logs=reading.logs,
        )

    _apply_decided(decide, reading, applying, deciding, picture, output, exact=exact, watch=watch)


def _apply_decided(
    decide: Callable[[ResourceGraph], Plan],
    reading: Reading,
    applying: Applying,
    deciding: Deciding,
    picture: Path | None,
    output: Output,
    *,
    exact: bool,
    watch: float,
) -> None:
    """Scan, plan, show and draw the plan, and apply it once confirmed."""
    from jotgraph.cli import graphs  # noqa: PLC0415 -- what only a run needs

    plan, graph = graphs.plan_of(reading, decide, exact=exact)
    show_plan(plan)
    draw_plan(plan, graph, picture)
    carry_out(
        plan,
        output,
        profiles=reading.profiles,
        role_arns=reading.role_arns,
        external_id=reading.external_id,
        how=applying,
        limits=deciding.limits(applying.policy),
        watch=watch,
    )


def show_plan(plan: Plan) -> None:
    """Print the plan, the settings used and what was not read on stderr; stdout is for the
    receipt."""
    from jotgraph.cli import answer, not_read  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.plan import as_table  # noqa: PLC0415 -- as above

    answer.draw(as_table(plan, now()), None, err=True)
    for line in set_aside():
        say(line)
    not_read.tell_gaps(plan.gaps)
