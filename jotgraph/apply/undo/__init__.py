"""Restores what a run deleted, from its journal and backup, as far as AWS allows.

Everything that the run announced to delete is looked for, whatever came of the call. The order is
that of the deletion, reversed; there is a module for each service. What cannot be restored is
reported: a version gets a new number, a role another id, a function URL another host name. Every
call is in the run's journal before it is made, so that the same command resumes an interrupted
undo. The plan may have expired or be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jotgraph.apply.backup import Copies
from jotgraph.apply.backup.paths import backup_folder
from jotgraph.apply.backup.purged import purged
from jotgraph.apply.session import Session
from jotgraph.apply.undo import access, ecr, engine, functions, logs, roles, triggers, versions
from jotgraph.apply.undo.identity import is_same, left_by_quarantine
from jotgraph.apply.undo.mending import BY_COPY, MENDERS
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.apply.undo.suspects import has_taken_part, in_backup, touched, was_proven
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError, CallFailedError, UnrestorableError, reason_of
from jotgraph.plan.outcome import UndoOutcome, UndoReceipt, UndoStatus
from jotgraph.records import LOCAL, Kind, Record, ResourceId, function_of, kind_of, place_of
from jotgraph.records.references import lambda_target
from jotgraph.sources.connections import connected
from jotgraph.store.audit import Auditing
from jotgraph.store.encryption import BackupKey
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, find_run, journal_path
from jotgraph.store.journal_lines import JournalLine, read_lines, titles_in


def undo(
    run: str,
    clients: Clients,
    *,
    patience: float = 60.0,
    from_backup: bool = False,
    only_look: bool = False,
    auditing: Auditing | None = None,
    key: BackupKey | None = None,
) -> UndoReceipt:
    """Restore what a run deleted, in reverse order, or resume an interrupted undo.

    ``patience`` is how long to wait, in seconds, until a created function is active and until
    Lambda accepts a created role. ``from_backup``: everything with a copy is looked for, and the
    journal may be damaged or lost. ``only_look``: report what is gone, close interrupted calls, and
    create nothing. ``auditing`` says where lines of the journal are copied to, ``key`` what the
    backup was encrypted with. Raises ApplyError for an unknown run.
    """
    folder = _folder(run, from_backup=from_backup)
    with (
        connected(clients) as connections,
        Journal(folder, damaged=from_backup, auditing=auditing) as journal,
    ):
        if any(entry.what == "hold" for entry in journal.entries):
            raise ApplyError(
                f"run {run} deleted nothing, it only put resources in quarantine: "
                f"jotgraph release {run}"
            )
        journal.note_who("undo", connections.callers)
        session, copies = Session(connections, journal, patience), Copies(folder, key)
        resources = in_backup(journal) if from_backup else touched(journal)
        undoing = Undoing(session, copies, resources, from_backup=from_backup)
        handle = undoing.seen if only_look else undoing.undone
        outcomes = tuple(handle(resource) for resource in reversed(resources))
        titles = titles_in(journal.entries)
        return UndoReceipt(run=run, outcomes=outcomes, damage=journal.damage, titles=titles)


def kinds_of(run: str, *, from_backup: bool = False) -> frozenset[Kind]:
    """Return the kinds of resources in a run. Raises ApplyError for an unknown run."""
    entries, steps = _about(run, from_backup=from_backup)
    kinds = {kind_of(step) for step in steps}
    if any(entry.call.startswith("docker:") for entry in entries):
        kinds.add(Kind.LOCAL_IMAGE)  # a build that was interrupted does not know its image
    return frozenset(kinds)


def accounts_of(run: str, *, from_backup: bool = False) -> frozenset[str]:
    """Return the accounts of resources in a run. Raises ApplyError for an unknown run."""
    _, steps = _about(run, from_backup=from_backup)
    return frozenset(place_of(step).account for step in steps if kind_of(step) not in LOCAL)


def _about(run: str, *, from_backup: bool) -> tuple[Sequence[JournalLine], set[ResourceId]]:
    """The lines of a run's journal, and the resources in them."""
    folder = _folder(run, from_backup=from_backup)
    entries = read_lines(journal_path(folder)).entries
    steps = {step for entry in entries for step in entry.steps}
    if from_backup:
        with Journal(folder, damaged=True) as journal:
            steps.update(in_backup(journal))
    return entries, steps


def _folder(run: str, *, from_backup: bool) -> Path:
    """A run's folder; its journal may be lost. Raises ApplyError."""
    folder = runs_folder() / run
    if from_backup and "/" not in run and backup_folder(folder).is_dir():
        return folder
    return find_run(run)


