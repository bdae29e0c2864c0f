"""What an undo decided about one resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from jotgraph.errors import ChangedSinceError
from jotgraph.plan.outcome import UndoStatus


class Todo(NamedTuple):
    """What is to be done about one resource, or why nothing is."""

    status: UndoStatus
    """What it is afterwards."""
    words: str
    """What would be done, or why nothing is."""
    do: Callable[[], str] | None = None
    """Does it and says what was done; None where nothing is to be done."""
    is_final: bool = False
    """Whether a later undo would put nothing back either: somebody else changed it."""


def nothing(status: UndoStatus, words: str) -> Todo:
    """Nothing is to be done, and why."""
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
    """The refusal for what somebody else changed just before it was to be put back."""
    return ChangedSinceError(CHANGED_SINCE.words)


def is_broken(changes: Sequence[tuple[object, object]]) -> bool:
    """Whether one of a run's changes, each by what was there and what was asked for, found what
    neither was there at first nor the run asked for: somebody else made it in between."""
    known: list[object] = [changes[0][0]] if changes else []
    for present, asked in changes:
        if present not in known:
            return True
        known.append(asked)
    return False
