"""Undoes a run that created things: removes what it created, and restores what it changed.

Everything that the run announced is looked for, whatever came of the call. Only what is still as
the run left it is touched, and what was created is removed only if nothing else uses it now, by the
same checks as before a deletion. The order is that of the run, reversed. Every call is in the run's
journal before it is made, so that the same command resumes an interrupted undo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jotgraph.clients import Clients
from jotgraph.deploy.run import is_making
from jotgraph.deploy.undo.candidates import ORDER, candidates
from jotgraph.deploy.undo.local_images import LOCAL_IMAGE
from jotgraph.deploy.undo.model import Todo, nothing
from jotgraph.deploy.undo.putting_back import ALIAS, FUNCTION, present_state
from jotgraph.deploy.undo.registry import IMAGE, REPOSITORY
from jotgraph.deploy.undo.removing import ROLE, VERSION
from jotgraph.deploy.undo.services import SERVICE
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import (
    ApplyError,
    CallFailedError,
    ChangedSinceError,
    RefusedError,
    reason_of,
)
from jotgraph.plan.outcome import UndoOutcome, UndoReceipt, UndoStatus
from jotgraph.records import Kind, ResourceId, kind_of
from jotgraph.sources.connections import connected
from jotgraph.store.audit import Auditing
from jotgraph.store.journal import Journal, find_run, journal_path
from jotgraph.store.journal_lines import FINAL, read_lines

DECIDERS: Mapping[Kind, Callable[[Undoing, ResourceId], Todo]] = {
    Kind.WORKLOAD: SERVICE,
    Kind.ALIAS: ALIAS,
    Kind.VERSION: VERSION,
    Kind.FUNCTION: FUNCTION,
    Kind.ECR_IMAGE: IMAGE,
    Kind.ECR_REPO: REPOSITORY,
    Kind.LOCAL_IMAGE: LOCAL_IMAGE,
    Kind.ROLE: ROLE,
}
"""How to undo each kind that a run creates."""


_UNDONE_BEFORE = "this undo undid it before; what exists now was created since, and is kept"


def made_things(run: str) -> bool:
    """Return whether a run of this machine created things, rather than deleted or quarantined them.
    Raises UnknownRunError, ApplyError."""
    return is_making(read_lines(journal_path(find_run(run))).entries)


def undo_making(
    run: str,
    clients: Clients,
    *,
    patience: float = 60.0,
    only_look: bool = False,
    auditing: Auditing | None = None,
) -> UndoReceipt:
    """Undo what a run created, in reverse order, or resume an interrupted undo. ``only_look``:
    report what would be done, and do nothing. Of a damaged journal the complete lines count. Raises
    ApplyError for an unknown run, or one in progress."""
    folder = find_run(run)
    with (
        connected(clients) as connections,
        Journal(folder, damaged=True, auditing=auditing) as journal,
    ):
        if not only_look:
            journal.note_who("undo", connections.callers)
        undoing = Undoing.begin(connections, journal, patience)
        try:
            made = reversed(candidates(undoing))
            todo = sorted(made, key=lambda resource: ORDER[kind_of(resource)])
        except CallFailedError as error:
            raise ApplyError(f"what run {run} made cannot be seen: {reason_of(error)}") from error
        outcomes = tuple(_one(undoing, resource, only_look=only_look) for resource in todo)
        if not only_look:
            _close(journal)
        return UndoReceipt(run=folder.name, outcomes=outcomes, damage=journal.damage)


def _close(journal: Journal) -> None:
    """Write the outcome of interrupted calls that left nothing by themselves. These are uploads of
    layer parts, which ECR discards, and resources that were checked by number or tag."""
    for intent in journal.unanswered():
        because = "undo checked its outcome"
        journal.add("outcome", number=intent.number, result="lost", because=because)


def _states(undoing: Undoing, resource: ResourceId) -> dict[str, Any]:
    """The states before and after the undo, by which earlier runs know that a resource is as they
    left it."""
    if kind_of(resource) not in (Kind.ALIAS, Kind.FUNCTION):
        return {}
    try:
        now = present_state(undoing, resource)
    except CallFailedError:
        return {}
    return {"before": undoing.found(resource), "now": now}


def _one(undoing: Undoing, resource: ResourceId, *, only_look: bool) -> UndoOutcome:
    """The outcome for one resource."""
    is_final = False
    try:
        todo = DECIDERS[kind_of(resource)](undoing, resource)
        if todo.do is not None and undoing.is_taken_back(resource):
            todo = nothing(UndoStatus.CANNOT, _UNDONE_BEFORE)
        if todo.do is None:
            status, because, is_final = todo.status, todo.words, todo.is_final
        elif only_look:
            status, because = UndoStatus.THERE, f"undo would {todo.words}"
        else:
            status, because = todo.status, todo.do()
    except RefusedError as refused:
        status, because = UndoStatus.CANNOT, str(refused)
        is_final = isinstance(refused, ChangedSinceError)
    except (CallFailedError, ApplyError) as error:
        status, because = UndoStatus.FAILED, reason_of(error)
    if not only_look:
        undoing.journal.close_lost(resource, because)
        params = _states(undoing, resource) if status is UndoStatus.RESTORED else {}
        params |= {FINAL: True} if is_final else {}
        undoing.journal.add(
            "undo", steps=(resource,), result=status, because=because, params=params
        )
    return UndoOutcome(id=resource, status=status, because=because)
