"""Deletes log groups of CloudWatch Logs that no function writes to."""

from __future__ import annotations

from jotgraph.apply.run import GONE_ALREADY, Run, back_up, look, wait_gone
from jotgraph.apply.second_look import around, refuse
from jotgraph.apply.updates import half_updated
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.plan import Step
from jotgraph.records import LogGroup, kind_of, name_of, place_of
from jotgraph.records.mentions import mentions
from jotgraph.sources.connections import is_gone
from jotgraph.sources.single import configurations

DELETE = "logs:DeleteLogGroup"


def delete_log_group(run: Run, step: Step) -> str:
    """Delete a log group with its events. Right before the call, all functions and versions of its
    region are checked for one that names it or would write to it."""
    seen = look(run, step)
    if seen is None:
        return GONE_ALREADY
    back_up(run, step, seen)
    group = look(run, step)
    if group is None:
        return GONE_ALREADY
    assert isinstance(group, LogGroup)
    refuse(run.plan, step, around(run.plan, log_groups=(group,)))
    _require_no_writer(run, step)
    try:
        run.destroy((step.id,), "logs", "DeleteLogGroup", logGroupName=group.name)
    except CallFailedError as error:
        if not is_gone(error):
            raise
    wait_gone(run, step.id)
    return "deleted, with its events"


def _require_no_writer(run: Run, step: Step) -> None:
    """Raise RefusedError when a function or version writes to the group, or names it in its
    environment or description. Raises CallFailedError when that cannot be read."""
    listed = configurations(run.connections, *place_of(step.id))
    if why := half_updated(run, [step], listed):
        raise RefusedError(why)
    for configuration in listed:
        what = f"{kind_of(configuration.id)} {configuration.name}"
        if configuration.logs_to == name_of(step.id):
            raise RefusedError(f"{what} writes to it now")
        for mention in mentions(configuration):
            if mention.resource == step.id:
                raise RefusedError(f"the {mention.where} of {what} names it now")
