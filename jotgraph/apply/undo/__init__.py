"""Restore what a run deleted, from its journal and backup, as far as AWS allows.

In the reverse order of the deletion, one module a service. What cannot come back is said: a version
gets a new number, a role another id, a function URL another host name.
Every call is in the run's journal before it is made, so that the same command goes on where an
undo was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from jotgraph.apply import iam
from jotgraph.apply.backup import Copies
from jotgraph.apply.lambda_ import UPDATE
from jotgraph.apply.session import Session
from jotgraph.apply.undo import access, ecr, engine, functions, roles, triggers, versions
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError, UnrestorableError
from jotgraph.failures import CallFailedError, reason_of
from jotgraph.plan.outcome import Status, UndoOutcome, UndoReceipt, UndoStatus
from jotgraph.records import Kind, ResourceId, function_of, kind_of
from jotgraph.records.references import lambda_target
from jotgraph.sources.connections import connected
from jotgraph.store.journal import Journal, find_run


def undo(run: str, clients: Clients, *, patience: float = 60.0) -> UndoReceipt:
    """Make again what a run deleted, last first; go on with an undo that was interrupted.

    ``patience`` is how long to wait, in seconds, until a function that was made is active and until
    Lambda believes that its role exists. Raises ApplyError for a run that is not known.
    """
    with connected(clients) as connections, Journal(find_run(run)) as journal:
        if any(entry.what == "hold" for entry in journal.entries):
            raise ApplyError(
                f"run {run} deleted nothing, it only put resources in quarantine: "
                f"jotgraph release {run}"
            )
        session = Session(connections, journal, patience)
        gone, copies = _gone(journal), Copies(journal.folder)
        outcomes = [*_crippled(session, gone), *_disabled(session, gone)]
        replaced: set[ResourceId] = set()
        for resource in reversed(gone):
            restorer = Restorer(session, copies, resource, frozenset(gone))
            outcomes.append(_one(restorer, replaced))
        return UndoReceipt(run=run, outcomes=tuple(outcomes))


def kinds_of(run: str) -> frozenset[Kind]:
    """Kinds of what a run was about. Raises ApplyError for a run that is not known."""
    with Journal(find_run(run)) as journal:
        return frozenset(kind_of(step) for entry in journal.entries for step in entry.steps)


def _gone(journal: Journal) -> dict[ResourceId, None]:
    """What the run deleted, in order."""
    gone: dict[ResourceId, None] = {}
    for entry in journal.entries:
        for step in entry.steps if entry.what == "step" else ():
            gone.pop(step, None)
            if entry.result == Status.DONE:
                gone[step] = None
    return gone


def _crippled(session: Session, gone: Collection[ResourceId]) -> list[UndoOutcome]:
    """Make roles whole that the run took policies from and did not delete."""
    crippled: dict[ResourceId, None] = {}
    for entry in session.journal.entries:
        if entry.what == "intent" and entry.call in (iam.DETACH, iam.DROP, iam.LEAVE):
            crippled |= dict.fromkeys(role for role in entry.steps if role not in gone)

    def restore(role: ResourceId) -> str:
        iam.restore(session, role)
        return "it has all its policies"

    return [_mended(role, restore) for role in crippled]


def _disabled(session: Session, gone: Collection[ResourceId]) -> list[UndoOutcome]:
    """Enable triggers again that the run disabled and, killed, did not delete."""
    enabled: dict[ResourceId, bool] = {}
    for entry in session.journal.entries:
        if entry.what == "intent" and entry.call == UPDATE:
            state = entry.params["Enabled"]
            enabled |= {trigger: state for trigger in entry.steps if trigger not in gone}
    disabled = [trigger for trigger, state in enabled.items() if not state]
    return [_mended(trigger, lambda it: triggers.enable(session, it)) for trigger in disabled]


def _mended(resource: ResourceId, mend: Callable[[ResourceId], str]) -> UndoOutcome:
    """Make something whole that is there."""
    try:
        because = mend(resource)
    except (ApplyError, CallFailedError) as error:
        return UndoOutcome(id=resource, status=UndoStatus.FAILED, because=str(error))
    return UndoOutcome(id=resource, status=UndoStatus.THERE, because=because)


def _one(restorer: Restorer, replaced: set[ResourceId]) -> UndoOutcome:
    """Make one again. ``replaced`` are names that somebody gave to something else since."""
    try:
        status, because = _restored(restorer, replaced)
    except UnrestorableError as error:
        status, because = UndoStatus.CANNOT, str(error)
    except (CallFailedError, ApplyError) as error:
        status, because = UndoStatus.FAILED, reason_of(error)
    journal = restorer.session.journal
    journal.close_lost(restorer.id, because)
    journal.add("undo", steps=(restorer.id,), result=status, because=because)
    return UndoOutcome(id=restorer.id, status=status, because=because)


def _restored(restorer: Restorer, replaced: set[ResourceId]) -> tuple[UndoStatus, str]:
    if _is_there(restorer) and not restorer.resuming:
        if kind_of(restorer.id) not in _NAMED or restorer.made:
            return UndoStatus.THERE, "it exists"
        replaced.add(restorer.id)
        raise UnrestorableError("another one with its name was created since, and is left as it is")
    if (function := _function_of(restorer)) in replaced:
        raise UnrestorableError(f"{function} is another one now, and nothing is attached to it")
    restorer.require_sound_copy()
    because = MAKERS[kind_of(restorer.id)](restorer)
    if not _is_there(restorer):
        return UndoStatus.FAILED, "it was created but cannot be found"
    if restorer.trouble:
        return UndoStatus.FAILED, f"it exists, but is incomplete: {'; '.join(restorer.trouble)}"
    return UndoStatus.RESTORED, because


def _function_of(restorer: Restorer) -> ResourceId | None:
    """The function of an alias, or that a trigger calls."""
    if kind_of(restorer.id) is Kind.ALIAS:
        return function_of(restorer.id)
    if kind_of(restorer.id) is Kind.TRIGGER:
        target = lambda_target(restorer.answers["GetEventSourceMapping"]["FunctionArn"])
        return function_of(target) if target else None
    return None


def _is_there(restorer: Restorer) -> bool:
    """Whether it is there, a trigger under the id that an undo gave it."""
    new = restorer.noted("uuid")
    return restorer.session.read(restorer.sibling(new) if new else restorer.id) is not None


_NAMED = frozenset({Kind.FUNCTION, Kind.ALIAS, Kind.ROLE, Kind.ECR_REPO})
"""Kinds of which another one may have the same id: what a run deleted is proven to be gone, so what
is there now, and no undo made, is another one."""

MAKERS: Mapping[Kind, Callable[[Restorer], str]] = {
    Kind.ROLE: roles.role,
    Kind.ECR_REPO: ecr.repository,
    Kind.ECR_IMAGE: ecr.image,
    Kind.FUNCTION: functions.function,
    Kind.VERSION: versions.version,
    Kind.ALIAS: access.alias,
    Kind.TRIGGER: triggers.trigger,
    Kind.CONTAINER: engine.container,
    Kind.LOCAL_IMAGE: engine.local_image,
}
"""How each kind that may be deleted is made again."""
