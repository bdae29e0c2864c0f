"""Protections, refusals and limits of a plan, and the gaps that it accepts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

import msgspec

from jotgraph.analysis.health import Code, findings
from jotgraph.analysis.usage import Doubt
from jotgraph.analysis.usage.model import CONSUMERS_UNREAD, service_of
from jotgraph.analysis.usage.quarantine import own_mark
from jotgraph.graph import ResourceGraph, record, records
from jotgraph.plan.model import Block, Caps, Plan
from jotgraph.queries.answers.orphans import Judgement
from jotgraph.records import (
    Alias,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    LogGroup,
    Missing,
    Node,
    ResourceId,
    Role,
    Trigger,
    Version,
    function_of,
    kind_of,
    spellings_of_parts,
)
from jotgraph.records.ids import shortened
from jotgraph.records.phrases import counted
from jotgraph.records.references import LATEST_PUBLISHED, lambda_target
from jotgraph.records.titles import spellings_of

PROTECT = "jotgraph:protect"
"""Tag of a function, repository or role; its value is a reason, or the date until which it is
protected."""

FORBIDDEN = frozenset(
    {
        "managed",
        "edge",
        "role-service-linked",
        "role-trust",
        "role-instance-profile",
        "role-used-elsewhere",
        "outside-account",
        "other-principal",
        "artifact",
        "only-copy",
        "copy-needed",
        "log-shared",
    }
    | CONSUMERS_UNREAD
)
"""Doubts that block even what was named, unless ignored by code."""


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan never deletes, and the most it may delete."""

    exclude: tuple[str, ...] = ()
    """Shell patterns of ids, names and last parts of names; an image also by its tags. A pattern
    for a repository or function covers its parts."""
    kinds: frozenset[Kind] = frozenset()
    """Delete only these kinds; empty is every kind."""
    keep: frozenset[ResourceId] = frozenset()
    """Resources that were excluded by name."""
    stays: tuple[tuple[ResourceId, str], ...] = ()
    """Resources that are kept, each with the reason."""
    copies: bool = False
    """Whether a copy of everything must be stored before it is deleted."""
    without_copy: frozenset[ResourceId] = frozenset()
    """Resources that may be deleted without a copy."""
    caps: Caps = Caps()


def stopped(
    graph: ResourceGraph,
    resource: ResourceId,
    own: Mapping[ResourceId, tuple[Doubt, ...]],
    protection: Protection,
    now: datetime,
    named: Collection[ResourceId],
) -> Block | None:
    """Return the block on a resource for its own sake, regardless of users; None when there is
    none."""
    node = record(graph, resource)
    if because := dict(protection.stays).get(resource):
        return Block(id=resource, because=because)
    if resource in protection.keep:
        return Block(id=resource, because="kept by --keep")
    if isinstance(node, Missing):
        where = "it was not found" if node.looked else "it was not read"
        return Block(id=resource, because=f"{where}, so it is not deleted")
    for pattern in protection.exclude:
        if any(fnmatchcase(spelled, pattern) for spelled in spellings_of(node)):
            return Block(id=resource, because=f"it matches the protected pattern {pattern}")
        whose, owner = _owner(node)
        if owner and any(fnmatchcase(spelled, pattern) for spelled in spellings_of_parts(owner)):
            because = f"{whose} name matches the protected pattern {pattern}"
            return Block(id=resource, because=because)
    if protection.kinds and kind_of(resource) not in protection.kinds:
        return Block(
            id=resource, because=f"only {', '.join(sorted(protection.kinds))} were asked for"
        )
    if protection.copies and resource not in protection.without_copy and (why := no_copy(node)):
        return Block(id=resource, because=why)
    for whose, holder in _holders(graph, node):
        until = dict(holder.tags or ()).get(PROTECT)
        if until is not None and not _past(until, now):
            return Block(
                id=resource,
                because=f"{whose} tag {PROTECT} protects it{f' until {until}' if until else ''}",
            )
    if isinstance(node, Container) and node.state not in ("created", "exited", "dead"):
        return Block(id=resource, because=f"it is {node.state}; stop it first")
    if isinstance(node, Version) and node.number == LATEST_PUBLISHED:
        return Block(id=resource, because="it is what its capacity provider runs, under no number")
    if isinstance(node, LogGroup) and node.protected:
        return Block(id=resource, because="its deletion protection is on")
    if _kept_ready(graph, node):
        return Block(id=resource, because="it has provisioned concurrency, so it is in use")
    for doubt in own.get(resource, ()):
        if doubt.code in FORBIDDEN or (doubt.unread and resource not in named):
            return Block(id=resource, because=_in_doubt(doubt))
    return None


def no_copy(node: Node) -> str:
    """Return why no copy of a resource can be stored, and what to do; empty when one can. ECR
    returns nothing of an archived image (ECR user guide, "Archiving an image")."""
    if not isinstance(node, EcrImage) or node.status == "ACTIVE":
        return ""
    name = f"{node.repository}@{shortened(node.digest)}"
    return (
        f"it is {node.status.lower()}, and cannot be pulled, so no copy can be kept: restore it "
        f"first, or delete it without a copy: --without-copy {name}"
    )


