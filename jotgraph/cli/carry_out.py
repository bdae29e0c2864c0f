"""Carries out a plan for a person: asks, applies, writes the receipt, and reports what is left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.acting import by_roles
from jotgraph.cli.apply_options import Applying, key_of
from jotgraph.cli.lazy import FAILED, CommandError
from jotgraph.cli.options import Output
from jotgraph.cli.saying import say

if TYPE_CHECKING:
    from jotgraph.clients import Clients
    from jotgraph.plan import Limits, Plan
    from jotgraph.plan.outcome import Outcome, Receipt


def carry_out(
    plan: Plan,
    output: Output,
    *,
    profiles: Sequence[str],
    role_arns: Sequence[str] = (),
    external_id: str = "",
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
    made = _clients(plan, profiles, how.backup)
    reached = by_roles(made, role_arns, external_id, _accounts(plan))
    if not plan.steps:
        say(f"nothing to {'quarantine' if plan.quarantine else 'delete'}")
    elif not how.sure:
        _confirm(plan)
    try:
        receipt = apply(
            plan,
            reached,
            now=datetime.now(UTC),
            accept_gaps=how.accepted,
            limits=limits,
            progress=_tell,
            looking=say,
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
    if how.backup and receipt.run:
        _tell_what_is_in_clear(plan, Path(receipt.journal).parent, key=key is not None)
    _tell_the_way_back(plan, receipt, backup=how.backup)
    _leave(receipt)


def _tell_the_way_back(plan: Plan, receipt: Receipt, *, backup: bool) -> None:
    """Print how to undo what was done, if that is possible."""
    if any(outcome.status == "done" for outcome in receipt.outcomes):
        if plan.quarantine:
            say(f"To restore it: jotgraph release {receipt.run}")
        elif backup:
            say(f"To restore it: jotgraph undo {receipt.run}")


def _tell_what_is_kept(plan: Plan, run: str) -> None:
    """Print what an interrupted run leaves behind, how to resume, and how to undo."""
    from jotgraph.store.folders import runs_folder  # noqa: PLC0415 -- only when interrupted

    back = f"jotgraph {'release' if plan.quarantine else 'undo'} {run}"
    say(
        f"Interrupted. The journal and backup of run {run} are kept in {runs_folder() / run}. To "
        "go on, run the same command again within an hour of the plan; to take back what was "
        f"done: {back}",
    )


def _tell_what_is_in_clear(plan: Plan, folder: Path, *, key: bool) -> None:
    """Print which unencrypted parts of the backup may contain secrets."""
    from jotgraph.apply.backup.secrets import in_clear  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.records import kind_of  # noqa: PLC0415 -- msgspec

    clear = in_clear(folder, {kind_of(step.id) for step in plan.steps}, key=key)
    if clear.words:
        words = f"Not encrypted in {folder / 'backup'}, which only you can read: {clear.words}"
        advice = " (--backup-key encrypts the environments)" if clear.environments else ""
        say(f"{words}{advice}")


def _leave(receipt: Receipt) -> None:
    if not receipt.proven:
        from jotgraph.render.answers import outcomes  # noqa: PLC0415 -- what only a run needs

        statuses = {str(outcome.status) for outcome in receipt.outcomes}
        message = f"{outcomes.counted(receipt.outcomes)}."
        if "refused" in statuses:
            message += " The table has the reasons; make a new plan for what was refused."
        if statuses - {"done", "refused"}:
            message += " To continue, run the same command again within an hour of the plan."
        raise CommandError(message, FAILED)


def _accounts(plan: Plan) -> set[str]:
    """The accounts that it deletes in, and those where its images could be used."""
    from jotgraph.apply.checks import accounts  # noqa: PLC0415 -- what only a run needs

    return {*accounts(plan), *(account for account, _ in plan.scope.places)}


def _clients(plan: Plan, profiles: Sequence[str], backup: bool) -> Clients:
    """The clients that the plan's steps need. Without a backup, local images are deleted only while
    ECR has a copy."""
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.plan.again import copies_kept  # noqa: PLC0415 -- only a run needs it
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
    """Ask for the last four digits of every account, and the number of steps. Raises
    CommandError."""
    from jotgraph.apply.checks import accounts  # noqa: PLC0415 -- what only a run needs

    question, wanted = confirmation(len(plan.steps), accounts(plan), quarantine=plan.quarantine)
    try:
        typed = click.prompt(question, err=True, default="", show_default=False)
    except click.Abort:  # nobody is there to ask
        click.echo(err=True)  # ends the line of the question
        raise CommandError("not confirmed, nothing was done; scripts pass --yes") from None
    if " ".join(str(typed).split()) != wanted:
        raise CommandError("not confirmed, nothing was done")


def confirmation(steps: int, accounts: Sequence[str], *, quarantine: bool) -> tuple[str, str]:
    """Return the question before a plan is applied, and the answer that confirms it."""
    from jotgraph.records.phrases import counted  # noqa: PLC0415 -- what only a run needs

    wanted = " ".join([*(account[-4:] for account in accounts), str(steps)])
    verb, place = ("Quarantine", "in") if quarantine else ("Delete", "from")
    where = ", ".join(accounts) or "this machine"
    question = f'{verb} {counted(steps, "resource")} {place} {where}? Type "{wanted}" to confirm'
    return question, wanted


def _tell(outcome: Outcome, done: int, total: int) -> None:
    say(f"[{done}/{total}] {outcome.status}: {outcome.id}")
