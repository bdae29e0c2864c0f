"""Finds functions whose update is not through, in the second look at what is deleted.

Listings say what a function was updated to. Until the update is through, and after one that failed,
calls go to the code and configuration from before it, which nothing tells. A function that was not
changed since the plan was made uses what it used then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from jotgraph.analysis.usage.gaps import UPDATE_UNREAD
from jotgraph.apply.run import Run
from jotgraph.errors import CallFailedError
from jotgraph.plan import Step
from jotgraph.records import Function, Version
from jotgraph.sources.connections import is_gone
from jotgraph.sources.single import read_configuration

_CLOCKS = timedelta(days=1)
"""How far the clock of the machine that made the plan may be ahead of AWS's."""


def half_updated(
    run: Run,
    steps: Iterable[Step],
    configurations: Iterable[Function | Version],
    asleep: Callable[[Function | Version], bool] = lambda configuration: False,
) -> str:
    """Return why steps are kept: a function changed since the day before the plan was made, and its
    update is not through. Empty when there is none, or when each step knows of one. Functions that
    are ``asleep`` use nothing. Raises CallFailedError."""
    if all(UPDATE_UNREAD in step.doubts for step in steps):
        return ""
    for configuration in configurations:
        if not isinstance(configuration, Function) or _through(run, configuration):
            continue
        if not asleep(configuration):
            return (
                f"an update of function {configuration.name} in {configuration.region} failed or "
                "is in progress: it may use what it used before"
            )
    return ""


def _through(run: Run, function: Function) -> bool:
    """Whether the last update of a function is through, or so old that the plan knew of it."""
    changed = function.last_modified
    if changed is not None and changed < run.plan.taken_at - _CLOCKS:
        return True
    key = f"{function.arn} {function.revision}"
    if not function.revision or key not in run.settled:
        try:
            fresh = read_configuration(run.connections, function.id)
        except CallFailedError as error:
            if is_gone(error):
                return True
            raise
        if not fresh.runs_what_it_says:
            return False
        run.settled.add(f"{function.arn} {fresh.revision}")
    return True
