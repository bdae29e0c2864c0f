"""Lambda's writer: triggers, aliases, versions (always with their number) and functions."""

from __future__ import annotations

from collections.abc import Collection

from jotgraph.apply.run import Run, back_up, look, wait, wait_gone
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.plan import Step
from jotgraph.plan.fingerprints import POLICY, UNREAD, statements
from jotgraph.plan.outcome import NotProven, Refused
from jotgraph.records import Function, ResourceId, Trigger, alias_id, function_id
from jotgraph.records.references import lambda_target
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.functions.invocations import resource_policy, urls_of
from jotgraph.sources.session import World, is_gone
from jotgraph.sources.single import (
    aliases,
    parts,
    provisioned,
    read,
    read_trigger,
    triggers,
    versions,
)

_AT_REST = ("Enabled", "Disabled", "")
UPDATE = "lambda:UpdateEventSourceMapping"


def delete_trigger(run: Run, step: Step) -> str:
    """Disable, wait until that is so, look again, delete, wait until it is gone."""
    account, region, uuid = parts(step.id)
    place = run.world.place(account, region)
    ours = _disabled_before(run, step)
    try:
        found = look(run, step)
        if found is None:
            return "it was gone already"
        assert isinstance(found, Trigger)
        back_up(run, step.id)
        _require_target(run, found)
        if not wait(run, lambda: _state(run, step) in _AT_REST):
            raise NotProven("somebody changes it, and it does not come to rest")
        if _state(run, step) == "Enabled":
            ours = True
            _set_enabled(run, step, place, enabled=False)
            if not wait(run, lambda: _state(run, step) in ("Disabled", "")):
                raise NotProven("it was disabled, and does not come to rest")
            if look(run, step) is None:
                return "it was gone already"
            _require_target(run, found)
        try:
            run.write(step.id, place, "lambda", "DeleteEventSourceMapping", UUID=uuid)
        except CallFailedError as error:
            if not is_gone(error):
                raise
    except (Refused, CallFailedError, NotProven, ApplyError, KeyboardInterrupt):
        if ours:
            _enable_again(run, step, place)
        raise
    wait_gone(run, step.id)
    return "deleted"


def _require_target(run: Run, trigger: Trigger) -> None:
    """What an orphaned trigger calls must still be absent; what goes with it is in the plan."""
    target = lambda_target(trigger.function_arn)
    if target is None:
        raise Refused(f"what it calls is not understood ({trigger.function_arn})")
    if target not in run.planned and read(run.world, target) is not None:
        raise Refused(f"what it calls is there and not in the plan ({trigger.function_arn})")


def _set_enabled(run: Run, step: Step, place: RegionClient, *, enabled: bool) -> None:
    run.write(
        step.id,
        place,
        "lambda",
        "UpdateEventSourceMapping",
        putting_back=enabled,
        UUID=parts(step.id)[2],
        Enabled=enabled,
    )


def _disabled_before(run: Run, step: Step) -> bool:
    """Whether an earlier run disabled it, and did not enable it again."""
    made = run.journal.intents(step.id, UPDATE)
    return bool(made) and made[-1].params["Enabled"] is False


def _enable_again(run: Run, step: Step, place: RegionClient) -> None:
    """Put back what this run disabled, if it is there still. Raises ApplyError, loudly, when that
    fails: it is disabled then."""
    try:
        if _state(run, step) not in ("", "Enabled", "Enabling", "Deleting"):
            _set_enabled(run, step, place, enabled=True)
    except CallFailedError as error:
        raise ApplyError(
            f"{step.id} stays, was disabled, and could not be enabled again: "
            f"{error.failure.message}. Enable it by hand, or run apply again"
        ) from error


def _state(run: Run, step: Step) -> str:
    """The trigger's state; empty when it is gone."""
    try:
        return read_trigger(run.world, step.id).state
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise


def delete_alias(run: Run, step: Step) -> str:
    """Delete an alias that no trigger calls."""
    account, region, rest = parts(step.id)
    name, _, alias = rest.partition(":")
    place = run.world.place(account, region)
    if look(run, step) is None:
        return "it was gone already"
    back_up(run, step.id)
    _require_no_trigger(run, place, step.id, with_parts=False)
    require_unprovisioned(run.world, function_id(account, region, name), alias)
    if function := _function_step(run, place, name):
        require_same_urls(run, function)
        require_known_callers(function, place, name, alias)
    if look(run, step) is None:
        return "it was gone already"
    run.write(step.id, place, "lambda", "DeleteAlias", FunctionName=name, Name=alias)
    wait_gone(run, step.id)
    return "deleted"


