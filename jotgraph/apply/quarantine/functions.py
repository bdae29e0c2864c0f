"""Functions put to sleep: their triggers disabled, then their concurrency reserved to nothing.

Triggers first, so that no queue's messages are tried in vain and end in a dead-letter queue. Then
a watch for callers: whoever is refused now shows in ``Throttles``, and the function is put back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from jotgraph.analysis.usage.quarantine import QUARANTINED
from jotgraph.apply.lambda_ import (
    function_of,
    require_known_callers,
    require_same_urls,
    require_unprovisioned,
)
from jotgraph.apply.quarantine.hand import Hand
from jotgraph.apply.quarantine.restore import put_back
from jotgraph.apply.quarantine.snapshot import around, facts
from jotgraph.apply.run import Run, back_up, require_same
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.plan import Step
from jotgraph.plan.outcome import NotProven, Refused, Status
from jotgraph.records import (
    Function,
    Kind,
    ResourceId,
    Trigger,
    kind_of,
)
from jotgraph.records.references import lambda_target
from jotgraph.sources.functions.invocations import INVOCATIONS, THROTTLES, counted
from jotgraph.sources.single import aliases, parts, read, triggers, versions
from jotgraph.store.holdings import Holding, hold, holding

Result: TypeAlias = tuple[Status, str]
Results: TypeAlias = dict[ResourceId, Result]

QUIET = timedelta(days=1)
"""Before a function is put to sleep nobody may have called it for so long."""
_LOOKS = 12
"""Times that Throttles are asked for in one watch."""


@dataclass
class Sleeper:
    """A function step with the steps of its triggers; or triggers that call nothing any more."""

    function: Step | None
    triggers: list[Step] = field(default_factory=list)

    @property
    def steps(self) -> list[Step]:
        return [*self.triggers, *([self.function] if self.function else [])]


def put_to_sleep(run: Run, hand: Hand, steps: Sequence[Step], watch: float) -> Results:
    """Set functions and triggers aside; ``watch`` is for how many seconds to look for callers. Who
    interrupts that gets all of them back: nobody would look any more."""
    sleepers = _sleepers(run, steps)
    try:
        return _put_to_sleep(run, hand, sleepers, watch)
    except KeyboardInterrupt:
        for each in sleepers:
            _aborted(hand, each, Refused("interrupted"))
        raise


def _put_to_sleep(run: Run, hand: Hand, sleepers: Sequence[Sleeper], watch: float) -> Results:
    ended: Results = {}
    asleep: list[Sleeper] = []
    for each in sleepers:
        trouble = _attempt(run, hand, each)
        if trouble is None:
            asleep.append(each)
        else:
            ended |= _aborted(hand, each, trouble)
    ended |= _watched(run, hand, [each for each in asleep if each.function], watch)
    for each in asleep:
        for step in each.steps:
            done = "throttled to nothing" if step is each.function else "disabled"
            ended.setdefault(step.id, (Status.DONE, done))
    return ended


def _sleepers(run: Run, steps: Sequence[Step]) -> list[Sleeper]:
    """Functions with their triggers, in the order of the plan."""
    functions = {function_of(e.id): e for e in steps if kind_of(e.id) is Kind.FUNCTION}
    found = {key: Sleeper(step) for key, step in functions.items()}
    alone = []
    for step in steps:
        if kind_of(step.id) is Kind.TRIGGER:
            target = lambda_target(dict(step.fingerprint).get("function", ""))
            owner = found.get(function_of(target)) if target else None
            if owner is None:
                alone.append(Sleeper(None, [step]))
            else:
                owner.triggers.append(step)
    return [*alone, *found.values()]


Trouble: TypeAlias = Refused | NotProven | CallFailedError | ApplyError


def _attempt(run: Run, hand: Hand, sleeper: Sleeper) -> Trouble | None:
    """Put one to sleep; what went wrong, or None."""
    try:
        if sleeper.function:
            _require_idle(run, hand, sleeper.function)
        for step in sleeper.triggers:
            _disable(run, hand, step, alone=sleeper.function is None)
        if sleeper.function:
            _throttle(run, hand, sleeper.function)
    except (Refused, NotProven, CallFailedError, ApplyError) as trouble:
        return trouble
    return None


def _aborted(hand: Hand, sleeper: Sleeper, trouble: Trouble) -> Results:
    """Put a function and its triggers back that stay, and say why."""
    status = Status.REFUSED if isinstance(trouble, Refused) else Status.FAILED
    said = trouble.failure.detail if isinstance(trouble, CallFailedError) else str(trouble)
    ended: Results = {}
    for step in reversed(sleeper.steps):
        held = holding(hand.journal, step.id)
        why = said if step is sleeper.steps[-1] else f"its function stays: {said}"
        if held is None:
            ended[step.id] = (status, why)
            continue
        try:
            ended[step.id] = (status, f"{why}; put back: {put_back(hand, held)}")
        except (Refused, NotProven, CallFailedError, ApplyError) as worse:
            run = hand.journal.folder.name
            words = f"{why}; and it could not be put back ({worse}): jotgraph release {run}"
            ended[step.id] = (Status.FAILED, words)
    return ended


def _require_idle(run: Run, hand: Hand, step: Step) -> Function:
    """The function as it is, if it is what the plan was made from and nobody calls it."""
    held = holding(hand.journal, step.id)
    found = read(run.world, step.id)
    if found is None:
        raise Refused("it is gone")
    assert isinstance(found, Function)
    require_same(step, found, ours={"revision": [found.revision]} if held else {})
    mark = dict(found.tags or ()).get(QUARANTINED)
    if held is None and (mark or found.concurrency == 0):
        raise Refused(f"it is in quarantine already ({mark or 'its reserved concurrency is 0'})")
    if found.state == "Pending" or found.last_update_status == "InProgress":
        raise Refused("it is being updated")
    _require_planned_parts(run, step)
    require_same_urls(run, step)
    place = hand.place(step.id)
    require_known_callers(step, place, found.name)
    require_unprovisioned(run.world, step.id)
    now = datetime.now(UTC)
    since = min(now, held.since if held else now) - QUIET
    calls = counted(place, [found.name], INVOCATIONS, since, now)[found.name]
    if calls:
        raise Refused(f"it was called {calls} times within a day: what is called is not set aside")
    return found


def _require_planned_parts(run: Run, step: Step) -> None:
    """Versions, aliases and triggers of the function must be those that the plan knows."""
    account, region, _ = parts(step.id)
    known = {each.id for each in (*run.plan.left, *run.plan.kept)} | run.planned
    made = [version.id for version in versions(run.world, step.id)]
    made += [alias.id for alias in aliases(run.world, step.id)]
    for each in triggers(run.world, account, region):
        target = lambda_target(each.function_arn)
        mine = target is not None and function_of(target) == function_of(step.id)
        if mine and each.id not in run.planned and each.state != "Disabled":
            raise Refused(f"trigger {each.uuid} calls it now")
    fresh = sorted(each for each in made if each not in known)
    if fresh:
        raise Refused(f"{fresh[0]} is there and not in the plan")


def _disable(run: Run, hand: Hand, step: Step, *, alone: bool) -> None:
    found = read(run.world, step.id)
    if found is None:
        raise Refused("it is gone")
    assert isinstance(found, Trigger)
    require_same(step, found)
    target = lambda_target(found.function_arn)
    if alone and (target is None or read(run.world, target) is not None):
        raise Refused(f"what it calls is there and not in the plan ({found.function_arn})")
    back_up(run, step.id)
    before = {"state": found.state, "function": found.function_arn}
    held = holding(hand.journal, step.id)
    if held is None and found.state == "Disabled":
        raise Refused("somebody else disabled it")
    hold(hand.journal, step.id, before)
    if found.state != "Disabled":
        uuid = parts(step.id)[2]
        hand.call(step.id, "lambda", "UpdateEventSourceMapping", UUID=uuid, Enabled=False)
    if not hand.wait(lambda: getattr(read(run.world, step.id), "state", "") == "Disabled"):
        raise NotProven("it was disabled, and does not come to rest")
    _proven(run, hand, step)


def _throttle(run: Run, hand: Hand, step: Step) -> None:
    """Mark a function and reserve no concurrency for it, as it was looked at just before."""
    back_up(run, step.id)
    found = _require_idle(run, hand, step)
    account, region, name = parts(step.id)
    partition = hand.place(step.id).aws.session.get_partition_for_region(region)
    arn = f"arn:{partition}:lambda:{region}:{account}:function:{name}"
    since = datetime.now(UTC).isoformat(timespec="seconds")
    before = {
        "reserved": found.concurrency,
        "arn": arn,
        "mark": f"{hand.journal.folder.name} {since}",
    }
    held = hold(hand.journal, step.id, before)
    mark = held.before["mark"]
    if dict(found.tags or ()).get(QUARANTINED) != mark:
        hand.call(step.id, "lambda", "TagResource", Resource=arn, Tags={QUARANTINED: mark})
    if found.concurrency != 0:
        hand.call(
            step.id,
            "lambda",
            "PutFunctionConcurrency",
            FunctionName=name,
            ReservedConcurrentExecutions=0,
        )
    fresh = read(run.world, step.id)
    if not isinstance(fresh, Function) or fresh.concurrency != 0:
        raise NotProven("its concurrency was reserved to nothing, and does not look so")
    _proven(run, hand, step)


def _proven(run: Run, hand: Hand, step: Step) -> None:
    """Write how a resource is now that it is set aside."""
    found = read(run.world, step.id)
    if found is None:
        raise NotProven("it is gone")
    hand.journal.add("held", steps=(step.id,), params=facts(found) | around(run.world, found))


def _watched(run: Run, hand: Hand, asleep: Sequence[Sleeper], watch: float) -> Results:
    """Look for callers that are refused; put back what has one. What cannot be watched is put
    back too: a quarantine whose alarm is deaf is an outage."""
    ended: Results = {}
    left = {each.function.id: each for each in asleep if each.function}
    waited = 0.0
    while left:
        trouble: dict[ResourceId, Trouble] = {}
        try:
            for each, calls in _refused(run, hand, left).items():
                if calls:
                    said = f"somebody calls it: {calls} calls were throttled since it was set aside"
                    trouble[each] = Refused(said)
        except (CallFailedError, ApplyError) as error:
            trouble = dict.fromkeys(left, error)
        for each, why in trouble.items():
            ended |= _aborted(hand, left.pop(each), why)
        if waited >= watch:
            break
        pause = max(watch / _LOOKS, 0.01)
        hand.pause(pause)
        waited += pause
    return ended


def _refused(run: Run, hand: Hand, left: dict[ResourceId, Sleeper]) -> dict[ResourceId, int]:
    """Throttled calls of each since the first was set aside, to the minute."""
    since = min(_held(hand, each).since for each in left)
    now = max(datetime.now(UTC), since)
    places: dict[tuple[str, str], list[ResourceId]] = defaultdict(list)
    for function in left:
        places[parts(function)[:2]].append(function)
    found: dict[ResourceId, int] = {}
    for here in places.values():
        names = [parts(function)[2] for function in here]
        calls = counted(hand.place(here[0]), names, THROTTLES, since, now)
        found |= {function: calls[parts(function)[2]] for function in here}
    return found


def _held(hand: Hand, resource: ResourceId) -> Holding:
    held = holding(hand.journal, resource)
    assert held is not None
    return held
