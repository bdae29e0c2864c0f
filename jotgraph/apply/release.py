"""Releases everything that a run put in quarantine, in reverse order.

Roles come first, then images, then functions, and triggers last: nothing is called before what it
needs is restored. Repeating the command resumes; what was restored is left alone.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack, suppress
from pathlib import Path

from jotgraph.apply.quarantine.marks import before_by_marks, note, require_name
from jotgraph.apply.quarantine.restore import RESTORE_SECONDS, put_back, start
from jotgraph.apply.session import Session
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError, CallFailedError, RefusedError, UnknownRunError, reason_of
from jotgraph.plan.outcome import ReleaseOutcome, ReleaseReceipt, ReleaseStatus
from jotgraph.records import (
    Function,
    Kind,
    ResourceId,
    Trigger,
    digest_of,
    function_of,
    kind_of,
    place_of,
)
from jotgraph.records.references import ecr_reference, lambda_target, role_of
from jotgraph.sources.connections import connected
from jotgraph.sources.single import versions
from jotgraph.store.audit import Auditing
from jotgraph.store.folders import runs_folder
from jotgraph.store.holdings import Holding, holdings
from jotgraph.store.journal import Journal, find_run, journal_path
from jotgraph.store.journal_lines import read_lines, titles_in


def release(
    run: str,
    clients: Clients,
    *,
    patience: float = RESTORE_SECONDS,
    auditing: Auditing | None = None,
    marked: Collection[ResourceId] = (),
) -> ReleaseReceipt:
    """Restore everything that a run put in quarantine.

    Images take up to 20 minutes and are restored in parallel. Without a journal on this machine,
    what is ``marked`` is restored by its marks. Raises UnknownRunError, and ApplyError for a run
    that put nothing in quarantine; nothing was written then.
    """
    folder = _folder(run, marked)
    with ExitStack() as stack:
        connections = stack.enter_context(connected(clients))
        before = before_by_marks(connections, run, marked)
        journal = stack.enter_context(Journal(folder, damaged=True, auditing=auditing))
        note(journal, before)
        touched = [entry.steps[0] for entry in journal.entries if entry.what == "hold"]
        if not touched and journal.damage:
            raise ApplyError(
                f"{journal.path} is damaged: {journal.damage}; it names nothing in quarantine"
            )
        if not touched:
            raise ApplyError(
                f"run {run} put nothing in quarantine; jotgraph undo restores what a run deleted"
            )
        journal.note_who("release", connections.callers)
        unreleased = holdings(run, journal.entries)
        session = Session(connections, journal, patience)
        outcomes = _all(session, list(reversed(unreleased.values())))
        over = [
            _ended(journal, resource)
            for resource in dict.fromkeys(touched)
            if resource not in unreleased
        ]
        return ReleaseReceipt(
            run=run,
            outcomes=(*outcomes, *over),
            damage=journal.damage,
            titles=titles_in(journal.entries),
        )


def accounts_of(run: str, marked: Collection[ResourceId] = ()) -> frozenset[str]:
    """Return the accounts of what a run put in quarantine, by ``marked`` or by its journal. Raises
    UnknownRunError."""
    folder = _folder(run, marked)
    entries = () if marked else read_lines(journal_path(folder)).entries
    quarantined = {step for entry in entries if entry.what == "hold" for step in entry.steps}
    return frozenset(place_of(resource).account for resource in {*quarantined, *marked})


def _folder(run: str, marked: Collection[ResourceId]) -> Path:
    """A run's folder, created if this machine does not know the run. Raises UnknownRunError, and
    ApplyError for text that is not the name of a run."""
    if marked:
        require_name(run)
        return runs_folder() / run
    try:
        return find_run(run)
    except UnknownRunError as error:
        where = "on another machine, name what it marked: --marked function:NAME --marked role:NAME"
        raise UnknownRunError(f"{error}; {where}") from error


def _ended(journal: Journal, resource: ResourceId) -> ReleaseOutcome:
    """The outcome for a resource that the run no longer holds."""
    ends = [
        entry
        for entry in journal.entries
        if resource in entry.steps and entry.what in ("free", "gone")
    ]
    if ends[-1].what == "free":
        because = "already restored"
        return ReleaseOutcome(id=resource, status=ReleaseStatus.THERE, because=because)
    by = ends[-1].params["run"]
    because = f"run {by} deleted it: jotgraph undo {by} restores it"
    return ReleaseOutcome(id=resource, status=ReleaseStatus.CHANGED, because=because)


def _all(session: Session, unreleased: list[Holding]) -> list[ReleaseOutcome]:
    for holding in unreleased:
        with suppress(CallFailedError, ApplyError):  # it is tried again in its turn, and said then
            start(session, holding)
    outcomes: list[ReleaseOutcome] = []
    absent: set[ResourceId] = set()
    for holding in unreleased:
        outcome = _one(session, holding, absent)
        if outcome.status is not ReleaseStatus.RELEASED and not _awake(session, outcome):
            absent.add(holding.id)
        outcomes.append(outcome)
    return outcomes


def _awake(session: Session, outcome: ReleaseOutcome) -> bool:
    """Whether a function was set to run by somebody else, so that its triggers need not wait."""
    if outcome.status is not ReleaseStatus.CHANGED or kind_of(outcome.id) is not Kind.FUNCTION:
        return False
    try:
        function = session.read(outcome.id)
    except (CallFailedError, ApplyError):
        return False
    return isinstance(function, Function) and function.concurrency != 0


def _one(session: Session, holding: Holding, absent: Collection[ResourceId]) -> ReleaseOutcome:
    try:
        missing = [r for r in _needed(session, holding.id, absent) if r in absent]
        if missing:
            status, because = ReleaseStatus.FAILED, f"it needs {missing[0]}, which is not restored"
        else:
            status, because = ReleaseStatus.RELEASED, put_back(session, holding)
    except RefusedError as refused:
        status, because = ReleaseStatus.CHANGED, str(refused)
    except Exception as error:  # whatever it was: the others are to come back, too
        status, because = ReleaseStatus.FAILED, reason_of(error)
    with suppress(ApplyError):  # the disk is full: that is no reason to leave the rest asleep
        session.journal.close_lost(holding.id, because)
        session.journal.add("release", steps=(holding.id,), result=status, because=because)
    return ReleaseOutcome(id=holding.id, status=status, because=because)


def _needed(
    session: Session, resource: ResourceId, absent: Collection[ResourceId]
) -> list[ResourceId]:
    """What a function with its versions assumes and runs, or what a trigger calls. Raises
    CallFailedError."""
    if kind_of(resource) not in (Kind.FUNCTION, Kind.TRIGGER):
        return []
    record = session.read(resource)
    needed: list[ResourceId | None] = []
    if isinstance(record, Function):
        image = ecr_reference(record.resolved_image_uri)
        needed.append(role_of(record.role_arn))
        if image:
            needed.append(image.image_id)
        if record.concurrency == 0:
            needed += _of_versions(session, record, absent)
    elif isinstance(record, Trigger):
        target = lambda_target(record.function_arn)
        needed.append(function_of(target) if target else None)
    return [need for need in needed if need]


def _of_versions(
    session: Session, function: Function, absent: Collection[ResourceId]
) -> list[ResourceId]:
    """Those of the ``absent`` images that a function's versions run, which share its
    concurrency."""
    images = {digest_of(r): r for r in absent if kind_of(r) is Kind.ECR_IMAGE}
    if not images:
        return []
    published = versions(session.connections, function.id)
    return [images[version.image_digest] for version in published if version.image_digest in images]
