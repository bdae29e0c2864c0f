"""Puts functions in quarantine: first their triggers are disabled, then their concurrency is set to
0.

Triggers come first, so that no queue's messages are tried in vain and end in a dead-letter queue.
Then callers are watched for: a rejected call shows in ``Throttles``, and the function is restored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from jotgraph.apply.image_batch import Results, StepResult
from jotgraph.apply.lambda_ import require_same_urls
from jotgraph.apply.quarantine.proof import new_mark, write_proof
from jotgraph.apply.quarantine.restore import OURS, is_untouched, undone_if_held
from jotgraph.apply.quarantine.tagging import mark
from jotgraph.apply.quarantine.triggers import disable
from jotgraph.apply.run import Run, back_up, require_same
from jotgraph.apply.second_look import require_unstopped
from jotgraph.errors import ApplyError, CallFailedError, NotProvenError, RefusedError, reason_of
from jotgraph.plan import Step
from jotgraph.plan.outcome import Status
from jotgraph.records import (
    Function,
    Kind,
    Place,
    ResourceId,
    function_of,
    kind_of,
    name_of,
    phrases,
    place_of,
)
from jotgraph.records.quarantine import QUARANTINED
from jotgraph.records.references import lambda_target
from jotgraph.sources.functions.invocations import INVOCATIONS, THROTTLES, counted
from jotgraph.sources.single import aliases, triggers, versions
from jotgraph.store.holdings import Holding, hold, holding

QUIET = timedelta(days=1)
"""How long a function must not have been called before it is put in quarantine."""
_LOOKS = 12
"""How often Throttles are read during one watch."""

Trouble = CallFailedError | ApplyError


@dataclass
class Sleeper:
    """A function step with the steps of its triggers; or triggers whose target is gone."""

    function: Step | None
    triggers: list[Step] = field(default_factory=list)

    @property
    def steps(self) -> list[Step]:
        return [*self.triggers, *([self.function] if self.function else [])]


def put_to_sleep(run: Run, steps: Sequence[Step], watch: float) -> Results:
    """Put functions and triggers in quarantine, and watch for callers for ``watch`` seconds. When
    the watch is interrupted or fails, all of them are restored, since nobody would watch any
    more."""
    sleepers = _sleepers(steps)
    try:
        return _put_to_sleep(run, sleepers, watch)
    except (Exception, KeyboardInterrupt):
        for sleeper in sleepers:
            _aborted(run, sleeper, RefusedError("interrupted"))
        raise


def _put_to_sleep(run: Run, sleepers: Sequence[Sleeper], watch: float) -> Results:
    results: Results = {}
    asleep: list[Sleeper] = []
    for sleeper in sleepers:
        trouble = _attempt(run, sleeper)
        if trouble is None:
            asleep.append(sleeper)
        else:
            results |= _aborted(run, sleeper, trouble)
    results |= _watched(run, [sleeper for sleeper in asleep if sleeper.function], watch)
    for sleeper in asleep:
        for step in sleeper.steps:
            done = "concurrency set to 0" if step is sleeper.function else "disabled"
            results.setdefault(step.id, StepResult(Status.DONE, done))
    return results


def _sleepers(steps: Sequence[Step]) -> list[Sleeper]:
    """Functions with their triggers, in the order of the plan."""
    by_function = {step.id: Sleeper(step) for step in steps if kind_of(step.id) is Kind.FUNCTION}
    alone = []
    for step in steps:
        if kind_of(step.id) is Kind.TRIGGER:
            target = lambda_target(dict(step.fingerprint).get("function", ""))
            owner = by_function.get(function_of(target)) if target else None
            if owner is None:
                alone.append(Sleeper(None, [step]))
            else:
                owner.triggers.append(step)
    return [*alone, *by_function.values()]


def _attempt(run: Run, sleeper: Sleeper) -> Trouble | None:
    """Put one in quarantine; return the error, or None."""
    try:
        if sleeper.function:
            _require_idle(run, sleeper.function)
        for step in sleeper.triggers:
            disable(run, step, alone=sleeper.function is None)
        if sleeper.function:
            _throttle(run, sleeper.function)
    except (CallFailedError, ApplyError) as trouble:
        return trouble
    return None


def _aborted(run: Run, sleeper: Sleeper, trouble: Trouble) -> Results:
    """Restore a function that is kept, with its triggers, and say why."""
    status = Status.REFUSED if isinstance(trouble, RefusedError) else Status.FAILED
    results: Results = {}
    for step in reversed(sleeper.steps):
        why = reason_of(trouble)
        if step is not sleeper.steps[-1]:
            why = f"its function stays: {why}"
        results[step.id] = undone_if_held(run.session, step.id, StepResult(status, why))
    return results


def _require_idle(run: Run, step: Step) -> Function:
    """The function as it is now, if it equals the plan and nobody calls it."""
    earlier = holding(run.journal, step.id)
    function = run.session.read(step.id)
    if function is None:
        raise RefusedError("it is gone")
    assert isinstance(function, Function)
    require_same(step, function, ours={"revision": [function.revision]} if earlier else {})
    marked = dict(function.tags or ()).get(QUARANTINED)
    if earlier is None and marked:
        raise RefusedError(f"already in quarantine ({marked})")
    if function.concurrency == 0 and (earlier is None or is_untouched(run.session, earlier)):
        raise RefusedError("already in quarantine (its reserved concurrency is 0)")
    if earlier and earlier.after and function.concurrency != 0:
        now_reserved = "none" if function.concurrency is None else function.concurrency
        raise RefusedError(
            f"its reserved concurrency was changed to {now_reserved} since it was put in quarantine"
        )
    if function.state == "Pending" or function.last_update_status == "InProgress":
        raise RefusedError("it is being updated")
    _require_planned_parts(run, step)
    require_same_urls(run, step)
    require_unstopped(run, step, function, OURS if earlier else ())
    now = datetime.now(UTC)
    since = min(now, earlier.since if earlier else now) - QUIET
    client = run.session.client(step.id)
    calls = counted(client, [function.name], INVOCATIONS, since, now)[function.name]
    if calls:
        times = phrases.counted(calls, "time")
        raise RefusedError(f"called {times} in the last day, so it is not put in quarantine")
    return function


def _require_planned_parts(run: Run, step: Step) -> None:
    """Require that the function has only the versions, aliases and triggers that the plan knows."""
    known = {kept.id for kept in (*run.plan.left, *run.plan.kept)} | run.planned
    parts = [version.id for version in versions(run.connections, step.id)]
    parts += [alias.id for alias in aliases(run.connections, step.id)]
    for trigger in triggers(run.connections, *place_of(step.id)):
        target = lambda_target(trigger.function_arn)
        mine = target is not None and function_of(target) == step.id
        if mine and trigger.id not in run.planned and trigger.state != "Disabled":
            raise RefusedError(f"trigger {trigger.uuid} calls it now")
    fresh = sorted(part for part in parts if part not in known)
    if fresh:
        raise RefusedError(f"{fresh[0]} is not in the plan")


def _throttle(run: Run, step: Step) -> None:
    """Mark a function and set its concurrency to 0, based on the state read right before."""
    back_up(run, step)
    session, function = run.session, _require_idle(run, step)
    if function.concurrency != 0:
        _reserve_nothing(run, step, function)
    else:
        earlier = _held(run, step.id)
        mark(session, step.id, function.tags or (), earlier.before)
    fresh = session.read(step.id)
    if not isinstance(fresh, Function) or fresh.concurrency != 0:
        raise NotProvenError("its concurrency was set to 0, which could not be verified")
    write_proof(run, step)


def _reserve_nothing(run: Run, step: Step, function: Function) -> None:
    """Set the reserved concurrency of a function to 0. The value before is written to the journal
    first, for a release, whatever an earlier attempt recorded."""
    session, reserved = run.session, function.concurrency
    earlier = holding(run.journal, step.id)
    anew = earlier is not None and earlier.before["reserved"] != reserved
    before = {"reserved": reserved, "mark": new_mark(session)}
    held = hold(run.journal, step.id, before, anew=anew)
    mark(session, step.id, function.tags or (), held.before)
    fresh = session.read(step.id)
    if not isinstance(fresh, Function) or fresh.concurrency != reserved:
        raise RefusedError("its reserved concurrency is being changed")
    session.call(
        (step.id,),
        "lambda",
        "PutFunctionConcurrency",
        FunctionName=function.name,
        ReservedConcurrentExecutions=0,
    )


def _watched(run: Run, asleep: Sequence[Sleeper], watch: float) -> Results:
    """Watch for rejected calls; restore functions that have some. A function that cannot be watched
    is restored too: a quarantine without that alarm would be an outage."""
    results: Results = {}
    left = {sleeper.function.id: sleeper for sleeper in asleep if sleeper.function}
    waited = 0.0
    while left:
        trouble: dict[ResourceId, Trouble] = {}
        try:
            for function, calls in _refused(run, left).items():
                if calls:
                    why = f"called {phrases.counted(calls, 'time')} since it was put in quarantine"
                    trouble[function] = RefusedError(why)
        except (CallFailedError, ApplyError) as error:
            trouble = dict.fromkeys(left, error)
        for function, reason in trouble.items():
            results |= _aborted(run, left.pop(function), reason)
        if waited >= watch:
            break
        pause = max(watch / _LOOKS, 0.01)
        run.session.pause(pause)
        waited += pause
    return results


def _refused(run: Run, left: dict[ResourceId, Sleeper]) -> dict[ResourceId, int]:
    """The throttled calls of each function since the first was put in quarantine, to the minute."""
    since = min(_held(run, function).since for function in left)
    now = max(datetime.now(UTC), since)
    places: dict[Place, list[ResourceId]] = defaultdict(list)
    for function in left:
        places[place_of(function)].append(function)
    refused: dict[ResourceId, int] = {}
    for functions in places.values():
        names = [name_of(function) for function in functions]
        calls = counted(run.session.client(functions[0]), names, THROTTLES, since, now)
        refused |= {function: calls[name_of(function)] for function in functions}
    return refused


def _held(run: Run, resource: ResourceId) -> Holding:
    own = holding(run.journal, resource)
    assert own is not None
    return own
