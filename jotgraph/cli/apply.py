"""The command ``jotgraph apply``, which carries out a plan."""

from __future__ import annotations

from pathlib import Path

import click

from jotgraph.cli.acting import acting_roles
from jotgraph.cli.apply_options import Applying, applying, limits_of, watch
from jotgraph.cli.carry_out import carry_out
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.place_options import profiles_option
from jotgraph.cli.saying import say

MORE = "Refuse a plan with more steps than this.  [default: 100]"
SHARE = (
    "Refuse a plan that deletes more than this share of a kind, and more than 10 of it.  "
    "[default: 50]"
)


@click.command(epilog="Example: jotgraph apply plan.json")
@click.argument(
    "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PLAN"
)
@applying
@click.option("--max-count", type=click.IntRange(0), help=MORE)
@click.option("--max-percent", type=click.FloatRange(0, 100), help=SHARE)
@watch
@profiles_option
@acting_roles
@output("outcomes")
@debug
def apply(
    path: Path,
    applying: Applying,
    max_count: int | None,
    max_percent: float | None,
    watch: float,
    profiles: tuple[str, ...],
    role_arns: tuple[str, ...],
    external_id: str,
    output: Output,
) -> None:
    """Carry out a plan, or resume a run that crashed.

    Every resource is read again just before it is deleted. What has changed or is now in use is
    kept, with the reason. The exit code is 0 only if everything is proven gone (or in quarantine).
    """
    from jotgraph.plan import parse  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.plan_script import context  # noqa: PLC0415 -- as above

    plan = parse(path.read_bytes(), str(path))
    for line in context(plan) if plan.steps else ():
        say(line)
    carry_out(
        plan,
        output,
        profiles=profiles,
        role_arns=role_arns,
        external_id=external_id,
        how=applying,
        limits=limits_of(applying.policy, max_count, max_percent),
        watch=watch,
    )
