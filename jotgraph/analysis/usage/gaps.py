"""Doubts from gaps, the scope and ages, for every kind of resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import OUTSIDE, Doubt
from jotgraph.graph import ResourceGraph, about, remembered
from jotgraph.records import Gap, Kind, Pairs, Place, key_of, phrases

_ECR = (
    "annotations children config content created env history labels layers lifecycle manifest "
    "manifests policy provenance pull-exclusions pull-through replication tags vulnerabilities"
)
_LAMBDA = (
    "aliases-of-latest callers concurrency content deployed-tag description env image-uri "
    "invocations policy state tags urls"
)
HARMLESS: dict[str, frozenset[str]] = {
    "ecr": frozenset(_ECR.split(" ")),
    "lambda": frozenset(_LAMBDA.split(" ")),
    "cloudwatch": frozenset({"invocations"}),
    "iam": frozenset({"invokes"}),
    "docker": frozenset({"config", "content", "history", "labels", "layers"}),
    "inspector2": frozenset({"inspector"}),
    "tests": frozenset({"tests"}),
}
"""Facts by service that decide nothing, or whose absence shows in the record itself (None, or a
manifest that was not read). A gap about any other fact is a doubt."""

_MANAGED = ("aws:cloudformation:stack-name", "aws:cloudformation:stack-id")


def days(now: datetime, when: datetime | None) -> float | None:
    """Return an age in days; negative when a clock runs ahead."""
    return None if when is None else (now - when).total_seconds() / 86400


def too_young(now: datetime, when: datetime | None, least: float, event: str) -> list[Doubt]:
    """Return a doubt when something is too recent, or its time is unknown."""
    number = days(now, when)
    if number is None:
        return [Doubt("age-unknown", f"when it was {event} was not read")]
    if number < least:
        period = phrases.days(least)
        return [Doubt("age-young", f"{event} {phrases.age(number)} (kept for {period})")]
    return []


def kept_recent(
    now: datetime, keep_days: float, events: Mapping[str, datetime | None]
) -> list[Doubt]:
    """Return a doubt when one of the events (word -> time) is within the rollback window."""
    if not keep_days:
        return []
    period = phrases.days(keep_days)
    return [
        Doubt("kept-recent", f"{event} {phrases.age(age)} (kept for {period} by policy)")
        for event, when in events.items()
        if (age := days(now, when)) is not None and age < keep_days
    ][:1]


def from_gaps(gaps: Iterable[Gap], what: str) -> list[Doubt]:
    """Return a doubt for each gap that may hide ``what``."""
    return [Doubt("gap", f"{gap_words(gap)}: there may be {what}", gap.name) for gap in gaps]


def from_facts(gaps: Iterable[Gap]) -> list[Doubt]:
    """Return a doubt for each gap about facts that would decide."""
    return [
        Doubt("gap", f"{gap_words(gap)}: {', '.join(sorted(deciding))} not known", gap.name)
        for gap in gaps
        if (deciding := set(gap.facts) - HARMLESS.get(gap.service, frozenset()))
    ]


def gap_words(gap: Gap) -> str:
    """Describe one gap in a few words."""
    if gap.pending:
        return f"{gap.call} was not read yet"
    return f"{gap.call} was not read ({gap.option or gap.why})"


def functions_unread(index: GraphIndex, place: Place) -> list[Doubt]:
    """Return doubts that unread functions or versions exist in an account and region."""
    if place not in index.lambda_places:
        outside = f"Lambda of {place.account} in {place.region} is outside the scope of the scan"
        return [Doubt("gap", outside, OUTSIDE)]
    if place not in index.places:  # asked for one function, and empty
        return []
    gaps = index.hiding(place, "", Kind.FUNCTION, Kind.VERSION)
    coverage = index.lambda_coverage.get(place)
    if not gaps and coverage and not coverage.whole:
        unread = f"Lambda of {place.account} in {place.region} was not read"
        return [
            Doubt("gap", f"{unread} ({coverage.because or coverage.state})", "lambda:ListFunctions")
        ]
    return from_gaps(gaps, "a function or version")


UPDATE_UNREAD = "update-unread"
"""The name by which a plan accepts that what a function used before an update was not read."""


def before_update(index: GraphIndex, place: Place, use: str) -> list[Doubt]:
    """Return a doubt that a function uses what it used before its last update. While an update is
    in progress, and after one that failed, calls go to the code and configuration from before it
    (Lambda guide, "Lambda function states"). ``place`` is a key of ``unsettled``."""
    function = index.unsettled.get(place)
    if function is None:
        return []
    why = (
        "the update failed or is in progress; one that succeeds settles it"
        if function.update_read
        else "its result was not read"
    )
    statement = f"{key_of(function.id)} may still {use} from before its last update: {why}"
    return [Doubt("runs-unread", statement, UPDATE_UNREAD)]


@remembered
def accounts_unread(graph: ResourceGraph) -> tuple[Doubt, ...]:
    """Return doubts that an account which could not be signed in to runs an image. They apply to
    every image, whatever its repository's policy says today: what was once allowed to pull keeps
    running."""
    names = dict(about(graph).scope.names)
    reasons = {gap.account: gap for gap in about(graph).gaps if gap.service == "sts"}
    return tuple(
        _account_unread(account, names.get(account, ""), reasons.get(account))
        for account in about(graph).scope.unread_accounts
    )


def _account_unread(account: str, name: str, gap: Gap | None) -> Doubt:
    subject = f"account {account} ({name})" if name else f"account {account}"
    why = gap.why if gap else "not signed in to"
    what = f"{subject} was not read ({why}): a function or workload there may run it"
    return Doubt("gap", what, gap.name if gap else "sts:AssumeRole")


def managed_by(tags: Pairs) -> list[Doubt]:
    """Return a doubt about what a CloudFormation stack created, by its tags."""
    for key, value in tags:
        if key in _MANAGED:
            statement = f"managed by the CloudFormation stack {value}"
            return [Doubt("managed", statement, about=f"{key}={value}")]
    return []