def delete_version(run: Run, step: Step) -> str:
    """Delete one published version, by its number, that no alias and no trigger names. Lambda
    itself refuses one that an alias names (409, ResourceConflictException)."""
    account, region, rest = parts(step.id)
    name, _, number = rest.partition(":")
    if not number.isdigit():
        raise Refused(f"{number!r} is no number of a version")
    place = run.world.place(account, region)
    if look(run, step) is None:
        return "it was gone already"
    back_up(run, step.id)
    if look(run, step) is None:
        return "it was gone already"
    _require_no_trigger(run, place, step.id, with_parts=False)
    require_unprovisioned(run.world, function_id(account, region, name), number)
    for alias in aliases(run.world, function_id(account, region, name)):
        if number == alias.version or number in dict(alias.weights):
            raise Refused(f"alias {alias.name} routes to it now")
    try:
        run.write(step.id, place, "lambda", "DeleteFunction", FunctionName=name, Qualifier=number)
    except CallFailedError as error:
        _reraise(error, "an alias or replica holds it")
    wait_gone(run, step.id)
    return "deleted"


def delete_function(run: Run, step: Step) -> str:
    """Delete a function of which nothing is left but ``$LATEST``: DeleteFunction without a
    qualifier takes every version and alias along, unasked."""
    account, region, name = parts(step.id)
    place = run.world.place(account, region)
    if read(run.world, step.id) is None:
        return "it was gone already"
    back_up(run, step.id)
    _require_no_trigger(run, place, step.id, with_parts=True)
    require_same_urls(run, step)
    require_known_callers(step, place, name)
    require_no_alias(run, step)
    numbers = sorted(version.number for version in versions(run.world, step.id))
    if numbers:
        raise Refused(f"version {numbers[0]} of it is there and not in the plan")
    fresh = look(run, step)
    if fresh is None:
        return "it was gone already"
    assert isinstance(fresh, Function)
    if fresh.state == "Pending" or fresh.last_update_status == "InProgress":
        raise Refused("it is being updated")
    try:
        run.write(step.id, place, "lambda", "DeleteFunction", FunctionName=name)
    except CallFailedError as error:
        _reraise(error, "it is being changed, or replicas of it exist")
    wait_gone(run, step.id)
    return "deleted"


def require_no_alias(run: Run, step: Step, but: Collection[ResourceId] = ()) -> None:
    """Raise Refused when a function has an alias, but those; of a function without a published
    version, a stored inventory has the aliases only when it was made with ``--usage``."""
    account, region, name = parts(step.id)
    for alias in sorted(each.name for each in aliases(run.world, step.id)):
        if alias_id(account, region, name, alias) not in but:
            raise Refused(
                f"alias {alias} of it is there and not in the plan; "
                "plan again, from a scan and not --from"
            )


def require_same_urls(run: Run, step: Step) -> None:
    """Raise Refused when a function has a URL that the plan does not know of, or lacks one that
    did not go with an alias of the plan. What was not read then is not compared."""
    planned = dict(step.fingerprint).get("urls", UNREAD)
    if planned == UNREAD:
        return
    account, region, name = parts(step.id)
    urls = urls_of(run.world.place(account, region), name)
    now, then = {qualifier or "-" for qualifier in urls}, set(planned.split())
    lost = [each for each in then - now if alias_id(account, region, name, each) not in run.planned]
    if now - then or lost:
        raise Refused("its URLs changed since the plan was made")


def require_known_callers(step: Step, place: RegionClient, name: str, qualifier: str = "") -> None:
    """Raise Refused when the policy of a function, or of its alias, lets in somebody that the plan
    does not know of; ``step`` is the function's."""
    planned = dict(step.fingerprint).get(POLICY, UNREAD)
    if planned == UNREAD:
        return
    if not set(statements(resource_policy(place, name, qualifier))) <= set(planned.split()):
        raise Refused("others may call it than when the plan was made")


def _function_step(run: Run, place: RegionClient, name: str) -> Step | None:
    """The step of a function, if it is to go."""
    wanted = function_id(place.account, place.region, name)
    return next((each for each in run.plan.steps if each.id == wanted), None)


def require_unprovisioned(world: World, function: ResourceId, qualifier: str = "") -> None:
    """Raise Refused when a version or alias (any, without a qualifier) is kept ready to run."""
    ready = provisioned(world, function)
    if qualifier in ready or (ready and not qualifier):
        what = "it" if qualifier else f"{ready[0]} of it"
        raise Refused(f"{what} has provisioned concurrency: somebody wants it ready")


def _require_no_trigger(
    run: Run, place: RegionClient, resource: ResourceId, *, with_parts: bool
) -> None:
    for each in triggers(run.world, place.account, place.region):
        target = lambda_target(each.function_arn)
        part = with_parts and target is not None and function_of(target) == function_of(resource)
        if target == resource or part:
            raise Refused(f"trigger {each.uuid} calls it now")


def function_of(resource: ResourceId) -> tuple[str, str, str]:
    account, region, rest = parts(resource)
    return account, region, rest.partition(":")[0]


def _reraise(error: CallFailedError, refused: str) -> None:
    """NotFound is fine; a conflict is a refusal by Lambda itself."""
    if is_gone(error):
        return
    if error.failure.code == "ResourceConflictException":
        raise Refused(f"{refused} ({error.failure.message})") from error
    raise error
