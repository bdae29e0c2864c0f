"""The doubts about what is to be deleted, when it is planned and when it is applied."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from jotgraph.analysis.usage import Doubt, Options, doubts, index_of
from jotgraph.analysis.usage.gaps import from_gaps
from jotgraph.analysis.usage.model import DOUBTS, UNREAD
from jotgraph.graph import ResourceGraph, without
from jotgraph.plan.held import NO_SOUND, use_unseen
from jotgraph.plan.model import Block, Plan
from jotgraph.plan.protection import rescues, unread_tags
from jotgraph.records import ACTING, Kind, ResourceId, kind_of


def unread_of(plan: Plan) -> tuple[str, ...]:
    """Return what was not read, by the names that ``--accept-gaps`` takes. The plan's own list and
    its steps are joined, so that shortening the list changes nothing."""
    named = {name for step in plan.steps for name in step.doubts if is_unread(name)}
    unseen = {kind_of(step.id) for step in plan.steps if step.held} & NO_SOUND.keys()
    return tuple(sorted({*plan.unread, *named, *map(use_unseen, unseen)}))


def is_unread(name: str) -> bool:
    """Return whether a doubt in a step says that something was not read: by its code, or as the
    name of a gap."""
    return name in UNREAD or name.partition(":")[0] not in DOUBTS


def last_copies(
    graph: ResourceGraph, going: Collection[ResourceId], options: Options, now: datetime
) -> dict[ResourceId, Block]:
    """Return blocks on local images whose last other copy this plan deletes."""
    local = [resource for resource in going if kind_of(resource) is Kind.LOCAL_IMAGE]
    if not local:
        return {}
    others = [resource for resource in going if kind_of(resource) is not Kind.LOCAL_IMAGE]
    left = doubts(index_of(without(graph, others)), options, now)
    return {
        image: Block(
            id=image,
            because=f"the plan deletes its copies: {doubt.statement} [{doubt.code}]; "
            f"--ignore-doubt {doubt.code} takes it too",
        )
        for image in sorted(local)
        for doubt in left.get(image, ())
        if doubt.code in ("only-copy", "copy-needed")
    }


def own_doubts(
    graph: ResourceGraph, going: Collection[ResourceId], options: Options, now: datetime
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """Return the doubts of each resource; for what is run or assumed, those that its surviving
    users leave."""
    users = [resource for resource in going if kind_of(resource) in ACTING]
    survivors = doubts(index_of(without(graph, users)), options, now)
    index = index_of(graph)
    own = doubts(index, options, now)
    by_resource = {
        resource: survivors[resource] if resource in survivors else own.get(resource, ())
        for resource in going
    }
    for alias in index.aliases:
        if alias.id in going:
            unread = index.hiding(alias.place, "", Kind.TRIGGER)
            by_resource[alias.id] = (
                *by_resource[alias.id],
                *from_gaps(unread, "a trigger"),
            )
    if "only-copy" not in options.ignore:
        for resource in going:
            by_resource[resource] = (*by_resource[resource], *rescues(graph, resource))
    for resource in going:
        if all(doubt.code != "tags-unread" for doubt in by_resource[resource]):
            by_resource[resource] = (*by_resource[resource], *unread_tags(graph, resource))
    return by_resource
