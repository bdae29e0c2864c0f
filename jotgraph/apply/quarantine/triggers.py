"""Disables triggers: with their function, or because their target is gone."""

from __future__ import annotations

from jotgraph.apply.quarantine.proof import new_mark, write_proof
from jotgraph.apply.quarantine.restore import is_untouched
from jotgraph.apply.quarantine.tagging import mark
from jotgraph.apply.run import Run, back_up, require_same
from jotgraph.errors import NotProvenError, RefusedError
from jotgraph.plan import Step
from jotgraph.records import Trigger, name_of
from jotgraph.records.references import lambda_target
from jotgraph.store.holdings import hold, holding


def disable(run: Run, step: Step, *, alone: bool) -> None:
    """Mark a trigger and disable it; it is checked right before and right after."""
    session = run.session
    trigger = _look(run, step, alone=alone)
    back_up(run, step, trigger)
    earlier = holding(run.journal, step.id)
    if trigger.state == "Disabled" and (earlier is None or is_untouched(session, earlier)):
        raise RefusedError("it was disabled by somebody else")
    if trigger.state != "Disabled" and earlier and earlier.after:
        raise RefusedError("it was enabled since it was put in quarantine")
    before = {"state": trigger.state, "function": trigger.function_arn, "mark": new_mark(session)}
    mark(session, step.id, trigger.tags or (), hold(run.journal, step.id, before).before)
    if trigger.state != "Disabled":
        _look(run, step, alone=alone)
        session.call(
            (step.id,),
            "lambda",
            "UpdateEventSourceMapping",
            UUID=name_of(step.id),
            Enabled=False,
        )
    if not session.wait(lambda: getattr(session.read(step.id), "state", "") == "Disabled"):
        raise NotProvenError("it was disabled, and is still being updated")
    _look(run, step, alone=alone)
    write_proof(run, step)


def _look(run: Run, step: Step, *, alone: bool) -> Trigger:
    """The trigger, if it equals the plan; for one that is ``alone`` the target must be gone."""
    trigger = run.session.read(step.id)
    if trigger is None:
        raise RefusedError("it is gone")
    assert isinstance(trigger, Trigger)
    require_same(step, trigger)
    target = lambda_target(trigger.function_arn)
    if alone and (target is None or run.session.read(target) is not None):
        raise RefusedError(f"what it calls is not in the plan ({trigger.function_arn})")
    return trigger
