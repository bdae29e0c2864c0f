"""What every part of an undo shares: the run's journal, and the second look of a deletion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from jotgraph.analysis.usage import Options
from jotgraph.apply.run import Run as Deleting
from jotgraph.apply.session import Session
from jotgraph.deploy.run import RUN_TAG, Made
from jotgraph.plan import Plan, Step, fingerprint
from jotgraph.plan.fingerprints import CALLERS
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import Alias, Function, Record, ResourceId, Scope, Version, kind_of
from jotgraph.sources.connections import Connections
from jotgraph.store.journal import Entry, Journal

YOUNG = (
    "age-young", "kept-newest", "kept-recent", "kept-tag", "pulled", "pulls-hidden", "role-used",
    "role-young", "used-lately",
)  # fmt: skip
"""Doubts about what is new or was lately used: it was made by the run that is undone, which may
have tried it too. Whether anything uses it now is asked all the same."""
UNCOUNTED = ("invocations-unread", "no-caller-known")
"""How often it was called, and whether its ARN is called, is no reason for it to stay: who may call
it now is looked at."""


@dataclass(frozen=True)
class Undoing:
    """One run that is taken back."""

    session: Session

    @classmethod
    def begin(cls, connections: Connections, journal: Journal, patience: float) -> Undoing:
        return cls(Session(connections, journal, patience))

    @property
    def journal(self) -> Journal:
        return self.session.journal

    @property
    def run(self) -> str:
        return self.session.run

    @property
    def description(self) -> str:
        """The description of versions and aliases that the run created."""
        return f"jotgraph {self.run}"

    def is_ours(self, tags: Mapping[str, str]) -> bool:
        """Whether a resource with these tags was created by the run."""
        return tags.get(RUN_TAG) == self.run

    def calls(self, resource: ResourceId, *calls: str) -> list[Entry]:
        """Calls that the run announced about a resource, without those of its undo."""
        entries = self.journal.entries
        ends = [
            number
            for number, entry in enumerate(entries)
            if entry.what == "by" and entry.call == "undo"
        ]
        made = entries[: ends[0]] if ends else entries
        return [
            entry
            for entry in made
            if entry.what == "intent" and resource in entry.steps and entry.call in calls
        ]

    def made(self, resource: ResourceId) -> list[Entry]:
        """What the run wrote of a resource that it created or changed."""
        return [
            entry
            for entry in self.journal.entries
            if entry.what == "made" and resource in entry.steps and entry.result != Made.THERE
        ]

    def left(self, resource: ResourceId) -> Mapping[str, Any]:
        """How the run left a resource; empty where it was stopped before it wrote that."""
        lines = self.made(resource)
        return (lines[-1].params.get("now") or {}) if lines else {}

    def has_begun(self, resource: ResourceId) -> bool:
        """Whether this undo announced a call about a resource before."""
        whole = [entry for entry in self.journal.entries if entry.what == "intent"]
        ours = self.calls(resource, *{entry.call for entry in whole})
        return len([entry for entry in whole if resource in entry.steps]) > len(ours)

    def is_taken_back(self, resource: ResourceId) -> bool:
        """Whether an undo of this run came to its end with a resource before, by calls of its own:
        what is there by now is somebody else's."""
        ended = (UndoStatus.REMOVED, UndoStatus.RESTORED)
        return self.has_begun(resource) and any(
            entry.what == "undo" and resource in entry.steps and entry.result in ended
            for entry in self.journal.entries
        )

    def deletion(self, record: Record) -> tuple[Deleting, Step]:
        """A run that deletes this one resource, and its step: by it the same functions ask what
        uses it that ask before any other deletion."""
        now = datetime.now(UTC)
        if isinstance(record, Function):  # as the run made it: nobody else may call it
            record = msgspec.structs.replace(record, policy="", urls=())
        facts = dict(fingerprint(record))
        if isinstance(record, Alias | Version):
            facts[CALLERS] = ""
        step = Step(
            id=record.id,
            action=ACTIONS[kind_of(record.id)],
            because=f"run {self.run} created it",
            fingerprint=tuple(sorted(facts.items())),
            doubts=UNCOUNTED,
        )
        accounts = self.session.connections.accounts
        plan = Plan(
            asked=f"jotgraph undo {self.run}",
            made_at=now,
            expires_at=now + LIFETIME,
            taken_at=now,
            scope=Scope(
                accounts=tuple(sorted(accounts)),
                places=tuple(sorted((name, at.region) for name, at in accounts.items())),
            ),
            complete=True,
            options=Options(ignore=YOUNG),
            steps=(step,),
        )
        return Deleting(plan, self.session, backup=False), step
