"""Deletes from Lambda: triggers, aliases, versions (always by number) and functions."""

from __future__ import annotations

from collections.abc import Collection

from jotgraph.apply.run import GONE_ALREADY, Run, back_up, look, wait_gone
from jotgraph.apply.second_look import require_unstopped
from jotgraph.errors import ApplyError, CallFailedError, NotProvenError, RefusedError
from jotgraph.plan import Step
from jotgraph.plan.fingerprints import UNREAD
from jotgraph.records import (
    Alias,
    Function,
    ResourceId,
    Trigger,
    Version,
    alias_id,
    function_of,
    name_of,
    place_of,
    qualifier_of,
)
from jotgraph.records.references import lambda_target
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.invocations import urls_of
from jotgraph.sources.single import aliases, read_trigger, triggers, versions

_AT_REST = ("Enabled", "Disabled", "")
UPDATE = "lambda:UpdateEventSourceMapping"
_CHANGED = frozenset({"age-young"})
"""The expected change of a trigger's state when it is disabled."""


def delete_trigger(run: Run, step: Step) -> str:
    """Disable a trigger, wait, check it again, delete it, and wait until it is gone."""
    session = run.session
    ours = _disabled_before(run, step)
    try:
        trigger = look(run, step)
        if trigger is None:
            return GONE_ALREADY
        assert isinstance(trigger, Trigger)
        back_up(run, step, trigger)
        _require_target(run, trigger)
        changed = _CHANGED if run.journal.intents(step.id, UPDATE) else frozenset()
        require_unstopped(run, step, trigger, changed)
        if not session.wait(lambda: _state(run, step) in _AT_REST):
            raise NotProvenError("the trigger is still being updated by somebody else")
        if _state(run, step) == "Enabled":
            ours = True
            _set_enabled(run, step, enabled=False)
            if not session.wait(lambda: _state(run, step) in ("Disabled", "")):
                raise NotProvenError("it was disabled, and is still being updated")
            changed = _CHANGED
        disabled = look(run, step)
        if disabled is None:
            return GONE_ALREADY
        assert isinstance(disabled, Trigger)
        _require_target(run, disabled)
        require_unstopped(run, step, disabled, changed)
        try:
            run.destroy((step.id,), "lambda", "DeleteEventSourceMapping", UUID=name_of(step.id))
        except CallFailedError as error:
            if not is_gone(error):
                raise
    except (Exception, KeyboardInterrupt):  # whatever it was, nothing stays half done
        if ours:
            _enable_again(run, step)
        raise
    wait_gone(run, step.id)
    return "deleted"


def _require_target(run: Run, trigger: Trigger) -> None:
    """The target of an orphaned trigger must still be absent; other targets are in the plan."""
    target = lambda_target(trigger.function_arn)
    if target is None:
        raise RefusedError(f"it is not known what it calls ({trigger.function_arn})")
    if target not in run.planned and run.session.read(target) is not None:
        raise RefusedError(f"what it calls is not in the plan ({trigger.function_arn})")


def _set_enabled(run: Run, step: Step, *, enabled: bool) -> None:
    run.session.call(
        (step.id,),
        "lambda",
        "UpdateEventSourceMapping",
        putting_back=enabled,
        UUID=name_of(step.id),
        Enabled=enabled,
    )


def _disabled_before(run: Run, step: Step) -> bool:
    """Whether an earlier attempt disabled it and did not enable it again."""
    intents = run.journal.intents(step.id, UPDATE)
    return bool(intents) and intents[-1].params["Enabled"] is False


def _enable_again(run: Run, step: Step) -> None:
    """Enable a trigger that this run disabled, if it still exists. Raises ApplyError when that
    fails, since it stays disabled then."""
    try:
        if _state(run, step) not in ("", "Enabled", "Enabling", "Deleting"):
            _set_enabled(run, step, enabled=True)
    except CallFailedError as error:
        raise ApplyError(
            f"{step.id} is kept, was disabled, and could not be enabled again: "
            f"{error.failure.message}. Enable it by hand, or run apply again"
        ) from error


def _state(run: Run, step: Step) -> str:
    """The trigger's state; empty when it is gone."""
    try:
        return read_trigger(run.connections, step.id).state
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise


