"""The states in which a run left a resource, by its journal.

A different state now was made by somebody else, while the run was interrupted or since.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from jotgraph.records import ResourceId
from jotgraph.records.references import ecr_reference
from jotgraph.store.journal import Journal, JournalLine

CREATE = "lambda:CreateFunction"
CREATE_ALIAS, UPDATE_ALIAS = "lambda:CreateAlias", "lambda:UpdateAlias"
UPDATE_SETTINGS = "lambda:UpdateFunctionConfiguration"
UPDATE_CODE = "lambda:UpdateFunctionCode"
UPDATE_SERVICE = "ecs:UpdateService"
SETTINGS = ("Role", "MemorySize", "Timeout", "Architectures")
"""Settings that are recorded in the journal before they change; for variables a keyed hash."""
VARIABLES = "environment"
_DEFAULTS: Mapping[str, Any] = {"MemorySize": 128, "Timeout": 3, VARIABLES: ""}
"""Lambda's defaults for a created function (API_CreateFunction)."""
Facts = Mapping[str, Any]


def facts_asked(call: JournalLine) -> Facts:
    """Return the facts of a function, alias or service that a call changes."""
    params, kept = call.params, call.params.get("kept") or {}
    if call.call in (CREATE_ALIAS, UPDATE_ALIAS):
        weights = (params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return {"version": params["FunctionVersion"], "weights": dict(weights)}
    if call.call == UPDATE_SERVICE:
        return {"definition": params["taskDefinition"]}
    if call.call not in (CREATE, UPDATE_SETTINGS, UPDATE_CODE):
        return {}
    facts = {key: params[key] for key in SETTINGS if key in params}
    if "Environment" in params and "asked" in kept:
        facts[VARIABLES] = kept["asked"]
    image = ecr_reference(str((params.get("Code") or params).get("ImageUri") or ""))
    if image:
        facts["digest"] = image.digest
    defaults = _DEFAULTS if call.call == CREATE else {}
    return {**defaults, **facts}


def changed_facts(
    journal: Journal, resource: ResourceId, now: Facts, until: float = inf
) -> list[str]:
    """Return the facts of a resource that the run did not leave so. Where it was stopped at a call,
    the facts before that call are expected as well. ``until`` is the first line that is not the
    run's own."""
    known = _known(journal, resource, until)
    return sorted(fact for fact, values in known.items() if now.get(fact) not in values)


def _known(journal: Journal, resource: ResourceId, until: float) -> dict[str, list[Any]]:
    """The values that each fact may have through the run's own calls."""
    refused, done = journal.refused, _done(journal)
    known: dict[str, list[Any]] = {}
    for entry in journal.entries:
        if resource not in entry.steps or entry.line >= until:
            continue
        if entry.what == "made":
            now = entry.params.get("now") or {}
            known |= {fact: [value] for fact, value in now.items() if fact in _COMPARED}
        elif entry.what == "intent" and entry.number not in refused:
            kept = entry.params.get("kept") or {}
            for fact, value in facts_asked(entry).items():
                proven = entry.number in done or fact not in kept
                known[fact] = [value] if proven else [value, kept[fact]]
    return known


_COMPARED = frozenset({*SETTINGS, VARIABLES, "digest", "version", "weights"})


def _done(journal: Journal) -> frozenset[int]:
    return frozenset(
        entry.number
        for entry in journal.entries
        if entry.what == "outcome" and entry.result == "done"
    )


def state_before(journal: Journal, resource: ResourceId, call: str, now: Facts) -> Facts:
    """Return the state of a resource before a run first changed it by a call; ``now`` if it did
    not. If somebody else changed it in between, only the later calls count."""
    first, known, asked = now, [now], now
    for change in journal.attempts(resource, call):
        kept, asked = change.params.get("kept") or {}, facts_asked(change)
        facts = {fact: kept.get(fact) for fact in asked}
        if facts not in known or first is now:
            first, known = kept, [facts]
        known.append(asked)
    return first if {fact: now.get(fact) for fact in asked} in known else now


def left_by(journal: Journal, resource: ResourceId, until: float = inf) -> Facts:
    """Return how a run left a resource; empty if it was stopped before it recorded that."""
    left: Facts = {}
    for entry in journal.entries:
        if resource not in entry.steps or entry.line >= until:
            continue
        if entry.what == "made":
            left = entry.params.get("now") or {}
        elif entry.what == "intent" and entry.number not in journal.refused and facts_asked(entry):
            left = {}
    return left
