"""A run that creates things: its name, its journal, and the result for each resource.

The journal has the format of a deletion's (``store.journal``), in ``<state folder>/runs/<run>``.
Its first line is ``make``; a line ``made`` has the result for each resource, and the last line is
``finished``. The name comes from the command and its subject, so the same command resumes an
unfinished run, and starts a new one after a run that finished or whose undo began.

Two machines give the same command the same name. What a run creates is therefore marked with its
identity: the name, and random digits that are in its first line alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jotgraph.apply.session import Session
from jotgraph.clients import Clients
from jotgraph.deploy.journals import (
    begin,
    description_of,
    finish,
    identity_of,
    is_making,
    is_unfinished,
    opened,
)
from jotgraph.errors import ADVICE, ApplyError, CallFailedError, OptionError
from jotgraph.queries.answers.making import Made
from jotgraph.records import ResourceId
from jotgraph.sources.connections import Connections, connected
from jotgraph.store.audit import Auditing, who
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, JournalLine

T = TypeVar("T")

__all__ = [
    "RUN_TAG",
    "Made",
    "Run",
    "description_of",
    "identity_of",
    "is_making",
    "place_of_run",
    "run_base",
    "running",
]

RUN_TAG = "jotgraph:run"
"""Tag of everything that AWS can tag at creation; its value is the run's identity."""


@dataclass(frozen=True)
class Run:
    """One run that creates things; the stages use it to write to its journal."""

    command: str
    subject: Mapping[str, str]
    session: Session
    resumed: bool = False
    """Whether it resumes a run that was interrupted or failed."""
    tell: Callable[[str], None] = field(default=lambda words: None, repr=False)
    """Called with a line about what is done, before anything that takes more than a moment."""

    @property
    def name(self) -> str:
        return self.session.run

    @property
    def journal(self) -> Journal:
        return self.session.journal

    @property
    def connections(self) -> Connections:
        return self.session.connections

    @property
    def identity(self) -> str:
        """The identity that distinguishes this run from those of the same name on other
        machines."""
        return identity_of(self.name, self.journal.entries)

    @property
    def tags(self) -> dict[str, str]:
        """The tag for everything that can be tagged at creation."""
        return {RUN_TAG: self.identity}

    @property
    def description(self) -> str:
        """The description of versions and aliases that it creates, which cannot be tagged."""
        return description_of(self.identity)

    @property
    def place(self) -> tuple[str, str]:
        """The account and region of names without one. Raises OptionError when that is not exactly
        one, ApplyError when nobody is signed in."""
        return place_of_run(self.connections)

    def is_ours(self, tags: Mapping[str, str] | None) -> bool:
        """Return whether this run created a resource with these tags."""
        return (tags or {}).get(RUN_TAG) == self.identity

    def call_engine(
        self,
        resources: tuple[ResourceId, ...],
        call: str,
        params: Mapping[str, Any],
        do: Callable[[], T],
        kept: Mapping[str, Any] | None = None,
    ) -> T:
        """Make one journalled call that is not of AWS: of the Docker engine, or on files.
        ``params`` may hold no secret. Raises what ``do`` raises."""
        return self.journal.call(resources, call, params, do, kept)

    def made(
        self,
        resource: ResourceId,
        result: Made,
        *,
        before: Mapping[str, Any] | None = None,
        now: Mapping[str, Any] | None = None,
        because: str = "",
    ) -> Made:
        """Record the result for a resource, once, and return it. What an interrupted attempt
        created stays *created*, although it exists by now. Calls on it that a crash interrupted are
        closed."""
        earlier = self.made_before(resource)
        self.journal.close_lost(resource, f"the same run went on: {result}")
        if earlier and (result is Made.THERE or _same(earlier, result, before, now)):
            return self._whole_result(resource)
        params = {"before": dict(before or {}), "now": dict(now or {})}
        self.journal.add(
            "made", steps=(resource,), result=str(result), params=params, because=because
        )
        return self._whole_result(resource)

    def made_before(self, resource: ResourceId) -> JournalLine | None:
        """Return the last line of this run that says it created or changed a resource."""
        lines = self._made_lines(resource)
        return next((line for line in reversed(lines) if line.result != Made.THERE), None)

    def _made_lines(self, resource: ResourceId) -> list[JournalLine]:
        return [
            entry
            for entry in self.journal.entries
            if entry.what == "made" and resource in entry.steps
        ]

    def _whole_result(self, resource: ResourceId) -> Made:
        """The result for a resource over all attempts of this run."""
        results = {line.result for line in self._made_lines(resource)}
        return next(result for result in Made if result in results)

    def unproven(self, resource: ResourceId, *calls: str) -> JournalLine | None:
        """Return the last of these calls on a resource that may have taken effect unnoticed: it has
        no outcome, was lost, or failed."""
        intents = self.journal.intents(resource, *calls)
        if not intents:
            return None
        done = {
            entry.number
            for entry in self.journal.entries
            if entry.what == "outcome" and entry.result == "done"
        }
        return None if intents[-1].number in done else intents[-1]


