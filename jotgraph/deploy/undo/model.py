"""What an undo decided about one resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from jotgraph.errors import ChangedSinceError
from jotgraph.plan.outcome import UndoStatus


class Todo(NamedTuple):
    """What is to be done about one resource, or why nothing is."""

    status: UndoStatus
    """Its status afterwards."""
    words: str
    """What would be done, or why nothing is."""
    do: Callable[[], str] | None = None
    """Does it and returns what was done; None when there is nothing to do."""
    is_final: bool = False
    """Whether a later undo would do nothing either, because somebody else changed the resource."""


def nothing(status: UndoStatus, words: str) -> Todo:
    """Return a decision to do nothing, with the reason."""
    return Todo(status, words)


ABSENT = nothing(UndoStatus.REMOVED, "it is not there")
CHANGED_BETWEEN = Todo(
    UndoStatus.CANNOT,
    "somebody else changed it while the run was interrupted: it stays as it is",
    is_final=True,
)
CHANGED_SINCE = Todo(
    UndoStatus.CANNOT,
    "it was changed since by somebody else, and is left as it is",
    is_final=True,
)


def changed_since() -> ChangedSinceError:
    """Return the refusal for a resource that somebody else changed right before its restore."""
    return ChangedSinceError(CHANGED_SINCE.words)


def is_broken(changes: Sequence[tuple[object, object]]) -> bool:
    """Return whether somebody else changed a resource between a run's changes. Each change is
    (state found, state requested); a state that is neither the first one nor a requested one was
    made by somebody else."""
    known: list[object] = [changes[0][0]] if changes else []
    for present, asked in changes:
        if present not in known:
            return True
        known.append(asked)
    return False
