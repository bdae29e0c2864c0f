"""The doubts of what is to be deleted, when it is planned and when it is about to go."""

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
    """What was not read or cannot be seen, by the names that ``--accept-gaps`` takes: what the
    plan's list says, and its steps, so that whoever shortens the list changes nothing."""
    named = {name for step in plan.steps for name in step.doubts if is_unread(name)}
    unseen = {kind_of(step.id) for step in plan.steps if step.held} & NO_SOUND.keys()
    return tuple(sorted({*plan.unread, *named, *map(use_unseen, unseen)}))


def is_unread(name: str) -> bool:
    """Whether what a step remembers of a doubt says that something was not read: a code of such a
    doubt, or the name of a gap, which begins with no code."""
    return name in UNREAD or name.partition(":")[0] not in DOUBTS


def last_copies(
    graph: ResourceGraph, going: Collection[ResourceId], options: Options, now: datetime
) -> dict[ResourceId, Block]:
    """Blocks on local images of which the last other copy goes by this very plan, with what runs
    it or without."""
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
    """Doubts of each resource; of what is run or assumed, those that its surviving users leave."""
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
