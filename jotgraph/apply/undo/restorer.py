"""One resource to restore: what is known about it, and journalled calls to create it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from jotgraph.apply.backup import Copies
from jotgraph.apply.backup.purged import without_backup
from jotgraph.apply.locks import BEFORE
from jotgraph.apply.session import Session
from jotgraph.apply.undo.suspects import since_deleted
from jotgraph.errors import ApplyError, CallFailedError, UnrestorableError
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import ResourceId, place_of, trigger_id
from jotgraph.records.quarantine import is_mark
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.store.journal import Journal

LOAD = "docker:POST /images/load"
_MAKING = frozenset(
    {
        "iam:CreateRole", "ecr:CreateRepository", "ecr:PutImage", "lambda:CreateFunction",
        "lambda:CreateAlias", "lambda:CreateEventSourceMapping", "logs:CreateLogGroup", LOAD,
    }
)  # fmt: skip
"""Calls after which a resource exists and may be incomplete."""
_ALREADY = frozenset(
    {
        "EntityAlreadyExists", "RepositoryAlreadyExistsException", "ImageAlreadyExistsException",
        "LayerAlreadyExistsException", "ResourceConflictException", "ResourceConflict",
        "ResourceAlreadyExistsException",
    }
)  # fmt: skip
"""Error codes of IAM, ECR and Lambda for a resource that exists (for Lambda see ``_exists``)."""


class Restorer:
    """One resource to restore."""

    def __init__(
        self, session: Session, copies: Copies, resource: ResourceId, gone: frozenset[ResourceId]
    ) -> None:
        self.session, self.copies = session, copies
        self.id = resource
        self.gone = gone
        """Everything that the run deleted."""
        self.trouble: list[str] = []
        """Parts that could not be restored: the resource exists and is incomplete."""
        self.resuming = _resuming(session.journal, resource)
        """Whether an earlier, interrupted undo created it without completing it."""

    @cached_property
    def answers(self) -> Any:
        """Return its description in the backup. Raises UnrestorableError when there is none."""
        answers = self.backup_of(self.id)
        if answers is None:
            raise self.without_backup()
        return answers

    @property
    def kept_configuration(self) -> str:
        """Where the configuration of what does not come back is, in words."""
        if self.backup_of(self.id) is None:
            return without_backup(self.session.journal.entries)
        return "its configuration is in the backup"

    def without_backup(self) -> UnrestorableError:
        """That there is no copy of it, and why."""
        return UnrestorableError(without_backup(self.session.journal.entries))

    def backup_of(self, resource: ResourceId) -> Any:
        """Return another resource's description in the backup, or None. Raises ApplyError when it
        cannot be read."""
        return self.copies.answers(resource)

    def require_sound_copy(self) -> None:
        """Raise ApplyError when a file of its copy is damaged. Copies made before 0.2 do not list
        their files."""
        if self.copies.marked(self.id) and (why := self.copies.trouble(self.id)):
            raise ApplyError(f"its copy is damaged: {why}")

    @property
    def made(self) -> bool:
        """Return whether an earlier undo created it."""
        ends = (UndoStatus.RESTORED, UndoStatus.THERE)
        entries = since_deleted(self.session.journal, self.id)
        return any(entry.what == "undo" and entry.result in ends for entry in entries)

    @cached_property
    def before(self) -> Mapping[str, Any]:
        """Return its state before a quarantine, if it was deleted from one; otherwise empty."""
        written = [entry.params for entry in self.session.journal.entries if entry.what == BEFORE]
        return next((before[self.id] for before in reversed(written) if self.id in before), {})

    def tags(self, tags: Any) -> Any:
        """Return the tags to set: without those of AWS and of a quarantine."""
        own = own_tags(tags)
        if not self.before:
            return own
        if isinstance(own, dict):
            return {key: value for key, value in own.items() if not is_mark(key)}
        return [tag for tag in own if not is_mark(tag["Key"])]

    @property
    def client(self) -> RegionClient:
        return self.session.client(self.id)

    def ask(self, service: str, action: str, *, once: bool = False, **params: Any) -> Any:
        """Make a journalled call; with ``once``, return None when what it creates exists already.
        An interrupted undo may have created it. Raises CallFailedError."""
        try:
            return self.session.call((self.id,), service, action, **params)
        except CallFailedError as error:
            if once and self.resuming and _exists(error):
                return None
            raise

    def attempt(self, service: str, action: str, **params: Any) -> Any:
        """Call ``ask`` with ``once`` for one part: a failure is noted, and the rest continues."""
        try:
            return self.ask(service, action, once=True, **params)
        except CallFailedError as error:
            self.trouble.append(error.failure.detail)
            return None

    def note(self, resource: ResourceId, **facts: str) -> None:
        """Write to the journal what a later undo has to know about a resource."""
        self.session.journal.add("note", steps=(resource,), params=facts)

    def noted(self, fact: str, of: ResourceId | None = None) -> str:
        """Return the last noted value of a fact about a resource (by default this one), or
        empty."""
        notes = [
            str(entry.params[fact])
            for entry in since_deleted(self.session.journal, of or self.id)
            if entry.what == "note" and fact in entry.params
        ]
        return notes[-1] if notes else ""

    @property
    def present_id(self) -> ResourceId:
        """Return the id that the resource has now: a trigger gets another one when created
        again."""
        uuid = self.noted("uuid")
        return trigger_id(*place_of(self.id), uuid) if uuid else self.id


def own_tags(tags: Any) -> Any:
    """Return tags without those that AWS sets itself (prefix ``aws:``), from a list of Key/Value
    pairs or a mapping."""
    if isinstance(tags, dict):
        return {key: value for key, value in tags.items() if not key.startswith("aws:")}
    return [tag for tag in tags or () if not tag["Key"].startswith("aws:")]


def _resuming(journal: Journal, resource: ResourceId) -> bool:
    failed = {
        entry.number
        for entry in journal.entries
        if entry.what == "outcome" and entry.result == "failed"
    }
    resuming = False
    for entry in since_deleted(journal, resource):
        if entry.what == "intent" and entry.call in _MAKING and entry.number not in failed:
            resuming = True
        elif entry.what == "undo" and entry.result in (UndoStatus.RESTORED, UndoStatus.THERE):
            resuming = False
    return resuming


def _exists(error: CallFailedError) -> bool:
    """Whether a call failed because what it creates exists. Lambda uses the same code while an
    update is in progress."""
    failure = error.failure
    lambdas = not failure.code.startswith("ResourceConflict")
    return failure.code in _ALREADY and (lambdas or failure.says_it_exists)
