"""A deployment as one handle: its parts, and which of them are its own.

A function, version or alias stands for its deployment: with what it runs, where that is stored,
what it was copied from, and what it assumes. A part is the deployment's own when nothing but other
own parts uses it; everything else is shared and survives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from jotgraph.analysis.lag.origin import origin
from jotgraph.analysis.usage import uses
from jotgraph.errors import AmbiguousNameError, NameLookupError, UnknownNameError
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    dependents,
    edges,
    is_missing,
    record,
    remembered,
)
from jotgraph.links import Relation
from jotgraph.queries.answers.deployment import Deployment, Part
from jotgraph.queries.find import find, find_many
from jotgraph.records import (
    KINDS,
    Function,
    Kind,
    ResourceId,
    commit_id,
    function_of,
    kind_of,
    name_of,
)
from jotgraph.records.logs import log_group_id
from jotgraph.records.phrases import listed

HANDLE = "deployment:"
"""Prefix of a name that stands for its whole deployment."""
_CALLED = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS)
_ORDER = tuple(Kind)


def deployment(graph: ResourceGraph, name: str) -> Deployment:
    """Return the deployment that a name means.

    The name is that of a function, version or alias, or of something that leads to exactly one
    function: an image it runs, a role it assumes, a trigger that calls it. Raises UnknownNameError
    and AmbiguousNameError as ``find`` does, and when no or several functions come into question.
    """
    root = _root(graph, find(graph, name.removeprefix(HANDLE)))
    parts = _parts(graph, root)
    own = owned(graph, parts)
    described = tuple(_part(graph, part, own, parts) for part in parts)
    return Deployment(about(graph), root, described)


def asked_for(graph: ResourceGraph, name: str) -> Deployment | None:
    """Return the deployment that ``deployment:NAME`` means; None for other names. None also when a
    resource has that very name: a function ``deployment`` may have an alias. Raises as
    ``deployment`` does."""
    if not name.startswith(HANDLE):
        return None
    try:
        find(graph, name)
    except UnknownNameError:
        return deployment(graph, name)
    return None


def resources(graph: ResourceGraph, names: Iterable[str]) -> tuple[ResourceId, ...]:
    """Return the resources that names, globs and handles mean, each once; for a handle its main
    resource. Raises as ``find_many`` and ``deployment`` do."""
    meant: dict[ResourceId, None] = {}
    for name in names:
        handle = asked_for(graph, name)
        meant.update(dict.fromkeys((handle.root,) if handle else find_many(graph, name)))
    return tuple(meant)


def owned(
    graph: ResourceGraph, parts: Collection[ResourceId], staying: Collection[ResourceId] = ()
) -> frozenset[ResourceId]:
    """Return the parts that nothing else uses; parts in ``staying`` count as users of others."""
    users = _users(graph)
    own = {
        part
        for part in parts
        if part not in staying and not KINDS[kind_of(part)].never_deleted and part in graph
        if not is_missing(graph, part)
    }
    todo = True
    while todo:
        used = {part for part in own if not users.get(part, frozenset()) <= own}
        own -= used
        todo = bool(used)
    return frozenset(own)


def _root(graph: ResourceGraph, resource: ResourceId) -> ResourceId:
    """The resource that a resource's deployment is named by."""
    if kind_of(resource) in _CALLED:
        return resource
    runners = {function_of(user) for user in _reaching(graph, resource) if kind_of(user) in _CALLED}
    if len(runners) > 1:
        raise AmbiguousNameError(name_of(resource), tuple(sorted(runners)))
    if not runners:
        raise NameLookupError(
            f"no function runs or uses {name_of(resource)}, so it has no deployment"
        )
    return runners.pop()


def _reaching(graph: ResourceGraph, resource: ResourceId) -> set[ResourceId]:
    """What depends on a resource, directly or not; for a trigger, what it calls."""
    users = _users(graph)
    reached = {resource, *dependencies(graph, resource, Relation.INVOKES)}
    reached |= set(dependents(graph, resource, Relation.BUILT_FROM, Relation.CONTENT_EQUALS))
    todo = list(reached)
    while todo:
        fresh = users.get(todo.pop(), frozenset()) - reached
        reached |= fresh
        todo += fresh
    return reached


