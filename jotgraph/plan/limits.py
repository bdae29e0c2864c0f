"""Limits that the applying side sets, whatever a plan says about itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from math import ceil
from typing import Any

import msgspec

from jotgraph.errors import OptionError
from jotgraph.plan.model import Plan, Step
from jotgraph.records import (
    KINDS,
    Kind,
    account_of,
    function_of,
    kind_of,
    region_of,
    repository_of,
    spellings,
    spellings_of_parts,
)
from jotgraph.records.phrases import counted
from jotgraph.records.references import lambda_target

FEW = 10
"""The number of resources of a kind that may always be deleted, so that a small estate can be
emptied."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The table ``apply`` of a policy file, with its defaults."""

    max_count: int = 100
    """The most steps of one plan."""
    max_percent: float = 50
    """The largest share of a kind, where more than ``FEW`` of it are deleted."""
    accounts: tuple[str, ...] = ()
    """Accounts in which anything may be deleted; empty means every account that is signed in to."""
    regions: tuple[str, ...] = ()
    must_read: tuple[str, ...] = ()
    """Regions that the plan must have read in each account that it deletes in."""
    protect: tuple[str, ...] = ()
    """Shell patterns of ids, names and last parts of names that no step may match; an image also by
    its tags. A pattern for a repository or function covers its parts."""
    accept_gaps: tuple[str, ...] = ()
    """What need not have been read, by name."""


def parse_limits(table: Mapping[str, Any], source: str) -> Limits:
    """Parse the table of a policy file; ``-`` in keys is read as ``_``. Raises OptionError."""
    spelt = {str(key).replace("-", "_"): value for key, value in table.items()}
    for key in spelt:
        if key not in Limits.__struct_fields__:
            near = get_close_matches(key, Limits.__struct_fields__, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise OptionError(f"{source}: unknown key {key!r} in apply{hint}")
    try:
        limits = msgspec.convert(spelt, Limits)
    except msgspec.ValidationError as error:
        raise OptionError(f"{source}, apply: {error}") from error
    if limits.max_count < 0 or not 0 <= limits.max_percent <= 100:
        raise OptionError(f"{source}, apply: max_count is 0 or more, max_percent from 0 to 100")
    if pattern := first_pattern(limits.accept_gaps):
        raise OptionError(f"{source}, apply: accept_gaps takes names, and {pattern} is a pattern")
    return limits


def first_pattern(names: Collection[str]) -> str:
    """Return the first entry that is a pattern and no name; empty for none."""
    return next((name for name in names if set(name) & set("*?[")), "")


def exceeded(plan: Plan, limits: Limits) -> str:
    """Return why a plan exceeds the limits and how to allow it; empty when it does not. Steps are
    counted; the totals of each kind are those in the plan."""
    return "; ".join(_too_many(plan, limits))


def _too_many(plan: Plan, limits: Limits) -> Iterator[str]:
    count = len(plan.steps)
    if count > limits.max_count:
        yield f"{counted(count, 'step')}, {limits.max_count} allowed (--max-count {count})"
    known = dict(plan.judged_of)
    for kind, going in sorted(Counter(kind_of(step.id) for step in plan.steps).items()):
        every = max(known.get(kind, 0), going)
        percent = 100 * going / every
        if going > FEW and percent > limits.max_percent:
            yield (
                f"{going} of {every} {KINDS[kind].plural}, {limits.max_percent:g} % allowed "
                f"(--max-percent {ceil(percent)})"
            )


def forbidden(plan: Plan, limits: Limits) -> str:
    """Return what of a plan the limits never allow; empty for nothing."""
    for step in plan.steps:
        account, region = account_of(step.id), region_of(step.id)
        if account and limits.accounts and account not in limits.accounts:
            return f"{step.id}: account {account} is not among those of the policy file"
        if region and limits.regions and region not in limits.regions:
            return f"{step.id}: region {region} is not among those of the policy file"
        names = _names(step)
        for pattern in limits.protect:
            if any(fnmatchcase(name, pattern) for name in names):
                return f"{step.id}: the policy file protects {pattern}"
        for unread in limits.must_read:
            if account and (account, unread) not in plan.scope.places:
                return f"{step.id}: {unread} must have been read in {account}, and was not"
    return ""


def _names(step: Step) -> tuple[str, ...]:
    """The texts that a pattern may match for a step: of the resource, and of the repository or
    function that it is part of."""
    facts, owner = dict(step.fingerprint), None
    if kind_of(step.id) is Kind.ECR_IMAGE:
        owner = repository_of(step.id)
    elif kind_of(step.id) in (Kind.VERSION, Kind.ALIAS):
        owner = function_of(step.id)
    elif target := lambda_target(facts.get("function", "")):
        owner = function_of(target)
    own = spellings(step.id, facts.get("tags", "").split())
    return (*own, *spellings_of_parts(owner)) if owner else own


def outside_scope(plan: Plan) -> str:
    """Return a step in a place that the plan says was not read, which no genuine plan has; empty
    for none."""
    accounts = {account for account, _ in plan.scope.places}
    for step in plan.steps:
        account, region = account_of(step.id), region_of(step.id)
        if region and (account, region) not in plan.scope.places:
            return f"{step.id} is in {region} of {account}, which its scope does not hold"
        if account and account not in accounts:
            return f"{step.id} is in {account}, which its scope does not hold"
    return ""
