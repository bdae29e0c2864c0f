"""What ``apply``, ``delete`` and ``cleanup`` share: options, confirmation, and applying a plan."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from jotgraph.cli.lazy import FAILED, Failure
from jotgraph.cli.options import Output, gather

if TYPE_CHECKING:
    from jotgraph.clients import Clients
    from jotgraph.plan import Limits, Plan
    from jotgraph.plan.outcome import Outcome, Receipt
    from jotgraph.store.audit import Auditing
    from jotgraph.store.encryption import BackupKey

F = TypeVar("F", bound=Callable[..., Any])


def seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """``90``, ``90s``, ``3m`` or ``1h`` as seconds: a callback of click."""
    number, unit = (value[:-1], value[-1]) if value[-1:].isalpha() else (value, "s")
    try:
        parsed = float(number) * {"s": 1, "m": 60, "h": 3600}[unit]
    except (ValueError, KeyError):
        parsed = -1
    if not 0 <= parsed <= 6 * 3600:  # Lambda tries events for six hours; later they are lost
        raise click.BadParameter(
            f"{value!r} is not a time of at most 6h; write 90s or 3m", ctx, param
        )
    return parsed


watch = click.option(
    "--watch",
    callback=seconds,
    default="3m",
    show_default=True,
    metavar="T",
    help="With quarantine: watch this long for throttled calls; a function that is called is "
    "restored.",
)


class Applying(NamedTuple):
    """How a plan is applied: what the side that applies it says."""

    sure: bool = False
    accepted: tuple[str, ...] = ()
    backup: bool = True
    policy: Path | None = None
    max_failures: int | None = None
    time_limit: float | None = None
    audit: Path | None = None
    on_event: str = ""
    reason: str = ""
    backup_key: Path | None = None

    @property
    def auditing(self) -> Auditing:
        """Where lines of the journal go as well, and why it is done."""
        return auditing_of(self.audit, self.on_event, self.reason)


def auditing_of(audit: Path | None, on_event: str, reason: str) -> Auditing:
    """The options of ``AUDITING`` as one value."""
    from jotgraph.store.audit import Auditing  # noqa: PLC0415 -- msgspec

    return Auditing(file=audit, command=on_event, reason=reason)


def _limit(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """``90``, ``90s``, ``30m`` or ``2h`` as seconds: a callback of click."""
    return None if value is None else seconds(ctx, param, value)


AUDITING = (
    click.option(
        "--audit",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Append every line of the journal to this file too, as JSON.",
    ),
    click.option(
        "--on-event",
        default="",
        metavar="CMD",
        help="Start this command, and write every line of the journal to its standard input too.",
    ),
    click.option(
        "--reason", default="", metavar="TEXT", help="The reason, written to the journal."
    ),
)


backup_key = click.option(
    "--backup-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Key of the backup's documents, which hold environments; not of images and packages.",
)


def key_of(path: Path | None) -> BackupKey | None:
    """The key in a file. Raises OptionError."""
    from jotgraph.store.encryption import BackupKey  # noqa: PLC0415 -- what only a run needs

    return BackupKey(path) if path else None


_APPLYING = (
    click.option("--yes", "sure", is_flag=True, help="Do not ask for confirmation."),
    click.option(
        "--accept-gaps",
        "accepted",
        multiple=True,
        metavar="NAME",
        help="Go on although this was not read (the plan lists the names); repeatable.",
    ),
    click.option(
        "--backup/--no-backup",
        default=True,
        help="Back up everything first, for undo; what cannot be backed up is not deleted.",
    ),
    click.option(
        "--policy",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Policy file whose [apply] table limits what may be deleted, whatever the plan says.",
    ),
    click.option(
        "--max-failures",
        type=click.IntRange(1),
        metavar="N",
        help="Begin no further step once this many have failed.",
    ),
    click.option(
        "--time-limit",
        callback=_limit,
        metavar="T",
        help="Begin no further step after this time: 90s, 30m, 2h (at most 6h).",
    ),
    *AUDITING,
    backup_key,
)


def auditing(command: F) -> F:
    """The options of ``AUDITING`` alone; the command gets ``auditing``."""

    @functools.wraps(command)
    def run(audit: Path | None, on_event: str, reason: str, **values: Any) -> Any:
        return command(auditing=auditing_of(audit, on_event, reason), **values)

    decorated: Any = run
    for option in reversed(AUDITING):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return] # click keeps the function's own type


def applying(command: F) -> F:
    """Options of every command that applies a plan; the command gets ``applying``."""
    return gather(command, "applying", Applying, lambda values: Applying(**values), _APPLYING)


def limits_of(
    policy: Path | None,
    max_count: int | None = None,
    max_percent: float | None = None,
    *,
    max_both: bool = False,
) -> Limits:
    """What this side allows: the policy file, which options may only make narrower; without one
    the options, or else the defaults. Raises OptionError."""
    import msgspec  # noqa: PLC0415 -- what only a run needs

    from jotgraph.plan.limits import Limits, parse_limits  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.policy_check import read_policy  # noqa: PLC0415 -- as above

    if policy is not None:
        limits = parse_limits(read_policy(policy).apply, str(policy))
        count = limits.max_count if max_count is None else min(max_count, limits.max_count)
        percent = limits.max_percent
        percent = percent if max_percent is None else min(max_percent, percent)
        return msgspec.structs.replace(limits, max_count=count, max_percent=percent)
    if max_both and max_count is not None and max_percent is not None:
        return Limits(max_count=sys.maxsize, max_percent=100)  # the plan was held to both already
    usual = Limits()
    return Limits(
        max_count=usual.max_count if max_count is None else max_count,
        max_percent=usual.max_percent if max_percent is None else max_percent,
    )


def carry_out(
    plan: Plan,
    output: Output,
    *,
    profiles: Sequence[str],
    how: Applying,
    limits: Limits,
    watch: float,
) -> None:
    """Confirm and apply a plan and write its receipt; exit 4 unless everything is done."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- with what only a run needs

    from jotgraph.apply import apply, run_name  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.apply.brake import Brake  # noqa: PLC0415 -- as above
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers import outcomes  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.plan import titled  # noqa: PLC0415 -- as above

    key = key_of(how.backup_key)
    if not plan.steps:
        click.echo(f"nothing to {'quarantine' if plan.quarantine else 'delete'}", err=True)
    elif not how.sure:
        _confirm(plan)
    try:
        receipt = apply(
            plan,
            _clients(plan, profiles, how.backup),
            now=datetime.now(UTC),
            accept_gaps=how.accepted,
            limits=limits,
            progress=_tell,
            looking=lambda words: click.echo(words, err=True),
            backup=how.backup,
            watch=watch,
            auditing=how.auditing,
            brake=Brake(how.max_failures, how.time_limit),
            key=key,
        )
    except KeyboardInterrupt:
        _tell_what_is_kept(plan, run_name(plan.digest))
        raise
    answer.write(receipt, output, outcomes.writers(partial(titled, plan)))
    if how.backup:
        _tell_what_is_in_clear(plan, Path(receipt.journal).parent, key=key is not None)
    _leave(receipt)