def _parts(graph: ResourceGraph, root: ResourceId) -> tuple[ResourceId, ...]:
    """All resources of a deployment, in the order of the flow of work."""
    called = _called(graph, root)
    runners = [callee for callee in called if kind_of(callee) in (Kind.FUNCTION, Kind.VERSION)]
    images = _with_groups(graph, _each(graph, runners, Relation.RUNS))
    stored = _each(graph, images, Relation.STORED_IN)
    local = _each(graph, images, Relation.COPY_OF)
    commits = {commit_id(sha) for runner in runners if (sha := origin(graph, runner).commit)}
    containers = {
        container for image in local for container in dependents(graph, image, Relation.USES)
    }
    roles = _each(graph, runners, Relation.ASSUMES)
    logs = {group for runner in runners if (group := _log_group(graph, runner)) in graph}
    context = {function_of(root)} & set(graph)
    every = {*called, *context, *images, *stored, *local, *containers, *roles, *logs}
    every |= {commit for commit in commits if commit in graph}
    return tuple(sorted(every, key=lambda part: (_ORDER.index(kind_of(part)), part)))


def _called(graph: ResourceGraph, root: ResourceId) -> set[ResourceId]:
    """The called parts of a deployment, with the triggers that call them. They are a function with
    its versions and aliases, or a version with the aliases that route only to it, or an alias with
    the versions that it routes to."""
    kind = kind_of(root)
    if kind is Kind.FUNCTION:
        called = {root, *dependents(graph, root, Relation.PART_OF)}
    elif kind is Kind.ALIAS:
        called = {root, *dependencies(graph, root, Relation.ROUTES_TO)}
    else:
        aliases = dependents(graph, root, Relation.ROUTES_TO)
        called = {root}
        called |= {
            alias for alias in aliases if dependencies(graph, alias, Relation.ROUTES_TO) == (root,)
        }
    return called | {
        trigger for callee in called for trigger in dependents(graph, callee, Relation.INVOKES)
    }


def _each(
    graph: ResourceGraph, sources: Iterable[ResourceId], relation: Relation
) -> set[ResourceId]:
    return {target for source in sources for target in dependencies(graph, source, relation)}


def _with_groups(graph: ResourceGraph, images: set[ResourceId]) -> set[ResourceId]:
    """Images with their indexes, attestations and signatures."""
    grouped, todo = set(images), list(images)
    while todo:
        image = todo.pop()
        group = {
            *dependents(graph, image, Relation.CONTAINS, Relation.DESCRIBES),
            *dependencies(graph, image, Relation.CONTAINS, Relation.DESCRIBES),
        }
        todo += sorted(group - grouped)
        grouped |= group
    return grouped


def _log_group(graph: ResourceGraph, resource: ResourceId) -> ResourceId:
    node = record(graph, resource)
    if isinstance(node, Function) and node.log_group:
        return log_group_id(node.account, node.region, node.log_group)
    return ResourceId("")


@remembered
def _users(graph: ResourceGraph) -> Mapping[ResourceId, frozenset[ResourceId]]:
    """What uses each resource, was copied from it, or is part of it."""
    users: dict[ResourceId, set[ResourceId]] = defaultdict(set)
    for source, targets in uses(graph).items():
        for target in targets:
            users[target].add(source)
    for source, target, _ in edges(graph, Relation.INVOKES, Relation.PART_OF, Relation.COPY_OF):
        users[target].add(source)
    return {target: frozenset(sources) for target, sources in users.items()}


def _part(
    graph: ResourceGraph,
    part: ResourceId,
    own: Collection[ResourceId],
    parts: Collection[ResourceId],
) -> Part:
    """One part, and why it is deleted or survives: a user outside, or a shared part that uses
    it."""
    kind = kind_of(part)
    if part in own:
        return Part(part, kind, True, "nothing else that was read uses it")
    if never := KINDS[kind].never_deleted:
        return Part(part, kind, False, never)
    if is_missing(graph, part):
        return Part(part, kind, False, "it was not read, or is not there")
    users = _users(graph).get(part, frozenset())
    by = tuple(sorted(users.difference(parts) or users.difference(own)))
    verb = "uses" if len(by) == 1 else "use"
    return Part(part, kind, False, f"{listed([name_of(user) for user in by])} {verb} it", by)