def foreign_marks(
    graph: ResourceGraph, holdings: Collection[tuple[str, ResourceId]]
) -> dict[ResourceId, str]:
    """Return the resources that other machines put in quarantine, by their marks, with the reason
    to keep each. Their state before is known only there. ``holdings`` are those of this machine's
    runs."""
    marked: dict[ResourceId, str] = {}
    for node in records(graph):
        for holder in (*(holder for _, holder in _holders(graph, node)), node):
            mark = own_mark(graph, holder)
            if mark and (mark.run, holder.id) not in holdings:
                marked[node.id] = (
                    f"in quarantine since {mark.since[:10]} by run {mark.run} of another machine: "
                    f"release or sweep it there, or here: jotgraph sweep --take-over {mark.run}"
                )
    return marked


def _kept_ready(graph: ResourceGraph, node: Node) -> bool:
    """Whether a function, version or alias has provisioned concurrency, which ``apply`` does not
    remove."""
    if isinstance(node, Function):
        return bool(node.provisioned)
    if not isinstance(node, Version | Alias):
        return False
    owner = record(graph, node.function) if node.function in graph else None
    qualifier = node.number if isinstance(node, Version) else node.name
    return isinstance(owner, Function) and qualifier in (owner.provisioned or ())


def _in_doubt(doubt: Doubt) -> str:
    service = service_of(doubt.code)
    advice = f"; if nothing of it runs this: --assume-no {service}" if service else ""
    return f"{doubt.statement} [{doubt.code}]{advice}"


def services_unread(doubts: Iterable[Doubt]) -> tuple[str, ...]:
    """Return the services in these doubts, which were not read and may use something."""
    return tuple(sorted({doubt.service for doubt in doubts} - {""}))


def with_undecided(plan: Plan, unknown: Collection[Judgement]) -> Plan:
    """Return a cleanup plan, marked incomplete while an unread service may use what was judged.
    What would be deleted without such doubts is blocked."""
    known = {block.id for block in plan.blocks} | {step.id for step in plan.steps}
    blocks = [
        Block(id=judged.id, because=_in_doubt(judged.doubts[0]))
        for judged in unknown
        if judged.id not in known
        and judged.doubts
        and all(service_of(doubt.code) for doubt in judged.doubts)
    ]
    unread = services_unread(doubt for judged in unknown for doubt in judged.doubts)
    return msgspec.structs.replace(
        plan,
        blocks=tuple(sorted((*plan.blocks, *blocks), key=lambda block: block.id)),
        undecided=tuple(sorted({*plan.undecided, *unread})),
        complete=plan.complete and not unread,
    )


def rescues(graph: ResourceGraph, resource: ResourceId) -> list[Doubt]:
    """Return a doubt for a local image that is the copy of a lost image that runs, or may be by its
    name. It is the one that ``rescue`` names."""
    if kind_of(resource) is not Kind.LOCAL_IMAGE:
        return []
    return [
        Doubt("only-copy", finding.statement)
        for finding in findings(graph, resource)
        if finding.code is Code.ONLY_COPY and finding.known and finding.about != resource
    ]


def unread_tags(graph: ResourceGraph, resource: ResourceId) -> list[Doubt]:
    """Return a doubt about a resource whose tags were not read and may protect it."""
    return [
        Doubt("tags-unread", f"{whose} tags were not read: they may protect it")
        for whose, holder in _holders(graph, record(graph, resource))
        if holder.tags is None
    ]


def _holders(
    graph: ResourceGraph, node: Node
) -> list[tuple[str, Function | EcrRepository | Role | LogGroup]]:
    """The holders of protect tags that count: the resource, its function, its repository."""
    if isinstance(node, Function | EcrRepository | Role | LogGroup):
        return [("its", node)]
    whose, owner = _owner(node)
    holder = record(graph, owner) if owner and owner in graph else None
    return [(whose, holder)] if isinstance(holder, Function | EcrRepository) else []


def _owner(node: Node) -> tuple[str, ResourceId | None]:
    """The repository of an image, or the function of a version, alias or trigger."""
    if isinstance(node, EcrImage):
        return "its repository's", node.repository_id
    if isinstance(node, Version | Alias):
        return "its function's", node.function
    target = lambda_target(node.function_arn) if isinstance(node, Trigger) else None
    return "its function's", function_of(target) if target else None


def unread_names(
    deleted: Collection[ResourceId], own: Mapping[ResourceId, tuple[Doubt, ...]]
) -> tuple[str, ...]:
    """Return what was not read and could change the plan, by the names to accept."""
    return tuple(
        sorted({doubt.unread for resource in deleted for doubt in own.get(resource, ())} - {""})
    )


def over(count: int, judged: int, caps: Caps) -> str:
    """Return which caps are exceeded, in words; empty when none is or that is allowed."""
    percent = 100 * count / judged if judged else 0.0
    checks = []
    if caps.count is not None:
        checks.append((count > caps.count, f"{counted(count, 'step')}, limit {caps.count}"))
    if caps.percent is not None:
        more = f"{count} of {counted(judged, 'resource')}, limit {caps.percent:g} %"
        checks.append((percent > caps.percent, more))
    hit = [words for exceeded, words in checks if exceeded]
    refused = len(hit) == len(checks) if caps.both else bool(hit)
    return " and ".join(hit) if refused else ""


def _past(until: str, now: datetime) -> bool:
    """Whether the value of a protect tag is a date in the past."""
    try:
        day = datetime.fromisoformat(until)
    except ValueError:
        return False
    if len(until) == len("2026-01-31"):  # the day itself is protected too
        day += timedelta(days=1)
    return (day if day.tzinfo else day.replace(tzinfo=now.tzinfo)) < now
