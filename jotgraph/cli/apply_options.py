"""A plan -> shown, confirmed, applied, and its receipt: what ``apply``, ``delete`` and ``cleanup``
have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from jotgraph.cli.lazy import FAILED, Failure
from jotgraph.cli.options import Output

if TYPE_CHECKING:
    from jotgraph.apply import Outcome, Receipt
    from jotgraph.clients import Clients
    from jotgraph.plan import Plan

yes = click.option("--yes", is_flag=True, help="Do not ask; for scripts that read the plan.")
backup = click.option(
    "--backup/--no-backup",
    default=True,
    help="Keep a copy of everything beside the journal, for undo; without one nothing goes.",
)


def seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """``90``, ``90s``, ``3m`` or ``1h`` as seconds: a callback of click."""
    number, unit = (value[:-1], value[-1]) if value[-1:].isalpha() else (value, "s")
    try:
        found = float(number) * {"s": 1, "m": 60, "h": 3600}[unit]
    except (ValueError, KeyError):
        found = -1
    if not 0 <= found <= 6 * 3600:  # Lambda tries events for six hours; later they are lost
        raise click.BadParameter(f"{value!r} is no time up to 6h; write 90s, 3m", ctx, param)
    return found


watch = click.option(
    "--watch",
    callback=seconds,
    default="3m",
    show_default=True,
    metavar="T",
    help="Of a quarantine: look for throttled callers so long; a function that has one is put "
    "back.",
)
accept_gaps = click.option(
    "--accept-gaps",
    "accepted",
    multiple=True,
    metavar="NAME",
    help="Accept that this was not read (the plan names it); repeatable.",
)


def carry_out(
    plan: Plan,
    output: Output,
    *,
    profiles: Sequence[str],
    sure: bool,
    accepted: Sequence[str],
    backup: bool,
    watch: float,
) -> None:
    """Confirm and apply a plan, write its receipt, and leave with 4 unless all of it is done."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- with what only a run needs

    from jotgraph.apply import apply, run_name  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers import outcomes  # noqa: PLC0415 -- as above

    if not plan.steps:
        click.echo(f"nothing to {'set aside' if plan.quarantine else 'delete'}", err=True)
    elif not sure:
        _confirm(plan)
    try:
        made = apply(
            plan,
            _clients(plan, profiles),
            now=datetime.now(UTC),
            accept_gaps=accepted,
            progress=_tell,
            backup=backup,
            watch=watch,
        )
    except KeyboardInterrupt:
        back = f"jotgraph {'release' if plan.quarantine else 'undo'} {run_name(plan.digest)}"
        click.echo(f"stopped in the middle: {back} takes back what was done", err=True)
        raise
    answer.write(made, output, outcomes.writers())
    _leave(made)


def _leave(made: Receipt) -> None:
    if not made.proven:
        from jotgraph.render.answers import outcomes  # noqa: PLC0415 -- what only a run needs

        counts = outcomes.counted(made.outcomes)
        raise Failure(
            f"not everything is done: {counts}; the same command goes on within the plan's hour",
            FAILED,
        )


def _clients(plan: Plan, profiles: Sequence[str]) -> Clients:
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.records import Kind, kind_of  # noqa: PLC0415 -- as above

    local = {Kind.LOCAL_IMAGE, Kind.CONTAINER}
    kinds = {kind_of(each.id) for each in plan.steps}
    return clients.connect(
        use_docker=bool(kinds & local),
        use_aws=bool(kinds - local),
        profiles=profiles,
        regions=sorted({region for _, region in plan.scope.places}) or ["us-east-1"],
    )


def _confirm(plan: Plan) -> None:
    """Ask for the last four digits of every account, and the number of steps. Raises Failure."""
    from jotgraph.apply.checks import accounts  # noqa: PLC0415 -- what only a run needs

    where = accounts(plan)
    wanted = " ".join([*(each[-4:] for each in where), str(len(plan.steps))])
    named = f"in {', '.join(f'account {each}' for each in where)}" if where else "on this machine"
    does = "sets aside" if plan.quarantine else "deletes"
    click.echo(f"This {does} {len(plan.steps)} resources {named}.", err=True)
    whose = "each account's" if len(where) > 1 else "the account's"
    asked = f"Type {whose} last four digits and the number of resources"
    try:
        typed = click.prompt(
            asked if where else "Type the number of resources",
            err=True,
            default="",
            show_default=False,
        )
    except click.Abort:  # nobody is there to ask
        raise Failure("not confirmed (--yes is for scripts): nothing was done") from None
    if " ".join(str(typed).split()) != wanted:
        raise Failure("not confirmed: nothing was done")


def _tell(outcome: Outcome, done: int, total: int) -> None:
    click.echo(f"[{done}/{total}] {outcome.status}: {outcome.id}", err=True)