def delete_alias(run: Run, step: Step) -> str:
    """Delete an alias that no trigger calls."""
    function, qualifier = function_of(step.id), qualifier_of(step.id)
    alias = look(run, step)
    if alias is None:
        return GONE_ALREADY
    assert isinstance(alias, Alias)
    back_up(run, step, alias)
    _require_no_trigger(run, step.id, with_parts=False)
    if whole := run.step_of(function):
        require_same_urls(run, whole)
    require_unstopped(run, step, alias)
    if look(run, step) is None:
        return GONE_ALREADY
    name = name_of(function)
    run.destroy((step.id,), "lambda", "DeleteAlias", FunctionName=name, Name=qualifier)
    wait_gone(run, step.id)
    return "deleted"


def delete_version(run: Run, step: Step) -> str:
    """Delete one published version by its number, unless an alias or trigger names it. Lambda
    itself refuses one that an alias names (409, ResourceConflictException)."""
    function, number = function_of(step.id), qualifier_of(step.id)
    if not number.isdigit():
        raise RefusedError(f"{number!r} is not a version number")
    seen = look(run, step)
    if seen is None:
        return GONE_ALREADY
    back_up(run, step, seen)
    version = look(run, step)
    if version is None:
        return GONE_ALREADY
    assert isinstance(version, Version)
    require_unstopped(run, step, version)
    _require_no_trigger(run, step.id, with_parts=False)
    for alias in aliases(run.connections, function):
        if number == alias.version or number in dict(alias.weights):
            raise RefusedError(f"alias {alias.name} routes to it now")
    name = name_of(function)
    try:
        run.destroy((step.id,), "lambda", "DeleteFunction", FunctionName=name, Qualifier=number)
    except CallFailedError as error:
        _raise_again(error, "an alias or replica holds it")
    wait_gone(run, step.id)
    return "deleted"


def delete_function(run: Run, step: Step) -> str:
    """Delete a function of which only ``$LATEST`` is left. DeleteFunction without a qualifier would
    delete every version and alias, too."""
    function = run.session.read(step.id)
    if function is None:
        return GONE_ALREADY
    assert isinstance(function, Function)
    back_up(run, step, function)
    require_unstopped(run, step, function)
    _require_no_trigger(run, step.id, with_parts=True)
    require_same_urls(run, step)
    require_no_alias(run, step)
    numbers = sorted(version.number for version in versions(run.connections, step.id))
    if numbers:
        raise RefusedError(f"version {numbers[0]} is not in the plan")
    fresh = look(run, step)
    if fresh is None:
        return GONE_ALREADY
    assert isinstance(fresh, Function)
    if fresh.state == "Pending" or fresh.last_update_status == "InProgress":
        raise RefusedError("it is being updated")
    try:
        run.destroy((step.id,), "lambda", "DeleteFunction", FunctionName=name_of(step.id))
    except CallFailedError as error:
        _raise_again(error, "it is being changed, or replicas of it exist")
    wait_gone(run, step.id)
    return "deleted"


def require_no_alias(run: Run, step: Step, but: Collection[ResourceId] = ()) -> None:
    """Raise RefusedError when a function has other aliases than these. For a function without a
    published version an inventory has aliases only with ``--usage``."""
    for alias in sorted(aliases(run.connections, step.id), key=lambda alias: alias.name):
        if alias.id not in but:
            raise RefusedError(
                f"alias {alias.name} is not in the plan; plan again, from a scan and not --from"
            )


def require_same_urls(run: Run, step: Step) -> None:
    """Raise RefusedError when a function has a URL that the plan does not know, or lacks one that
    was not deleted with an alias. What the plan did not read is not compared."""
    planned = dict(step.fingerprint).get("urls", UNREAD)
    if planned == UNREAD:
        return
    name, place = name_of(step.id), place_of(step.id)
    now = {alias or "-" for alias in urls_of(run.session.client(step.id), name)}
    then = set(planned.split())
    lost = [alias for alias in then - now if alias_id(*place, name, alias) not in run.planned]
    if now - then or lost:
        raise RefusedError("its URLs changed since the plan was made")


def _require_no_trigger(run: Run, resource: ResourceId, *, with_parts: bool) -> None:
    for trigger in triggers(run.connections, *place_of(resource)):
        target = lambda_target(trigger.function_arn)
        part = with_parts and target is not None and function_of(target) == function_of(resource)
        if target == resource or part:
            raise RefusedError(f"trigger {trigger.uuid} calls it now")


def _raise_again(error: CallFailedError, refused: str) -> None:
    """Turn errors into outcomes: NotFound is fine, and a conflict is a refusal by Lambda."""
    if is_gone(error):
        return
    if error.failure.code == "ResourceConflictException":
        raise RefusedError(f"{refused} ({error.failure.message})") from error
    raise error