def _tell_what_is_kept(plan: Plan, run: str) -> None:
    """Say what an interrupted run leaves behind, how to go on, and how to go back."""
    from jotgraph.store.folders import runs_folder  # noqa: PLC0415 -- only when interrupted

    back = f"jotgraph {'release' if plan.quarantine else 'undo'} {run}"
    click.echo(
        f"Interrupted. The journal and backup of run {run} are kept in {runs_folder() / run}. To "
        "go on, run the same command again within an hour of the plan; to take back what was "
        f"done: {back}",
        err=True,
    )


def _tell_what_is_in_clear(plan: Plan, folder: Path, *, key: bool) -> None:
    """Say what of the backup may hold secrets and is not encrypted."""
    from jotgraph.apply.backup.secrets import in_clear  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.records import kind_of  # noqa: PLC0415 -- msgspec

    clear = in_clear(folder, {kind_of(step.id) for step in plan.steps}, key=key)
    if clear:
        words = f"{folder / 'backup'} holds in clear, for you alone to read: {', '.join(clear)}"
        encrypts = any(words.startswith("environments") for words in clear)
        advice = "; --backup-key encrypts the environments" if encrypts else ""
        click.echo(f"{words}{advice}", err=True)


def _leave(receipt: Receipt) -> None:
    if not receipt.proven:
        from jotgraph.render.answers import outcomes  # noqa: PLC0415 -- what only a run needs

        statuses = {str(outcome.status) for outcome in receipt.outcomes}
        message = f"{outcomes.counted(receipt.outcomes)}."
        if "refused" in statuses:
            message += " Refused: changed since the plan; make a new plan."
        if statuses - {"done", "refused"}:
            message += " To go on, run the same command again within an hour of the plan."
        raise Failure(message, FAILED)


def _clients(plan: Plan, profiles: Sequence[str], backup: bool) -> Clients:
    """What the plan's steps need. Local images go without a backup only while a copy is in ECR."""
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.plan.again import copies_kept  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.records import LOCAL, kind_of  # noqa: PLC0415 -- as above

    kinds = {kind_of(step.id) for step in plan.steps}
    return clients.connect(
        use_docker=bool(kinds & LOCAL),
        use_aws=bool(kinds - LOCAL)
        or (not backup and any(copies_kept(plan, step) for step in plan.steps)),
        profiles=profiles,
        regions=sorted({region for _, region in plan.scope.places}) or ["us-east-1"],
    )


def _confirm(plan: Plan) -> None:
    """Ask for the last four digits of every account, and the number of steps. Raises Failure."""
    from jotgraph.apply.checks import accounts  # noqa: PLC0415 -- what only a run needs

    question, wanted = confirmation(len(plan.steps), accounts(plan), quarantine=plan.quarantine)
    try:
        typed = click.prompt(question, err=True, default="", show_default=False)
    except click.Abort:  # nobody is there to ask
        click.echo(err=True)  # ends the line of the question
        raise Failure("not confirmed, nothing was done; scripts pass --yes") from None
    if " ".join(str(typed).split()) != wanted:
        raise Failure("not confirmed, nothing was done")


def confirmation(steps: int, accounts: Sequence[str], *, quarantine: bool) -> tuple[str, str]:
    """Return the question to ask before a plan is applied, and the answer that confirms it."""
    from jotgraph.records.phrases import counted  # noqa: PLC0415 -- what only a run needs

    wanted = " ".join([*(account[-4:] for account in accounts), str(steps)])
    verb, place = ("Quarantine", "in") if quarantine else ("Delete", "from")
    where = ", ".join(accounts) or "this machine"
    question = f'{verb} {counted(steps, "resource")} {place} {where}? Type "{wanted}" to confirm'
    return question, wanted


def _tell(outcome: Outcome, done: int, total: int) -> None:
    click.echo(f"[{done}/{total}] {outcome.status}: {outcome.id}", err=True)