@contextmanager
def running(
    command: str,
    subject: Mapping[str, str],
    clients: Clients,
    *,
    patience: float = 60.0,
    auditing: Auditing | None = None,
    tell: Callable[[str], None] | None = None,
) -> Iterator[Run]:
    """Start a run that creates things, or resume an unfinished one.

    ``subject`` says what it is about (function, image, alias): the same subject in the same account
    and region is the same run. It ends as finished unless the block raises. ``patience`` is how
    long to wait, in seconds, for effects. Raises ApplyError when the run is in progress in another
    process, when its journal is damaged or cannot be written, when nobody is signed in, and for a
    call that failed in the block.
    """
    with connected(clients) as connections:
        _require_signed_in(clients, connections)
        base = run_base(command, {**subject, **_placed(connections)})
        with opened(base, auditing) as journal:
            resumed = is_making(journal.entries)
            begin(journal, command, subject, who(connections.callers, auditing), resumed=resumed)
            session = Session(connections, journal, patience)
            run = Run(command, dict(subject), session, resumed, tell or (lambda words: None))
            if not resumed:
                _tell_unfinished(run)
            try:
                yield run
            except CallFailedError as error:
                raise ApplyError(_said(error, command)) from error
            finish(journal)


def _tell_unfinished(run: Run) -> None:
    """Report interrupted runs of the same command on the same function or folder with other
    options, which nothing resumes."""
    about = next((key for key in ("function", "service", "folder") if run.subject.get(key)), "")
    for folder in sorted(runs_folder().iterdir()) if about else ():
        if folder.name != run.name and is_unfinished(
            folder, run.command, (about, run.subject[about])
        ):
            run.tell(
                f"run {folder.name} of {run.command}, which asked for something else, was "
                f"interrupted: jotgraph undo {folder.name} takes back what it made"
            )


def _said(error: CallFailedError, command: str) -> str:
    """Why a call failed that a run needs, with what to do."""
    reason = error.failure.reason
    advice = {
        "denied": f"allow the action (jotgraph policy {command} prints the policy)",
        "credentials": ADVICE["credentials"],
    }
    next_step = advice.get(reason, "run the same command again to go on")
    return f"{error.failure.message}; {next_step}"


def run_base(command: str, subject: Mapping[str, str]) -> str:
    """Return the name of the first run of a command on a subject; later ones end in ``-2``,
    ``-3``."""
    text = json.dumps([command, sorted(subject.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def place_of_run(connections: Connections) -> tuple[str, str]:
    """Return the one account and region that is signed in to. Raises OptionError, ApplyError."""
    if not connections.accounts:
        why = "; ".join(connections.unidentified) or "pass --profile or --region"
        raise ApplyError(f"no AWS account is signed in to: {why}")
    if len(connections.accounts) > 1:
        several = ", ".join(sorted(connections.accounts))
        raise OptionError(f"several accounts are signed in to ({several}); pass one --profile")
    ((account, client),) = connections.accounts.items()
    if len(client.aws.regions) > 1 or client.aws.everywhere:
        raise OptionError("things are made in one region; pass one --region")
    return account, client.region


def _placed(connections: Connections) -> dict[str, str]:
    """The place as part of the subject."""
    return {
        f"in {account}": client.region for account, client in sorted(connections.accounts.items())
    }


def _require_signed_in(clients: Clients, connections: Connections) -> None:
    if clients.aws and not connections.accounts:
        why = "; ".join(connections.unidentified)
        raise ApplyError(f"no AWS account is signed in to: {why}")


def _same(
    earlier: JournalLine,
    result: Made,
    before: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
) -> bool:
    """Whether two lines say the same."""
    recorded = (earlier.result, earlier.params.get("before"), earlier.params.get("now"))
    return recorded == (str(result), dict(before or {}), dict(now or {}))