class Undoing:
    """Everything that a run may have deleted, as it is now."""

    def __init__(
        self,
        session: Session,
        copies: Copies,
        resources: list[ResourceId],
        *,
        from_backup: bool,
    ) -> None:
        self.session, self.copies = session, copies
        self.menders = BY_COPY if from_backup else MENDERS
        self.everything = from_backup
        """Whether a part of anything may have been removed though the journal does not say so."""
        self.replaced: set[ResourceId] = set()
        """Names that somebody gave to another resource since."""
        self.found: dict[ResourceId, Record | Exception | None] = {}
        for resource in resources:
            self.found[resource] = self._look(resource)
        self.gone = frozenset(
            resource
            for resource, record in self.found.items()
            if record is None or was_proven(session.journal, resource)
        )

    def _look(self, resource: ResourceId) -> Record | Exception | None:
        """What exists of a resource (for a trigger under the id from an undo), or why that is
        unknown."""
        restorer = Restorer(self.session, self.copies, resource, frozenset())
        try:
            return self.session.read(restorer.present_id)
        except (CallFailedError, ApplyError) as error:
            return error

    def seen(self, resource: ResourceId) -> UndoOutcome:
        """Return what exists of a resource, without creating anything."""
        present = self.found[resource]
        if isinstance(present, Exception):
            status, because = UndoStatus.FAILED, reason_of(present)
        elif present is None:
            status, because = UndoStatus.GONE, f"it is gone; {self._way_back()}"
        else:
            part = has_taken_part(self.session.journal, resource)
            status = UndoStatus.THERE
            because = "it exists; undo checks whether it is complete" if part else "it exists"
        if not isinstance(present, Exception):
            self.session.journal.close_lost(resource, because)
        return UndoOutcome(id=resource, status=status, because=because)

    def _way_back(self) -> str:
        """What undo would do about what is gone."""
        why = purged(self.session.journal.entries)
        if why and not backup_folder(self.copies.folder).exists():
            return why
        return "undo restores it if that is possible"

    def undone(self, resource: ResourceId) -> UndoOutcome:
        """Create a resource again, or restore its missing parts."""
        restorer = Restorer(self.session, self.copies, resource, self.gone)
        try:
            status, because = self._undo(restorer)
        except UnrestorableError as error:
            status, because = UndoStatus.CANNOT, str(error)
        except Exception as error:  # whatever it was: the others are to come back, too
            status, because = UndoStatus.FAILED, reason_of(error)
        journal = self.session.journal
        journal.close_lost(resource, because)
        journal.add("undo", steps=(resource,), result=status, because=because)
        return UndoOutcome(id=resource, status=status, because=because)

    def _undo(self, restorer: Restorer) -> tuple[UndoStatus, str]:
        present = self.found[restorer.id]
        if isinstance(present, Exception):
            raise present
        if present is not None and not restorer.resuming:
            return UndoStatus.THERE, self._kept(restorer, present)
        if (function := _function_of(restorer)) in self.replaced:
            raise UnrestorableError(
                f"{function} was replaced by another function, so nothing is attached to it"
            )
        restorer.require_sound_copy()
        because = MAKERS[kind_of(restorer.id)](restorer)
        record = self.session.read(restorer.present_id)
        if record is None:
            return UndoStatus.FAILED, "it was created but cannot be found"
        if left := left_by_quarantine(record):
            return UndoStatus.FAILED, left
        if restorer.trouble:
            return UndoStatus.FAILED, f"it exists, but is incomplete: {'; '.join(restorer.trouble)}"
        return UndoStatus.RESTORED, because

    def _kept(self, restorer: Restorer, record: Record) -> str:
        """The outcome for an existing resource, with its missing parts restored. Raises
        UnrestorableError when it is another one of the same name."""
        if restorer.made:
            return "it exists"
        same = is_same(record, restorer.backup_of(restorer.id))
        proven = was_proven(self.session.journal, restorer.id)
        if same is False or (same is None and proven):
            self.replaced.add(restorer.id)
            raise UnrestorableError(
                "another one with its name was created since, and is left as it is"
            )
        part = has_taken_part(self.session.journal, restorer.id)
        taken = self.everything or part or (proven and kind_of(restorer.id) is Kind.ECR_IMAGE)
        mend = self.menders.get(kind_of(restorer.id))
        if taken and mend:
            return mend(restorer)
        if same is None:
            return "it exists, and was changed or created again since"
        return "it exists" if proven else "it exists: it was not deleted"


def _function_of(restorer: Restorer) -> ResourceId | None:
    """The function of an alias, or the one that a trigger calls."""
    if kind_of(restorer.id) is Kind.ALIAS:
        return function_of(restorer.id)
    if kind_of(restorer.id) is Kind.TRIGGER:
        target = lambda_target(restorer.answers["GetEventSourceMapping"]["FunctionArn"])
        return function_of(target) if target else None
    return None


MAKERS: Mapping[Kind, Callable[[Restorer], str]] = {
    Kind.ROLE: roles.role,
    Kind.ECR_REPO: ecr.repository,
    Kind.ECR_IMAGE: ecr.image,
    Kind.FUNCTION: functions.function,
    Kind.VERSION: versions.version,
    Kind.ALIAS: access.alias,
    Kind.TRIGGER: triggers.trigger,
    Kind.LOG_GROUP: logs.log_group,
    Kind.CONTAINER: engine.container,
    Kind.LOCAL_IMAGE: engine.local_image,
}
"""How each deletable kind is created again."""
