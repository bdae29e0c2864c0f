"""What every part of an undo shares: the run's journal, and the checks of a deletion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Any

import msgspec

from jotgraph.analysis.usage import Options
from jotgraph.apply.run import Run as Deleting
from jotgraph.apply.session import Session
from jotgraph.deploy.made_before import is_left, run_that_left, same_states
from jotgraph.deploy.rollout.known import (
    UPDATE_ALIAS,
    UPDATE_CODE,
    UPDATE_SETTINGS,
    changed_facts,
    left_by,
)
from jotgraph.deploy.run import RUN_TAG, Made, description_of, identity_of
from jotgraph.deploy.undo.model import CHANGED_SINCE, Todo, nothing
from jotgraph.deploy.undo.needed import stopped_after
from jotgraph.plan import Plan, Step, fingerprint
from jotgraph.plan.fingerprints import CALLERS
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import (
    Alias,
    Function,
    Record,
    ResourceId,
    Role,
    Scope,
    Version,
    kind_of,
)
from jotgraph.sources.aws.regions import list_regions
from jotgraph.sources.connections import Connections
from jotgraph.store.journal import Journal, JournalLine

YOUNG = (
    "age-young", "kept-newest", "kept-recent", "kept-tag", "pulled", "pulls-hidden", "restored",
    "role-used", "role-young", "used-lately",
)  # fmt: skip
"""Doubts about recent creation and use: the run created the resource itself, and may have tried it.
Present uses are checked all the same."""
UNCOUNTED = ("invocations-unread", "no-caller-known")
"""Past calls are no reason to keep it; present callers are checked."""


@dataclass(frozen=True)
class Undoing:
    """One run that is undone."""

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
    def identity(self) -> str:
        """The identity in the run's marks."""
        return identity_of(self.run, self.journal.entries)

    @property
    def description(self) -> str:
        """The description of versions and aliases that the run created."""
        return description_of(self.identity)

    def is_ours(self, tags: Mapping[str, str]) -> bool:
        """Return whether the run created a resource with these tags."""
        return tags.get(RUN_TAG) == self.identity

    @property
    def _begun(self) -> float:
        """The line with which the first undo of this run began."""
        entries = self.journal.entries
        begun = (entry.line for entry in entries if entry.what == "by" and entry.call == "undo")
        return next(begun, inf)

    def calls(self, resource: ResourceId, *calls: str) -> list[JournalLine]:
        """Return the announced calls on a resource that may have changed something, without those
        of the undo."""
        attempts = self.journal.attempts(resource, *calls)
        return [attempt for attempt in attempts if not self._begun <= attempt.line]

    def made(self, resource: ResourceId) -> list[JournalLine]:
        """Return the recorded results for a resource that the run created or changed."""
        return [
            entry
            for entry in self.journal.entries
            if entry.what == "made" and resource in entry.steps and entry.result != Made.THERE
        ]

    def left(self, resource: ResourceId) -> Mapping[str, Any]:
        """Return how the run left a resource; empty if it was stopped before recording that."""
        return left_by(self.journal, resource, self._begun)

    def found(self, resource: ResourceId) -> Mapping[str, Any]:
        """Return how the run found a resource that it changed."""
        changes = self.calls(resource, UPDATE_ALIAS, UPDATE_SETTINGS, UPDATE_CODE)
        return (changes[0].params.get("kept") or {}) if changes else {}

    def is_as_left(self, resource: ResourceId, now: Mapping[str, Any]) -> bool:
        """Return whether a resource is as the run left it, or as undoing later runs left it. If the
        run was stopped before recording that, whether its settings are as requested."""
        left = self.left(resource)
        if not left:
            return not changed_facts(self.journal, resource, now, self._begun)
        return any(is_left(left, state) for state in same_states(resource, now))

    def changed_since(self, resource: ResourceId, now: Mapping[str, Any]) -> Todo:
        """Return the decision to leave a resource alone, naming who changed it since."""
        later = self.changed_later(resource, now)
        return nothing(UndoStatus.CANNOT, later) if later else CHANGED_SINCE

    def changed_later(self, resource: ResourceId, now: Mapping[str, Any]) -> str:
        """Return the decision for a resource that a later run of this machine changed; None if none
        did."""
        own = [
            entry.at
            for entry in self.journal.entries
            if entry.what in ("intent", "made")
            and resource in entry.steps
            and entry.line < self._begun
        ]
        if not own:
            return ""
        later = run_that_left(resource, now, self.run, max(own)) or stopped_after(
            resource, now, self.run, max(own)
        )
        return f"run {later} changed it since: jotgraph undo {later} first" if later else ""

    def has_begun(self, resource: ResourceId) -> bool:
        """Return whether this undo announced a call on a resource before."""
        return any(
            entry.what == "intent" and resource in entry.steps and self._begun <= entry.line
            for entry in self.journal.entries
        )

    def is_taken_back(self, resource: ResourceId) -> bool:
        """Return whether an undo of this run finished with a resource by calls of its own. What
        exists now was then created by somebody else."""
        ended = (UndoStatus.REMOVED, UndoStatus.RESTORED)
        return self.has_begun(resource) and any(
            entry.what == "undo" and resource in entry.steps and entry.result in ended
            for entry in self.journal.entries
        )

    def places_of_users(self, record: Record) -> set[tuple[str, str]]:
        """The accounts and regions in which what may use a resource is read before it goes: where
        this undo is signed in, and of a role, which is of no region, wherever its account may have
        functions. Which these are may not be readable: then the second look says so."""
        accounts = self.session.connections.accounts
        places = {(account, client.region) for account, client in accounts.items()}
        if isinstance(record, Role):
            enabled = list_regions(self.session.client(record.id)).items
            places |= {(record.account, str(region["RegionName"])) for region in enabled}
        return places

    def deletion(self, record: Record) -> tuple[Deleting, Step]:
        """Return a deletion run for this one resource, and its step, for the checks of
        deletions."""
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
        places = self.places_of_users(record)
        plan = Plan(
            asked=f"jotgraph undo {self.run}",
            made_at=now,
            expires_at=now + LIFETIME,
            taken_at=now,
            scope=Scope(
                accounts=tuple(sorted({account for account, _ in places})),
                places=tuple(sorted(places)),
            ),
            complete=True,
            options=Options(ignore=YOUNG),
            steps=(step,),
        )
        return Deleting(plan, self.session, backup=False), step
