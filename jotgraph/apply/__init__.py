"""A plan and clients -> outcomes: the only place that deletes anything.

Steps are taken in the plan's order. Just before each call its target, and what could use it, is
read again; on any difference that step is refused and so is all that waits for it, and the rest
goes on. Intents and outcomes are in the journal before and after each call, so that the same
command goes on after a crash. A step is done only when its resource was looked for and not found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from jotgraph.apply import docker, ecr, iam, lambda_
from jotgraph.apply.checks import check
from jotgraph.apply.locks import Holders, holders
from jotgraph.apply.quarantine import WATCH, set_aside
from jotgraph.apply.run import Run, look
from jotgraph.apply.sweep import require_held
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.folders import runs_folder
from jotgraph.plan import Action, Plan, Step
from jotgraph.plan.outcome import NotProven, Outcome, Receipt, Refused, Status
from jotgraph.records import ResourceId
from jotgraph.sources.session import open_world
from jotgraph.sources.single import read
from jotgraph.store.journal import Journal, run_name

__all__ = ["Outcome", "Receipt", "Status", "apply", "run_name"]

Progress: TypeAlias = Callable[[Outcome, int, int], None]
"""Told each outcome, how many there are so far, and of how many."""

WRITERS: Mapping[Action, Callable[[Run, Step], str]] = {
    Action.DELETE_TRIGGER: lambda_.delete_trigger,
    Action.DELETE_ALIAS: lambda_.delete_alias,
    Action.DELETE_VERSION: lambda_.delete_version,
    Action.DELETE_FUNCTION: lambda_.delete_function,
    Action.DELETE_REPOSITORY: ecr.delete_repository,
    Action.DELETE_ROLE: iam.delete_role,
    Action.REMOVE_CONTAINER: docker.remove_container,
    Action.REMOVE_LOCAL_IMAGE: docker.remove_local_image,
}
"""Everything but images, which go in batches."""


def apply(
    plan: Plan,
    clients: Clients,
    *,
    now: datetime,
    accept_gaps: Collection[str] = (),
    progress: Progress | None = None,
    patience: float = 60.0,
    backup: bool = True,
    watch: float = WATCH,
) -> Receipt:
    """Do the steps of a plan, and nothing else; begin or go on with its run. Of a quarantine,
    functions are watched for callers for ``watch`` seconds.

    Raises PlanError (StalePlanError when it has expired) for a plan that may not be applied, and
    ApplyError when another run of it is under way or an account is not signed in to; then nothing
    was done. Everything else that goes wrong is in the receipt.
    """
    tell = progress or (lambda outcome, done, total: None)
    with open_world(clients) as world:
        check(plan, world, now, accept_gaps)
        with Journal(runs_folder() / run_name(plan.digest)) as journal:
            journal.add("run", params=_asked(plan))
            run = Run(plan, world, journal, patience, backup=backup)
            if plan.quarantine:
                outcomes = set_aside(run, tell, watch)
            else:
                with holders(plan, journal) as held_by:
                    outcomes = _all(run, tell, held_by)
            return Receipt(
                run=run_name(plan.digest),
                plan=plan.digest,
                journal=str(journal.path),
                outcomes=outcomes,
            )


def _asked(plan: Plan) -> dict[str, object]:
    said: dict[str, object] = {"plan": plan.digest, "asked": plan.asked}
    if plan.quarantine:
        said["left"] = [each.id for each in plan.left]
    return said


def _all(run: Run, tell: Progress, held_by: Holders) -> tuple[Outcome, ...]:
    ended: dict[ResourceId, Outcome] = {}
    torn = _torn(run)
    for group in _groups(run.plan, ended):
        for outcome in _group(run, group, ended, torn):
            ended[outcome.id] = outcome
            run.journal.close_lost(outcome.id, outcome.because)
            run.journal.add(
                "step", steps=(outcome.id,), result=outcome.status, because=outcome.because
            )
            if outcome.status is Status.DONE:
                held_by.gone(outcome.id, run.journal.folder.name)
            tell(outcome, len(ended), len(run.plan.steps))
    return tuple(ended[each.id] for each in run.plan.steps)


def _groups(plan: Plan, ended: Mapping[ResourceId, Outcome]) -> Iterator[list[Step]]:
    """Steps in order, alone; images of one repository together, as many as wait for no other."""
    for at, step in enumerate(plan.steps):
        if step.id in ended:
            continue
        group = [step]
        if step.action is Action.DELETE_IMAGE:
            for other in plan.steps[at + 1 :]:
                if len(group) < ecr.BATCH and _joins(step, other, ended):
                    group.append(other)
        yield group


def _joins(step: Step, other: Step, ended: Mapping[ResourceId, Outcome]) -> bool:
    return (
        other.action is Action.DELETE_IMAGE
        and other.id not in ended
        and other.id.partition("@")[0] == step.id.partition("@")[0]
        and all(each in ended for each in other.after)
    )


def _torn(run: Run) -> dict[ResourceId, str]:
    """Triggers, aliases and versions whose function will stay, because it is not what the plan was
    made from: nothing is torn off it. The function itself is looked at again in its turn."""
    found: dict[ResourceId, str] = {}
    for step in run.plan.steps:
        if step.action is not Action.DELETE_FUNCTION:
            continue
        try:
            if look(run, step) is not None:
                lambda_.require_unprovisioned(run.world, step.id)
                lambda_.require_same_urls(run, step)
                lambda_.require_no_alias(run, step, but=run.planned)
            require_held(run.world, step)
        except Refused as no:
            found |= dict.fromkeys(_parts(run.plan, step), f"{step.id} stays: {no}")
        except (CallFailedError, ApplyError) as error:
            why = f"{step.id}, which it belongs to, is kept, cannot be read: {_said(error)}"
            found |= dict.fromkeys(_parts(run.plan, step), why)
    return found


def _parts(plan: Plan, step: Step) -> set[ResourceId]:
    """Steps that come before one, directly or not."""
    after = {each.id: each.after for each in plan.steps}
    found: set[ResourceId] = set()
    todo = list(step.after)
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo.extend(after.get(each, ()))
    return found


def _group(
    run: Run,
    group: list[Step],
    ended: Mapping[ResourceId, Outcome],
    torn: Mapping[ResourceId, str],
) -> list[Outcome]:
    """The outcomes of steps that go together."""
    found: list[Outcome] = []
    ready: list[Step] = []
    for step in group:
        undone = [
            each
            for each in step.after
            if each not in ended or ended[each].status is not Status.DONE
        ]
        if run.journal.status(step.id) == Status.DONE and _still_gone(run, step):
            found.append(_outcome(step, Status.DONE, "done by an earlier run of this plan"))
        elif step.id in torn:
            found.append(_outcome(step, Status.SKIPPED, torn[step.id]))
        elif undone:
            first = undone[0]
            state = ended[first].status if first in ended else "waiting for this one"
            words = f"{first} must go first, and it is {state}"
            found.append(_outcome(step, Status.SKIPPED, words))
        else:
            ready.append(step)
    if ready and ready[0].action is Action.DELETE_IMAGE:
        found += _images(run, ready)
    else:
        found += [_one(run, step) for step in ready]
    return found


def _still_gone(run: Run, step: Step) -> bool:
    """Whether what an earlier run deleted has not come back."""
    try:
        return read(run.world, step.id) is None
    except (CallFailedError, ApplyError):
        return False


def _images(run: Run, steps: list[Step]) -> list[Outcome]:
    try:
        ended = ecr.delete_images(run, steps)
    except (CallFailedError, ApplyError) as error:
        return [_outcome(each, Status.FAILED, _said(error)) for each in steps]
    return [_outcome(each, *ended[each.id]) for each in steps]


def _one(run: Run, step: Step) -> Outcome:
    try:
        require_held(run.world, step)
        return _outcome(step, Status.DONE, WRITERS[step.action](run, step))
    except Refused as no:
        return _outcome(step, Status.REFUSED, str(no))
    except NotProven as no:
        return _outcome(step, Status.FAILED, str(no))
    except (CallFailedError, ApplyError) as error:
        if isinstance(error, CallFailedError) and _still_gone(run, step):
            return _outcome(step, Status.DONE, f"gone, though a call failed ({_said(error)})")
        return _outcome(step, Status.FAILED, _said(error))


def _said(error: Exception) -> str:
    return error.failure.detail if isinstance(error, CallFailedError) else str(error)


def _outcome(step: Step, status: Status, because: str) -> Outcome:
    return Outcome(id=step.id, action=step.action, status=status, because=because)
