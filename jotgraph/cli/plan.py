"""The command ``jotgraph plan``, which decides what to delete and deletes nothing."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.names import names as complete
from jotgraph.cli.options import NewFile, Output, output
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
from jotgraph.cli.scan_options import Reading, planning

if TYPE_CHECKING:
    from jotgraph.graph import ResourceGraph
    from jotgraph.plan import Plan

FILE = click.option(
    "-o",
    "--output",
    "path",
    type=NewFile(),
    metavar="FILE",
    help="Write the plan to this file, for jotgraph apply.",
)

COPIES = click.option(
    "--backup/--no-backup",
    "copies",
    default=True,
    help="Block what cannot be backed up: apply would refuse it.",
)


@click.group(
    epilog="Example: jotgraph plan delete checkout -o plan.json && jotgraph apply plan.json"
)
def plan() -> None:
    """Plan what to delete. Deletes nothing.

    A plan lists its steps in order, what is blocked and what is kept, each with the reason. It is
    valid for one hour after the scan.
    """


@plan.command(
    short_help="Plan to delete a deployment, or another resource.",
    epilog="Example: jotgraph plan delete checkout --keep ecr-repo:* -o plan.json",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete)
@FILE
@quarantine
@exact
@COPIES
@spreading
@deciding
@picture
@output("plan")
@planning
def delete(
    names: tuple[str, ...],
    path: Path | None,
    quarantine: bool,
    exact: bool,
    copies: bool,
    spreading: Spreading,
    deciding: Deciding,
    picture: Path | None,
    output: Output,
    reading: Reading,
) -> None:
    """Plan to delete a deployment: NAME, what depends on it, and what only it was using."""

    def decide(graph: ResourceGraph) -> Plan:
        return plan_of_names(
            graph,
            names,
            spreading,
            deciding,
            now(),
            asked(),
            quarantine=quarantine,
            copies=copies,
            logs=reading.logs,
        )

    _write_decided(decide, reading, path, picture, output, exact=exact)


@plan.command(epilog="Example: jotgraph plan cleanup --orphans --older-than 30d -o plan.json")
@FILE
@quarantine
@exact
@COPIES
@cleaning
@deciding
@picture
@output("plan")
@planning
def cleanup(
    path: Path | None,
    quarantine: bool,
    exact: bool,
    copies: bool,
    cleaning: Cleaning,
    deciding: Deciding,
    picture: Path | None,
    output: Output,
    reading: Reading,
) -> None:
    """Plan to delete unused resources."""

    def decide(graph: ResourceGraph) -> Plan:
        return plan_of_cleaning(
            graph,
            cleaning,
            deciding,
            now(),
            asked(),
            quarantine=quarantine,
            copies=copies,
            logs=reading.logs,
        )

    _write_decided(decide, reading, path, picture, output, exact=exact)


def _write_decided(
    decide: Callable[[ResourceGraph], Plan],
    reading: Reading,
    path: Path | None,
    picture: Path | None,
    output: Output,
    *,
    exact: bool,
) -> None:
    """Scan, plan, draw, and write the plan."""
    from jotgraph.cli import graphs  # noqa: PLC0415 -- what only a run needs

    planned, graph = graphs.plan_of(reading, decide, exact=exact)
    draw_plan(planned, graph, picture)
    write_plan(planned, path, output, reading)


def write_plan(planned: Plan, path: Path | None, output: Output, reading: Reading) -> None:
    """Write the plan's file and print the plan; what was not read goes to stderr."""
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import About  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.envelope import json_text  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.plan import writers  # noqa: PLC0415 -- as above
    from jotgraph.store.writing import write_answer  # noqa: PLC0415 -- as above

    if path:
        write_answer(path, json_text(planned))
    answer.write(planned, output, writers(now()))
    about = About(planned.taken_at, planned.scope, planned.gaps, (), ())
    answer.finish(
        about,
        reading,
        note=_stored(planned, path) if path else "",
        unused=answer.OF_BYTES,
        covered=True,
    )


def _stored(planned: Plan, path: Path) -> str:
    """Print where the plan is, and how to apply it."""
    apply = f"; carry it out with: {shlex.join(['jotgraph', 'apply', str(path)])}"
    return f"stored as {path}{apply if planned.steps else ''}"


def now() -> datetime:
    return datetime.now(UTC)


def asked() -> str:
    """Return the command as typed, for display."""
    return shlex.join(["jotgraph", *sys.argv[1:]])
