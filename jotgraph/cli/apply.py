"""``jotgraph apply``: do what a plan says, and nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from jotgraph.cli.apply_options import accept_gaps, backup, carry_out, watch, yes
from jotgraph.cli.options import Output, debug, output


@click.command(epilog="Example: jotgraph apply plan.json")
@click.argument(
    "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PLAN"
)
@yes
@accept_gaps
@backup
@watch
@click.option("--profile", "profiles", multiple=True, metavar="P", help="AWS profile; repeatable.")
@output("table", "json")
@debug
def apply(
    path: Path,
    yes: bool,
    accepted: tuple[str, ...],
    backup: bool,
    watch: float,
    profiles: tuple[str, ...],
    output: Output,
) -> None:
    """Delete, or set aside, what a plan lists; go on with a run that crashed.

    Everything is read again just before it is deleted: what changed, or came into use, stays, with
    the reason. Exit code 0 only if all of it is proven gone (or
    set aside).
    """
    from jotgraph.plan import parse  # noqa: PLC0415 -- networkx takes 0.2 s

    plan = parse(path.read_bytes())
    carry_out(
        plan,
        output,
        profiles=profiles,
        sure=yes,
        accepted=accepted,
        backup=backup,
        watch=watch,
    )
