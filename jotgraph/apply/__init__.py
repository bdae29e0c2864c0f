"""Applies plans: the only place that deletes anything.

Steps are taken in the plan's order. Right before each call its target, and what could use it, is
read again; on any difference that step is refused along with every step that depends on it, and the
others continue. Intents and outcomes are written to the journal before and after each call, so that
the same command resumes after a crash. A step is done only when its resource was looked for and not
found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from jotgraph.apply import docker, ecr, iam, lambda_, logs
from jotgraph.apply.brake import Brake
from jotgraph.apply.checks import check
from jotgraph.apply.image_batch import Results
from jotgraph.apply.locks import Holders, holders, require_held
from jotgraph.apply.quarantine import WATCH, set_aside
from jotgraph.apply.run import Run, back_up, look
from jotgraph.apply.second_look import require_unstopped
from jotgraph.apply.session import Session
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError, CallFailedError, RefusedError, reason_of
from jotgraph.plan import Action, Limits, Plan, Step
from jotgraph.plan.outcome import Outcome, Receipt, Status
from jotgraph.records import Function, Kind, ResourceId, kind_of, repository_of
from jotgraph.sources.connections import connected
from jotgraph.store.audit import Auditing, who
from jotgraph.store.encryption import BackupKey
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, run_name

__all__ = ["Outcome", "Receipt", "Status", "apply", "run_name"]

Progress: TypeAlias = Callable[[Outcome, int, int], None]
"""Called with each outcome, the number of outcomes so far, and their total."""

WRITERS: Mapping[Action, Callable[[Run, Step], str]] = {
    Action.DELETE_TRIGGER: lambda_.delete_trigger,
    Action.DELETE_ALIAS: lambda_.delete_alias,
    Action.DELETE_VERSION: lambda_.delete_version,
    Action.DELETE_FUNCTION: lambda_.delete_function,
    Action.DELETE_REPOSITORY: ecr.delete_repository,
    Action.DELETE_ROLE: iam.delete_role,
    Action.DELETE_LOG_GROUP: logs.delete_log_group,
    Action.REMOVE_CONTAINER: docker.remove_container,
    Action.REMOVE_LOCAL_IMAGE: docker.remove_local_image,
}
"""Every kind except images, which are deleted in batches."""


def apply(
    plan: Plan,
    clients: Clients,
    *,
    now: datetime,
    accept_gaps: Collection[str] = (),
    limits: Limits | None = None,
    progress: Progress | None = None,
    looking: Callable[[str], None] | None = None,
    patience: float = 60.0,
    backup: bool = True,
    watch: float = WATCH,
    auditing: Auditing | None = None,
    brake: Brake | None = None,
    key: BackupKey | None = None,
) -> Receipt:
    """Apply the steps of a plan, and nothing else; start its run or resume it.

    A plan without steps is only checked, and has no run. For a quarantine, functions are watched
    for callers for ``watch`` seconds. ``looking`` is called with what is being read again when that
    takes more than a moment. ``auditing`` says where lines of the journal are copied to, ``brake``
    when no further step is started, ``key`` encrypts the documents of the backup. Raises PlanError
    for a plan that may not be applied (StalePlanError for an expired one), and ApplyError when
    another run of it is in progress or an account is not signed in to; nothing was done then.
    Everything else that goes wrong is in the receipt.
    """
    tell = progress or (lambda outcome, done, total: None)
    with connected(clients) as connections:
        check(plan, connections, now, accept_gaps, limits or Limits())
        if not plan.steps:
            return _receipt(plan, "", "", ())
        with Journal(runs_folder() / run_name(plan.digest), auditing=auditing) as journal:
            by = who(connections.callers, auditing)
            journal.add("run", params=_params(plan) | {"by": by})
            session = Session(connections, journal, patience)
            run = Run(
                plan,
                session,
                backup=backup,
                tell=looking or (lambda words: None),
                brake=brake or Brake(),
                key=key,
            )
            if backup:
                _require_room(run)
            if plan.quarantine:
                outcomes = set_aside(run, tell, watch)
            else:
                with holders(plan, journal) as held_by:
                    outcomes = _all(run, tell, held_by)
            return _receipt(plan, run_name(plan.digest), str(journal.path), outcomes)


def _receipt(plan: Plan, run: str, journal: str, outcomes: tuple[Outcome, ...]) -> Receipt:
    return Receipt(
        run=run,
        plan=plan.digest,
        journal=journal,
        outcomes=outcomes,
        assumed=plan.assumed,
        scope=plan.scope,
    )


def _require_room(run: Run) -> None:
    """Raise ApplyError, before anything is done, when there is no disk space for the copies of
    images. Images that share layers with something unread may need less; they are checked in their
    turn."""
    needed = sum(
        step.bytes or 0
        for step in run.plan.steps
        if run.keeps_copy(step.id) and not step.at_most and run.copies.trouble(step.id)
    )
    run.copies.require_room(needed, "what this plan deletes")


def _params(plan: Plan) -> dict[str, object]:
    """The description of a plan for the journal."""
    params: dict[str, object] = {"plan": plan.digest, "asked": plan.asked}
    if plan.assumed:
        params["assumed"] = [*plan.assumed]
    if plan.quarantine:
        params["left"] = [kept.id for kept in plan.left]
    steps = {step.id for step in plan.steps}
    if titles := {resource: name for resource, name in plan.titles if resource in steps}:
        params["titles"] = titles
    return params


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
            run.brake.count(outcome.status)
            if outcome.status is Status.DONE:
                held_by.gone(outcome.id, run.session.run)
            tell(outcome, len(ended), len(run.plan.steps))
    return tuple(ended[step.id] for step in run.plan.steps)


def _groups(plan: Plan, ended: Mapping[ResourceId, Outcome]) -> Iterator[list[Step]]:
    """Group steps in order: alone, except images of one repository that do not depend on each
    other."""
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
        and repository_of(other.id) == repository_of(step.id)
        and all(earlier in ended for earlier in other.after)
    )


def _torn(run: Run) -> dict[ResourceId, str]:
    """Steps of triggers, aliases and versions whose function is kept, so that they are kept too.
    The function differs from the plan, or not all of it can be copied. It is checked again in its
    turn."""
    torn: dict[ResourceId, str] = {}
    for step in run.plan.steps:
        if step.action is not Action.DELETE_FUNCTION:
            continue
        try:
            function = look(run, step)
            if isinstance(function, Function):
                require_unstopped(run, step, function)
                lambda_.require_same_urls(run, step)
                lambda_.require_no_alias(run, step, but=run.planned)
                for part in _torn_off(run.plan, step):
                    back_up(run, part)
                back_up(run, step)  # looks again: it may have changed while parts were copied
            require_held(run.connections, step)
        except RefusedError as refused:
            torn |= dict.fromkeys(_parts(run.plan, step), f"{step.id} stays: {refused}")
        except (CallFailedError, ApplyError) as error:
            why = f"{step.id}, which it belongs to, cannot be deleted: {reason_of(error)}"
            torn |= dict.fromkeys(_parts(run.plan, step), why)
    return torn


def _torn_off(plan: Plan, function: Step) -> list[Step]:
    """The steps of a function's own triggers, aliases and versions."""
    before = _parts(plan, function)
    return [step for step in plan.steps if step.id in before and kind_of(step.id) in _TORN_OFF]


