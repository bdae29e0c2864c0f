"""Rules on commits: conflicting claims, dirty builds, lag; and commits of unread repositories."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.health.commands import NO_COMMAND, Command, ours
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.health.table import TABLE
from jotgraph.analysis.lag import LagDoubt, LagState, Standing
from jotgraph.analysis.lag.origin import Origin, beside, origin
from jotgraph.analysis.provenance import Claims, Disagreement, commits_of, image_of
from jotgraph.graph import about
from jotgraph.records import (
    Function,
    Kind,
    Missing,
    ResourceId,
    Version,
    Workload,
    kind_of,
    place_of,
)
from jotgraph.records.ids import short

_NAMED = 3
"""How many files a sentence lists."""


def conflict(on: Subject) -> Iterator[Finding]:
    """Claims about its commit contradict one another."""
    claims = commits_of(on.graph, on.id)
    if claims.conflict:
        label = TABLE[Code.CONFLICT].word
        word = f"{label}: {claims.kind.value.replace('-', ' ')}" if claims.kind else ""
        fault, command = next(iter(claims.images), on.id), on.command("why")
        yield on.finding(
            Code.CONFLICT,
            claims.reason,
            command,
            fault=fault,
            word=word,
            label=label if word else "",
        )


def dirty(on: Subject) -> Iterator[Finding]:
    """It was built from a work tree with changes, or from a commit that was not read."""
    claims = commits_of(on.graph, on.id)
    fault = next(iter(claims.images), on.id)
    if claims.dirty and claims.kind is not Disagreement.DIRTY_BUILD:
        statement = f"built from uncommitted changes{_modified(claims)}"
        yield on.finding(Code.DIRTY_BUILD, statement, on.command("why"), fault=fault)
    elif claims.doubt == LagDoubt.NEAR and _origin(on).lag.doubt is LagDoubt.NEAR:
        nearest = short(_origin(on).commit)
        statement = (
            f"its files differ from every commit read{_modified(claims)}; nearest: {nearest}"
        )
        yield on.finding(Code.FILES_DIFFER, statement, on.command("why"), fault=fault)


def _modified(claims: Claims) -> str:
    """`` (2 files: api.py, pay.py)``, from the best claim on bytes."""
    claim = next((claim for claim in claims.records if claim.modified_count), None)
    if claim is None:
        return ""
    named = ", ".join(claim.modified[:_NAMED])
    more = claim.modified_count - len(claim.modified[:_NAMED])
    files = f"{claim.modified_count} file{'s' * (claim.modified_count > 1)}"
    return f" ({files}: {named}{f' and {more} more' if more else ''})"


def lag(on: Subject) -> Iterator[Finding]:
    """Commits on the ref would change its files or its build."""
    if not isinstance(on.node, (Function, Version, Workload)):
        return
    origin = _origin(on)
    if isinstance(on.node, Workload) and not origin.commit:
        return  # most run what no repository that was read builds: databases, proxies, agents
    fault = next(iter(origin.claims.images), on.id)
    if origin.lags:
        yield _lag(on, origin.lag, origin.lag.says(), fault)
    elif statement := _unmeasured(on, origin):
        yield on.unknown(Code.LAG, Fact.COMMIT, statement, _reads_commit(on, origin))
    for repository, standing in beside(on.graph, on.id, on.ref):
        statement = f"of {repository}, {standing.says()}"
        yield _lag(on, standing, statement, fault)


_OTHER_REPOSITORY = ours("scan", ("--git", "PATH"))


def _reads_commit(on: Subject, origin: Origin) -> Command | None:
    """The scan that may find its commit; none when image contents were compared already."""
    if origin.lag.state is LagState.NOT_IN_REPOSITORIES:
        return _OTHER_REPOSITORY
    return NO_COMMAND if about(on.graph).scope.content else None


def _lag(on: Subject, lag: Standing, statement: str, fault: ResourceId) -> Finding:
    behind = lag.state is LagState.BEHIND
    label = "behind" if behind else ""
    word = f"{lag.distance} {label}" if behind else "diverged"
    command = on.command("show")
    return on.finding(Code.LAG, statement, command, fault=fault, word=word, label=label, lag=lag)


def _unmeasured(on: Subject, origin: Origin) -> str:
    """Why its lag is unknown; empty when it is known."""
    if origin.lag.doubt is LagDoubt.HINT:
        return f"only a hint ({origin.claims.rule}) says where it comes from"
    match origin.lag.state:
        case LagState.UNKNOWN if not image_of(on.graph, on.id):
            return "it runs no image that was read"
        case LagState.UNKNOWN if not origin.commit:
            return "the commit of its image is not known"
        case LagState.UNKNOWN:
            return f"where its commit {short(origin.commit)} stands was not read"
        case LagState.NOT_IN_REPOSITORIES:
            return f"its commit {short(origin.commit)} is in no git repository read"
        case _:
            return ""


def _origin(on: Subject) -> Origin:
    return origin(on.graph, on.id, on.ref)


def missing(on: Subject) -> Iterator[Finding]:
    """Something that is referred to was not found, or not read."""
    if not isinstance(on.node, Missing):
        return
    if kind_of(on.id) is Kind.COMMIT:
        statement = "no git repository that was read has this commit"
        yield on.finding(Code.ELSEWHERE, statement, _OTHER_REPOSITORY)
    elif on.node.looked:
        statement = "referenced, and not found where it should be"
        yield on.finding(Code.MISSING, statement, on.command("impact"))
    else:
        statement = "referenced, and the place it should be in was not read"
        yield on.finding(Code.UNREAD, statement, on.scan_of(place_of(on.id)))
