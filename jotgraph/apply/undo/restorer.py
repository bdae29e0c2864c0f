"""One resource to make again: what is known of it, and the journalled calls that make it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from jotgraph.analysis.usage.quarantine import QUARANTINED
from jotgraph.apply.backup import document_path, read_json
from jotgraph.apply.locks import BEFORE
from jotgraph.failures import CallFailedError
from jotgraph.plan.outcome import Status
from jotgraph.records import Kind, ResourceId, key_of, kind_of, trigger_id
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.session import World
from jotgraph.sources.single import parts
from jotgraph.store.journal import Entry, Journal

LOAD = "docker:POST /images/load"
_MAKING = frozenset(
    {
        "iam:CreateRole", "ecr:CreateRepository", "ecr:PutImage", "lambda:CreateFunction",
        "lambda:CreateAlias", "lambda:CreateEventSourceMapping", LOAD,
    }
)  # fmt: skip
"""Calls after which a resource is there, and need not be whole yet."""
_ALREADY = frozenset(
    {
        "EntityAlreadyExists", "RepositoryAlreadyExistsException", "ImageAlreadyExistsException",
        "LayerAlreadyExistsException", "ResourceConflictException", "ResourceConflict",
    }
)  # fmt: skip
"""Codes of IAM, ECR and Lambda that say: that is there (Lambda's say more, see ``_exists``)."""


class CannotError(Exception):
    """By its nature, this does not come back."""


class Maker:
    """One resource to make again."""

    def __init__(
        self,
        world: World,
        journal: Journal,
        resource: ResourceId,
        gone: frozenset[ResourceId],
        patience: float,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.world, self.journal, self.folder = world, journal, journal.folder
        self.id = resource
        self.gone = gone
        """All that the run deleted."""
        self.patience, self.pause = patience, pause
        self.trouble: list[str] = []
        """What was to be made of it and failed: it is there, and not whole."""
        self.resuming = _resuming(journal, resource)
        """Whether an earlier undo made it and was interrupted before it was whole."""

    @cached_property
    def answers(self) -> Any:
        """What the backup holds. Raises CannotError when none was made."""
        found = self.backup_of(self.id)
        if found is None:
            raise CannotError("no backup of it was made")
        return found

    def backup_of(self, resource: ResourceId) -> Any:
        """What the backup holds of another resource, or None."""
        path = document_path(self.folder, resource)
        return read_json(path)["answers"] if path.exists() else None

    @property
    def made(self) -> bool:
        """Whether an earlier undo made it."""
        entries = _since(self.journal, self.id)
        return any(e.what == "undo" and e.result in ("restored", "there") for e in entries)

    @cached_property
    def before(self) -> Mapping[str, Any]:
        """How it was before a quarantine, of what was deleted out of one; otherwise empty."""
        entries = [each.params for each in self.journal.entries if each.what == BEFORE]
        return next((each[self.id] for each in reversed(entries) if self.id in each), {})

    def tags(self, tags: Any) -> Any:
        """Tags that it is to have: without those of AWS, and without the mark of a quarantine."""
        kept = own_tags(tags)
        if not self.before:
            return kept
        if isinstance(kept, dict):
            return {key: value for key, value in kept.items() if key != QUARANTINED}
        return [each for each in kept if each["Key"] != QUARANTINED]

    def place(self) -> RegionClient:
        if kind_of(self.id) is Kind.ROLE:
            return self.world.place(key_of(self.id).partition("/")[0])
        account, region, _ = parts(self.id)
        return self.world.place(account, region)

    def ask(self, service: str, action: str, *, once: bool = False, **params: Any) -> Any:
        """Make a journalled call. With ``once`` it makes something that an interrupted undo may
        have made: then None instead of the error that it exists. Raises CallFailedError."""
        place = self.place()
        try:
            return self.journal.call(
                (self.id,),
                f"{service}:{action}",
                _without_bytes(params),
                lambda: place.ask(service, action, **params),
            )
        except CallFailedError as error:
            if once and self.resuming and _exists(error):
                return None
            raise

    def attempt(self, service: str, action: str, **params: Any) -> Any:
        """``ask`` with ``once`` for a part of it: a failure is noted, the rest goes on."""
        try:
            return self.ask(service, action, once=True, **params)
        except CallFailedError as error:
            self.trouble.append(error.failure.detail)
            return None

    def pauses(self) -> Iterator[None]:
        """One turn at once, then one after every pause, from a tenth of a second doubled to five,
        until the patience is over."""
        waited, step = 0.0, 0.1
        yield
        while waited < self.patience:
            self.pause(step)
            waited += step
            step = min(step * 2, 5.0)
            yield

    def note(self, resource: ResourceId, **facts: str) -> None:
        """Write into the journal what a later undo has to know of a resource."""
        self.journal.add("note", steps=(resource,), params=facts)

    def noted(self, fact: str, of: ResourceId | None = None) -> str:
        """The last note of a fact about a resource (this one unless told), or empty."""
        found = [
            str(each.params[fact])
            for each in _since(self.journal, of or self.id)
            if each.what == "note" and fact in each.params
        ]
        return found[-1] if found else ""

    def sibling(self, uuid: str) -> ResourceId:
        """A trigger of the same place."""
        account, region, _ = parts(self.id)
        return trigger_id(account, region, uuid)


def own_tags(tags: Any) -> Any:
    """Tags without those that AWS sets itself and nobody may (prefix ``aws:``): a list of
    Key/Value pairs, or a mapping."""
    if isinstance(tags, dict):
        return {key: value for key, value in tags.items() if not key.startswith("aws:")}
    return [each for each in tags or () if not each["Key"].startswith("aws:")]


def _since(journal: Journal, resource: ResourceId) -> list[Entry]:
    """Entries about a resource since it was last deleted."""
    found: list[Entry] = []
    for each in journal.entries:
        if resource not in each.steps:
            continue
        if each.what == "step" and each.result == Status.DONE:
            found = []
        else:
            found.append(each)
    return found


def _resuming(journal: Journal, resource: ResourceId) -> bool:
    failed = {
        each.number
        for each in journal.entries
        if each.what == "outcome" and each.result == "failed"
    }
    resuming = False
    for each in _since(journal, resource):
        if each.what == "intent" and each.call in _MAKING and each.number not in failed:
            resuming = True
        elif each.what == "undo" and each.result in ("restored", "there"):
            resuming = False
    return resuming


def _exists(error: CallFailedError) -> bool:
    """Whether a call failed because what it makes is there. Lambda gives the same code when an
    update is under way; its messages that something is there all say so ("already exist",
    "FunctionUrlConfig exists")."""
    failure = error.failure
    lambdas = not failure.code.startswith("ResourceConflict")
    return failure.code in _ALREADY and (lambdas or "exist" in failure.message)


def _without_bytes(params: Any) -> Any:
    if isinstance(params, bytes):
        return f"<{len(params)} bytes>"
    if isinstance(params, dict):
        return {key: _without_bytes(each) for key, each in params.items()}
    return params