_TORN_OFF = frozenset({Kind.TRIGGER, Kind.ALIAS, Kind.VERSION})


def _parts(plan: Plan, step: Step) -> set[ResourceId]:
    """The steps that come before a step, directly or not."""
    after = {other.id: other.after for other in plan.steps}
    parts: set[ResourceId] = set()
    todo = list(step.after)
    while todo:
        earlier = todo.pop()
        if earlier not in parts:
            parts.add(earlier)
            todo.extend(after.get(earlier, ()))
    return parts


def _group(
    run: Run,
    group: list[Step],
    ended: Mapping[ResourceId, Outcome],
    torn: Mapping[ResourceId, str],
) -> list[Outcome]:
    """The outcomes of steps that are done together."""
    outcomes: list[Outcome] = []
    ready: list[Step] = []
    for step in group:
        undone = [
            earlier
            for earlier in step.after
            if earlier not in ended or ended[earlier].status is not Status.DONE
        ]
        if run.journal.status(step.id) == Status.DONE and _still_gone(run, step):
            outcomes.append(_outcome(step, Status.DONE, "done by an earlier run of this plan"))
        elif stopped := run.brake.pulled():
            outcomes.append(_outcome(step, Status.SKIPPED, stopped))
        elif step.id in torn:
            outcomes.append(_outcome(step, Status.SKIPPED, torn[step.id]))
        elif undone:
            first = undone[0]
            state = ended[first].status if first in ended else "waiting for it"
            why = f"{first} must be deleted first, and is {state}"
            outcomes.append(_outcome(step, Status.SKIPPED, why))
        else:
            ready.append(step)
    if ready and ready[0].action is Action.DELETE_IMAGE:
        outcomes += _images(run, ready)
    else:
        outcomes += [_one(run, step) for step in ready]
    return outcomes


def _still_gone(run: Run, step: Step) -> bool:
    """Whether what an earlier run deleted has not been created again."""
    try:
        return run.session.read(step.id) is None
    except (CallFailedError, ApplyError):
        return False


def _images(run: Run, steps: list[Step]) -> list[Outcome]:
    try:
        results: Results = ecr.delete_images(run, steps)
    except (CallFailedError, ApplyError) as error:
        return [_outcome(step, Status.FAILED, reason_of(error)) for step in steps]
    return [_outcome(step, *results[step.id]) for step in steps]


def _one(run: Run, step: Step) -> Outcome:
    try:
        require_held(run.connections, step)
        return _outcome(step, Status.DONE, WRITERS[step.action](run, step))
    except RefusedError as refused:
        return _outcome(step, Status.REFUSED, str(refused))
    except (CallFailedError, ApplyError) as error:
        if isinstance(error, CallFailedError) and _still_gone(run, step):
            because = f"gone, although a call failed ({reason_of(error)})"
            return _outcome(step, Status.DONE, because)
        return _outcome(step, Status.FAILED, reason_of(error))


def _outcome(step: Step, status: Status, because: str) -> Outcome:
    return Outcome(id=step.id, action=step.action, status=status, because=because)
