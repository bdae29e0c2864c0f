"""Changes that Lambda makes only if nobody else changed the resource (RevisionId)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jotgraph.deploy.run import Run
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.records import ResourceId
from jotgraph.sources.aws.calls import Answer


def change(
    run: Run,
    resource: ResourceId,
    action: str,
    is_done: Callable[[], bool],
    kept: Mapping[str, Any],
    **params: Any,
) -> Answer | None:
    """Make a journalled call with a RevisionId. When the answer of a successful call is lost, the
    SDK repeats it and finds another revision: ``is_done`` then checks the result, and None is
    returned. Raises RefusedError when somebody else changed the resource, CallFailedError."""
    try:
        return run.session.call((resource,), "lambda", action, kept=kept, **params)
    except CallFailedError as error:
        code, message = error.failure.code, error.failure.message
        if code == "PreconditionFailedException":
            if is_done():
                return None
            raise changed_meanwhile(resource) from error
        if code == "ResourceConflictException" and not error.failure.says_it_exists:
            raise RefusedError(
                f"{resource} is being changed by somebody else ({message}); wait and run the same "
                "command again"
            ) from error
        raise


def changed_meanwhile(resource: ResourceId) -> RefusedError:
    """Return the message that somebody else changed the resource meanwhile."""
    return RefusedError(
        f"{resource} was changed by somebody else in the meantime, and is left as it is "
        "now; look at it and run the same command again"
    )


def changed_between(run: Run, what: str, now: str) -> RefusedError:
    """Return the message that an interrupted run cannot resume, since somebody else changed the
    resource."""
    return RefusedError(
        f"{what} was changed by somebody else while run {run.name} was interrupted ({now}), and is "
        f"left as it is: jotgraph undo {run.name} ends that run; then the same command is a new one"
    )
