"""Puts the resources of a quarantine plan in quarantine, or restores them.

In the order of the plan: functions and their triggers, which are watched for callers together; then
images and roles that only they used. What a restore needs is in the journal before the first call
on a resource. When a step fails or is refused, the resource is restored at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from jotgraph.apply.ecr import BATCH
from jotgraph.apply.image_batch import Results, StepResult
from jotgraph.apply.quarantine.asleep import is_asleep, is_set_aside
from jotgraph.apply.quarantine.functions import put_to_sleep
from jotgraph.apply.quarantine.images import archive
from jotgraph.apply.quarantine.restore import RESTORE_SECONDS, undone_if_held
from jotgraph.apply.quarantine.roles import deny
from jotgraph.apply.run import Run
from jotgraph.errors import ApplyError, CallFailedError, RefusedError, reason_of
from jotgraph.plan import Action, Plan, Step
from jotgraph.plan.outcome import Outcome, Status
from jotgraph.records import ResourceId, repository_of
from jotgraph.store.holdings import holding

__all__ = ["RESTORE_SECONDS", "WATCH", "set_aside"]

WATCH = 180.0
"""Seconds to watch for callers: Lambda's metrics are per minute, and a minute or two late."""

_SLEEP = (Action.DISABLE_TRIGGER, Action.THROTTLE_FUNCTION)
Tell = Callable[[Outcome, int, int], None]


def set_aside(run: Run, tell: Tell, watch: float) -> tuple[Outcome, ...]:
    """Apply the steps of a quarantine plan."""
    ended: dict[ResourceId, Outcome] = {}
    for group in _groups(run.plan):
        results = _group(run, group, ended, watch)
        for step in group:
            status, because = results[step.id]
            outcome = Outcome(id=step.id, action=step.action, status=status, because=because)
            ended[step.id] = outcome
            run.brake.count(status)
            run.journal.close_lost(step.id, because)
            run.journal.add("step", steps=(step.id,), result=status, because=because)
            tell(outcome, len(ended), len(run.plan.steps))
    return tuple(ended[step.id] for step in run.plan.steps)


def _groups(plan: Plan) -> list[list[Step]]:
    """Group steps: functions with triggers, and images of one repository that do not depend on each
    other."""
    sleepers = [step for step in plan.steps if step.action in _SLEEP]
    groups = [sleepers] if sleepers else []
    for step in plan.steps:
        if step.action is Action.DENY_ROLE:
            groups.append([step])
        elif step.action is Action.ARCHIVE_IMAGE:
            last = groups[-1] if groups else []
            if last and len(last) < BATCH and _together(last, step):
                last.append(step)
            else:
                groups.append([step])
    return groups


def _together(group: Sequence[Step], step: Step) -> bool:
    return (
        group[0].action is Action.ARCHIVE_IMAGE
        and repository_of(group[0].id) == repository_of(step.id)
        and not {member.id for member in group} & set(step.after)
    )


def _group(
    run: Run, group: Sequence[Step], ended: dict[ResourceId, Outcome], watch: float
) -> Results:
    results: Results = {}
    ready: list[Step] = []
    inside = {step.id for step in group}
    stands = [run.journal.status(step.id) == Status.DONE and _stands(run, step) for step in group]
    if group[0].action in _SLEEP:  # a trigger is put back with its function
        stands = [all(stands)] * len(group)
    for step, done in zip(group, stands, strict=True):
        undone = [
            earlier
            for earlier in step.after
            if earlier not in inside
            and (earlier not in ended or ended[earlier].status is not Status.DONE)
        ]
        if undone:
            results[step.id] = StepResult(Status.SKIPPED, f"{undone[0]} is not in quarantine")
        elif not done and (stopped := run.brake.pulled()):
            results[step.id] = StepResult(Status.SKIPPED, stopped)
        elif done:
            results[step.id] = StepResult(Status.DONE, "done by an earlier run of this plan")
        else:
            ready.append(step)
    if ready and group[0].action in _SLEEP:
        results |= put_to_sleep(run, ready, watch)
    elif ready and group[0].action is Action.ARCHIVE_IMAGE:
        try:
            with _putting_back(run, ready):
                results |= archive(run, ready)
        except (CallFailedError, ApplyError) as error:
            failed = StepResult(Status.FAILED, reason_of(error))
            results |= {step.id: failed for step in ready}
    elif ready:
        with _putting_back(run, ready):
            results[ready[0].id] = _role(run, ready[0])
    return results


@contextmanager
def _putting_back(run: Run, steps: Sequence[Step]) -> Iterator[None]:
    """Restore what is being put in quarantine when an unexpected error interrupts it."""
    try:
        yield
    except (CallFailedError, ApplyError):
        raise
    except Exception:
        for step in steps:
            undone_if_held(run.session, step.id, StepResult(Status.FAILED, "it was interrupted"))
        raise


def _role(run: Run, step: Step) -> StepResult:
    try:
        return StepResult(Status.DONE, deny(run, step, lambda user: is_asleep(run.session, user)))
    except (CallFailedError, ApplyError) as error:
        status = Status.REFUSED if isinstance(error, RefusedError) else Status.FAILED
        return undone_if_held(run.session, step.id, StepResult(status, reason_of(error)))


def _stands(run: Run, step: Step) -> bool:
    """Whether what an earlier attempt put in quarantine is still there."""
    if holding(run.journal, step.id) is None:
        return False
    try:
        now = run.session.read(step.id)
    except (CallFailedError, ApplyError):
        return False
    return now is not None and is_set_aside(now)
