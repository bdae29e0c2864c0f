"""Which other runs of this machine need what a run created.

What the undo of a later run would restore is kept until that run is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from jotgraph.apply.docker import TAG
from jotgraph.deploy.made_before import TAKEN_BACK, journals
from jotgraph.deploy.push.moved import PUSHES, named_before
from jotgraph.deploy.rollout.known import (
    UPDATE_ALIAS,
    UPDATE_CODE,
    UPDATE_SERVICE,
    UPDATE_SETTINGS,
    facts_asked,
)
from jotgraph.records import (
    Kind,
    ResourceId,
    digest_of,
    function_of,
    key_of,
    kind_of,
    qualifier_of,
    repository_of,
)
from jotgraph.records.references import ecr_reference, role_of
from jotgraph.store.journal import JournalLine
from jotgraph.store.journal_lines import FINAL


def needed(resource: ResourceId, run: str) -> str:
    """Return why something that a run created is kept; empty when no run needs it. Another run that
    was not undone replaced it, and its undo would restore it."""
    return _by(run, lambda call: _had(call, resource))


def needed_definition(definition: str, run: str) -> str:
    """Return the same for the ARN of a task definition that a service had."""
    return _by(
        run,
        lambda call: call.call == UPDATE_SERVICE and _kept(call).get("definition") == definition,
    )


def stopped_after(resource: ResourceId, now: Mapping[str, Any], run: str, since: datetime) -> str:
    """Return another run that gave a resource its present state and was stopped before recording
    it; empty for none."""
    for name, entries in journals():
        made = (entry for entry in entries if entry.what == "made" and resource in entry.steps)
        wrote = max((entry.line for entry in made), default=0)
        for call in _to_be_undone(entries) if name != run else ():
            asked = facts_asked(call) if resource in call.steps else {}
            later = call.line > wrote and call.at > since
            if asked and later and all(now.get(fact) == asked[fact] for fact in asked):
                return name
    return ""


def _by(run: str, had: Callable[[JournalLine], bool]) -> str:
    for name, entries in journals():
        if name != run and any(had(call) for call in _to_be_undone(entries)):
            return f"undo of run {name} would put it back: jotgraph undo {name} first"
    return ""


def _to_be_undone(entries: Sequence[JournalLine]) -> Iterator[JournalLine]:
    """The calls of a run that may have changed something which no undo restored."""
    refused = {entry.number for entry in entries if entry.params.get("refused")}
    ended = {
        _holder(step)
        for entry in entries
        if entry.what == "undo" and (entry.result in TAKEN_BACK or entry.params.get(FINAL))
        for step in entry.steps
    }
    for entry in takewhile(lambda line: (line.what, line.call) != ("by", "undo"), entries):
        made = entry.what == "intent" and entry.steps and entry.number not in refused
        if made and entry.steps[0] not in ended:
            yield entry


def _holder(resource: ResourceId) -> ResourceId:
    """The resource that calls change; for an image its repository."""
    return repository_of(resource) if kind_of(resource) is Kind.ECR_IMAGE else resource


def _kept(call: JournalLine) -> dict[str, Any]:
    return call.params.get("kept") or {}


def _had(call: JournalLine, resource: ResourceId) -> bool:
    """Whether a changed resource referred to another one before."""
    kind, kept = kind_of(resource), _kept(call)
    if kind is Kind.VERSION and call.call == UPDATE_ALIAS:
        numbers = (kept.get("version"), *(kept.get("weights") or {}))
        return function_of(call.steps[0]) == function_of(resource) and (
            qualifier_of(resource) in numbers
        )
    if kind is Kind.ECR_IMAGE and call.call in PUSHES:
        at = call.steps[0] == repository_of(resource)
        return at and named_before(call) == digest_of(resource)
    if kind is Kind.ECR_IMAGE and call.call == UPDATE_CODE:
        ran = ecr_reference(str(kept.get("image") or ""))
        return ran is not None and resource == ran.image_id
    if kind is Kind.ROLE and call.call == UPDATE_SETTINGS:
        return "Role" in call.params and role_of(str(kept.get("Role") or "")) == resource
    return kind is Kind.LOCAL_IMAGE and call.call == TAG and kept.get("before") == key_of(resource)
