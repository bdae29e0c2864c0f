"""A plan of a quarantine and a run -> everything set aside that may be, or put back.

In the order of the plan: functions and their triggers, which are watched for callers together;
then what only they used, images and roles. What must be known to put a thing back is in the journal
before the first call on it. A step that fails or is refused is put back at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jotgraph.analysis.usage.quarantine import QUARANTINED, denied
from jotgraph.apply.ecr import BATCH
from jotgraph.apply.quarantine.functions import Result, Results, put_to_sleep
from jotgraph.apply.quarantine.hand import Hand
from jotgraph.apply.quarantine.images import archive
from jotgraph.apply.quarantine.restore import RESTORE_SECONDS, put_back
from jotgraph.apply.quarantine.roles import deny
from jotgraph.apply.run import Run
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.plan import Action, Plan, Step
from jotgraph.plan.outcome import NotProven, Outcome, Refused, Status
from jotgraph.records import (
    EcrImage,
    Function,
    ResourceId,
    Role,
    Trigger,
    Version,
    function_id,
)
from jotgraph.sources.single import read
from jotgraph.store.holdings import holding, holdings

__all__ = ["RESTORE_SECONDS", "WATCH", "holdings", "set_aside"]

WATCH = 180.0
"""Seconds to look for callers: metrics of Lambda come by the minute, and a minute or two late."""

_SLEEP = (Action.DISABLE_TRIGGER, Action.THROTTLE_FUNCTION)
Tell = Callable[[Outcome, int, int], None]


def set_aside(run: Run, tell: Tell, watch: float) -> tuple[Outcome, ...]:
    """Do the steps of a quarantine."""
    hand = Hand(run.world, run.journal, run.patience, run.pause)
    ended: dict[ResourceId, Outcome] = {}
    for group in _groups(run.plan):
        for step, (status, because) in _group(run, hand, group, ended, watch):
            outcome = Outcome(id=step.id, action=step.action, status=status, because=because)
            ended[step.id] = outcome
            run.journal.close_lost(step.id, because)
            run.journal.add("step", steps=(step.id,), result=status, because=because)
            tell(outcome, len(ended), len(run.plan.steps))
    return tuple(ended[each.id] for each in run.plan.steps)


def _groups(plan: Plan) -> list[list[Step]]:
    """Functions and triggers together; images of one repository, as many as wait for no other."""
    sleepers = [each for each in plan.steps if each.action in _SLEEP]
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
        and group[0].id.partition("@")[0] == step.id.partition("@")[0]
        and not {each.id for each in group} & set(step.after)
    )


def _group(
    run: Run, hand: Hand, group: Sequence[Step], ended: dict[ResourceId, Outcome], watch: float
) -> list[tuple[Step, Result]]:
    found: Results = {}
    ready: list[Step] = []
    inside = {each.id for each in group}
    stands = [run.journal.status(e.id) == Status.DONE and _stands(run, hand, e) for e in group]
    if group[0].action in _SLEEP:  # a trigger is put back with its function
        stands = [all(stands)] * len(group)
    for step, done in zip(group, stands, strict=True):
        undone = [
            each
            for each in step.after
            if each not in inside and (each not in ended or ended[each].status is not Status.DONE)
        ]
        if undone:
            found[step.id] = (Status.SKIPPED, f"{undone[0]} is not set aside")
        elif done:
            found[step.id] = (Status.DONE, "done by an earlier run of this plan")
        else:
            ready.append(step)
    if ready and group[0].action in _SLEEP:
        found |= put_to_sleep(run, hand, ready, watch)
    elif ready and group[0].action is Action.ARCHIVE_IMAGE:
        try:
            found |= archive(run, hand, ready, lambda each: _asleep(run, each))
        except (CallFailedError, ApplyError) as error:
            found |= dict.fromkeys((e.id for e in ready), (Status.FAILED, _said(error)))
    elif ready:
        found[ready[0].id] = _role(run, hand, ready[0])
    return [(each, found[each.id]) for each in group]


def _role(run: Run, hand: Hand, step: Step) -> Result:
    try:
        return (Status.DONE, deny(run, hand, step, lambda each: _asleep(run, each)))
    except (Refused, NotProven, CallFailedError, ApplyError) as error:
        status = Status.REFUSED if isinstance(error, Refused) else Status.FAILED
        said = _said(error)
        held = holding(hand.journal, step.id)
        if held is None:
            return (status, said)
        try:
            return (status, f"{said}; put back: {put_back(hand, held)}")
        except (Refused, NotProven, CallFailedError, ApplyError) as worse:
            name = hand.journal.folder.name
            words = f"{said}; and it could not be put back ({_said(worse)})"
            return (Status.FAILED, f"{words}: jotgraph release {name}")


def _asleep(run: Run, each: Function | Version) -> bool:
    """Whether a function is in quarantine, this run's or another's: marked, and throttled to
    nothing, versions and all. Read now; raises CallFailedError."""
    found = read(run.world, function_id(each.account, each.region, each.name))
    return found is None or (
        isinstance(found, Function)
        and found.concurrency == 0
        and QUARANTINED in dict(found.tags or ())
    )


def _stands(run: Run, hand: Hand, step: Step) -> bool:
    """Whether what an earlier run set aside is so still."""
    if holding(hand.journal, step.id) is None:
        return False
    try:
        match read(run.world, step.id):
            case Function(concurrency=0) | Trigger(state="Disabled") | EcrImage(status="ARCHIVED"):
                return True
            case Role() as role:
                return denied(role.trust)
            case _:
                return False
    except (CallFailedError, ApplyError):
        return False


def _said(error: Exception) -> str:
    return error.failure.detail if isinstance(error, CallFailedError) else str(error)
