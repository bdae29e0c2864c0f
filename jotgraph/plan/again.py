"""Checks again, right before a step is applied, whatever could stop it when it was planned.

The same functions judge what was read just now, by the same options. A step is applied only if
nothing stops it, nothing uses it, and it has no doubt that it did not have when planned. Facts are
compared with the same facts in the plan, never with a clock of this machine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from jotgraph.analysis.usage import Doubt, GraphIndex, Options, index_of, uses
from jotgraph.analysis.usage.consumers import starters, starts
from jotgraph.analysis.usage.in_use import in_use
from jotgraph.analysis.usage.verdicts import spread
from jotgraph.graph import ResourceGraph, build, is_missing, record
from jotgraph.plan.doubts import own_doubts
from jotgraph.plan.fingerprints import (
    CALLERS,
    CALLS,
    COPIES,
    LIFECYCLE,
    POLICY,
    REPLICATION,
    STARTS,
    UNREAD,
    URLS,
    USED,
    moment,
)
from jotgraph.plan.model import Plan, Step
from jotgraph.plan.protection import FORBIDDEN, Protection, stopped
from jotgraph.plan.surroundings import fingerprint_in, started_by
from jotgraph.records import Inventory, Kind, Missing, ResourceId, Role, kind_of
from jotgraph.records.phrases import counted

NOT_AGAIN: Mapping[str, str] = {
    "artifact": "the content of an image never changes: its digest names it",
    "container-new": "the state of a container is in its fingerprint",
    "copy-needed": "the copies in ECR that the plan relies on are looked at",
    "edge": "Lambda itself refuses to delete what has replicas",
    "in-doubt": "users are looked at themselves",
    "kept-recent": "a push changes the fingerprint; pulls are compared with the plan's",
    "manifest-unread": "ECR refuses to delete what an index lists",
    "may-run": "the workloads that may start it are compared with the plan's, by name",
    "only-copy": "the copies in ECR that the plan relies on are looked at",
    "pulled": "pulls are compared with the plan's, our own set apart",
    "role-used": "the last use is compared with the plan's",
    "runs-unread": "every function and version is looked at by digest and role, and each function "
    "that was changed meanwhile by its update",
    "tag-unread": "every function and version is looked at by digest",
}
"""Doubts that ``stopped_now`` does not ask for: by code, what covers the same instead, or why it
cannot arise between plan and apply."""

_USED = frozenset({Kind.ECR_IMAGE, Kind.ECR_REPO, Kind.ROLE})
"""Kinds whose users are in what is read; for other kinds Lambda is asked one by one."""


def stopped_now(
    plan: Plan,
    steps: Collection[Step],
    fresh: Inventory,
    now: datetime,
    ours: Collection[str] = (),
) -> dict[ResourceId, str]:
    """Return why steps may not be applied, by what was just read of them and around them. Included
    are those that something stops now and did not when they were planned. ``ours`` are codes of
    doubts that the run itself causes."""
    graph = build(fresh)
    options = plan.options or Options()
    here = [step for step in steps if step.id in graph and not is_missing(graph, step.id)]
    index = index_of(graph)
    using = uses(graph)
    used = {
        resource: way
        for resource, way in in_use(index, options, using).items()
        if kind_of(resource) in _USED
    }
    new = _new_doubts(plan, here, graph, index, ours)
    spreading = spread(using, used, new.items(), graph)
    reasons: dict[ResourceId, str] = {}
    for step in here:
        own = {step.id: new[step.id]}
        block = stopped(graph, step.id, own, Protection(), now, frozenset({step.id}))
        if block:
            reasons[step.id] = block.because
        elif step.id in used:
            reasons[step.id] = f"{used[step.id][1]} now"
        elif doubts := spreading.get(step.id):
            reasons[step.id] = f"in doubt now: {doubts[0].statement} [{doubts[0].code}]"
        elif why := _changed_settings(step, graph):
            reasons[step.id] = why
    return reasons


def _new_doubts(
    plan: Plan,
    steps: Collection[Step],
    graph: ResourceGraph,
    index: GraphIndex,
    ours: Collection[str],
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """The doubts of each step that are new since it was planned, and those with which no plan has a
    step."""
    options = plan.options or Options()
    bare = msgspec.structs.replace(options, ignore=(*options.ignore, "only-copy"))
    own = own_doubts(graph, {step.id for step in steps}, bare, plan.taken_at)
    started, skipped = starters(index), {*NOT_AGAIN, *ours}
    doubts_by_id: dict[ResourceId, tuple[Doubt, ...]] = {}
    for step in steps:
        known = dict(step.fingerprint).get(STARTS, "").split()
        doubts_by_id[step.id] = (
            *(
                doubt
                for doubt in own.get(step.id, ())
                if doubt.code not in skipped
                and (doubt.code in FORBIDDEN or doubt.name not in step.doubts)
            ),
            *(
                starts(workload)
                for workload in started.get(step.id, ())
                if started_by(workload) not in known and "may-run" not in options.ignore
            ),
        )
    return doubts_by_id


def _changed_settings(step: Step, graph: ResourceGraph) -> str:
    """Why a step is stopped: its repository's settings differ from the plan. Unread ones are not
    compared."""
    if kind_of(step.id) not in (Kind.ECR_IMAGE, Kind.ECR_REPO):
        return ""
    planned = dict(step.fingerprint)
    node = record(graph, step.id)
    now = {} if isinstance(node, Missing) else dict(fingerprint_in(graph, node, {}))
    for fact in (POLICY, LIFECYCLE, REPLICATION):
        if planned.get(fact, UNREAD) != UNREAD and now.get(fact, UNREAD) != planned[fact]:
            what = {LIFECYCLE: "lifecycle policy"}.get(fact, fact)
            return f"the {what} of its repository changed since the plan was made"
    return ""


def called_since(step: Step, calls: int) -> str:
    """Return why a resource is kept: it was called since the plan was made. Empty when it was not,
    was called before, or when that was not read. ``calls`` are those of the last day; the plan's
    window is at least that long."""
    if not was_idle(step) or not calls:
        return ""
    return f"it was called {counted(calls, 'time')} since the plan was made, and not before"


def was_idle(step: Step) -> bool:
    """Return whether nobody called it in the window of the plan."""
    return dict(step.fingerprint).get(CALLS, UNREAD) == "0"


def callers_known(step: Step) -> bool:
    """Return whether the plan knows who may call it."""
    return _callers(step) != UNREAD


def urls_known(step: Step) -> bool:
    """Return whether the plan knows the URLs of a function."""
    return dict(step.fingerprint).get(URLS, UNREAD) != UNREAD


def new_callers(step: Step, now: Collection[str]) -> str:
    """Return why a resource is kept: more callers are allowed than when it was planned. ``now`` are
    the words of its policy's statements. What was not read then is not compared."""
    if not callers_known(step) or set(now) <= set(_callers(step).split()):
        return ""
    return "who may call it changed since the plan was made"


def _callers(step: Step) -> str:
    planned = dict(step.fingerprint)
    return planned.get(CALLERS, planned.get(POLICY, UNREAD))


def used_since(step: Step, role: Role) -> str:
    """Return why a role is kept: it was used since it was planned, according to AWS's record of its
    last use."""
    if dict(step.fingerprint).get(USED, UNREAD) == moment(role.last_used_at):
        return ""
    return f"it was used since the plan was made ({role.last_used_at:%Y-%m-%d %H:%M} UTC)"


def copies_kept(plan: Plan, step: Step) -> frozenset[ResourceId]:
    """Return the ECR copies of a local image that the plan relies on and does not delete itself.
    One of them must still exist; none is needed when commits hold all files."""
    listed = dict(step.fingerprint).get(COPIES, "").split()
    going = {other.id for other in plan.steps}
    return frozenset(ResourceId(copy) for copy in listed) - going
