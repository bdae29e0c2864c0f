"""What uses what, and the shortest path from a root to everything it uses.

Uses are read twice: from the graph's edges, whatever their grade, and from the records themselves,
so that a use is found even when no rule links it. BASED_ON is no use: registries serve layers, and
a child keeps its own (deleting the base breaks later builds, not what runs). COPY_OF, BUILT_FROM
and CONTENT_EQUALS describe origin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from jotgraph.analysis.usage.index import GraphIndex, index_of
from jotgraph.analysis.usage.relations import GROUPING, PLAIN
from jotgraph.graph import ResourceGraph, edges, given_edges, remembered
from jotgraph.links import Relation
from jotgraph.records import (
    EcrImage,
    Kind,
    ResourceId,
    WorkloadState,
    ecr_image_id,
    function_id,
    local_image_id,
    repository_of,
    version_id,
)
from jotgraph.records.logs import log_group_id
from jotgraph.records.references import lambda_target, referrer_tag, role_of

Uses = Mapping[ResourceId, tuple[ResourceId, ...]]
"""Dependent -> what it uses directly, sorted; images of one group use one another."""


class UsesOf(Mapping[ResourceId, tuple[ResourceId, ...]]):
    """All direct uses. The use of a repository by each of its images is stored once for all of
    them."""

    def __init__(self, index: GraphIndex, others: Mapping[ResourceId, tuple[ResourceId, ...]]):
        self._index = index
        self._others = others
        """Uses beside that of the own repository."""

    def __getitem__(self, resource: ResourceId) -> tuple[ResourceId, ...]:
        targets = self._others.get(resource)
        if targets is None:
            if not self._index.is_image(resource):
                raise KeyError(resource)
            targets = (repository_of(resource),)
        return targets

    def __iter__(self) -> Iterator[ResourceId]:
        return iter(sorted({*self._others, *self._index.by_kind.ids(Kind.ECR_IMAGE)}))

    def __len__(self) -> int:
        images = sum(map(len, self._index.images_in.values()))
        return images + sum(not self._index.is_image(resource) for resource in self._others)

    def also(self, more: Mapping[ResourceId, tuple[ResourceId, ...]]) -> UsesOf:
        """Return these uses together with others."""
        others = dict(self._others)
        for resource, targets in more.items():
            others[resource] = (*self.get(resource, ()), *targets)
        return UsesOf(self._index, others)


@remembered
def uses(graph: ResourceGraph) -> UsesOf:
    """Return who uses what directly. An index, its children, attestations, signatures and SOCI
    indexes belong together, so they use one another. The repository of an image comes from its
    record."""
    index = index_of(graph)
    targets_of: dict[ResourceId, set[ResourceId]] = defaultdict(set)
    following = set(index.keeping_tags)
    following |= {workload.id for workload in index.workloads}
    for source, target, _ in edges(graph, *PLAIN):
        targets_of[source].add(target)
    for source, target, _ in given_edges(graph, Relation.STORED_IN):
        if not index.is_image(source) or repository_of(source) != target:
            targets_of[source].add(target)
    for source, target, _ in edges(graph, Relation.FOLLOWS):
        if source in following:
            targets_of[source].add(target)
    for source, target, _ in edges(graph, *GROUPING):
        targets_of[source].add(target)
        targets_of[target].add(source)
    _by_records(index, targets_of)
    for resource, image in index.ecr.referring.items():
        for member in _group(image):
            if index.known(member):
                targets_of[resource].add(member)
                targets_of[member].add(resource)
    for resource, targets in targets_of.items():
        if index.is_image(resource):
            targets.add(repository_of(resource))
    return UsesOf(index, {source: tuple(sorted(to)) for source, to in targets_of.items()})


def _by_records(index: GraphIndex, targets_of: dict[ResourceId, set[ResourceId]]) -> None:
    """Add the uses that records state themselves."""
    for resource, configuration in index.configurations_by_id():
        targets = targets_of[resource]
        targets.update(index.named.runs(configuration))
        if resource in index.keeping_tags:
            targets.update(index.named.follows(configuration))
        if role := role_of(configuration.role_arn):
            targets.add(role)
        group = log_group_id(configuration.account, configuration.region, configuration.logs_to)
        if index.known(group):
            targets.add(group)
    for workload in index.workloads:
        if workload.state is not WorkloadState.ACTIVE:
            targets_of[workload.id].update(index.named.images_of(workload))
            targets_of[workload.id].update(index.named.repositories_of(workload))
        targets_of[workload.id].update(filter(None, map(role_of, workload.roles)))
    for alias in index.aliases:
        place = (alias.account, alias.region, alias.function_name)
        for number in (alias.version, *(number for number, _ in alias.weights)):
            latest = number == "$LATEST"
            targets_of[alias.id].add(function_id(*place) if latest else version_id(*place, number))
    for source, mentioned in index.mentioned.items():
        targets_of[source].update(mentioned)
    for container in index.containers:
        if container.image_id:
            targets_of[container.id].add(local_image_id(container.image_id))
    for local in index.local_images:
        if local.parent:  # the engine refuses to remove an image with dependent children
            targets_of[local.id].add(local_image_id(local.parent))


def _group(image: EcrImage) -> Iterable[ResourceId]:
    """The images that are judged together with an image, by its own record."""
    digests = {about.digest for tag in image.tags if (about := referrer_tag(tag))}
    digests.update(child.digest for child in image.children)
    digests.update(child.describes for child in image.children if child.describes)
    if image.subject:
        digests.add(image.subject)
    if not digests:
        return ()
    digests.discard(image.digest)
    place = (image.account, image.region, image.repository)
    return [ecr_image_id(*place, digest) for digest in digests]


Reach = Mapping[ResourceId, ResourceId | None]
"""Resource -> the previous one on a shortest path to it; None for a root."""


def reach(uses: Uses, *tiers: Iterable[ResourceId]) -> Reach:
    """Return everything that the roots use, directly or not. Each tier of roots is exhausted before
    the next, so a path from an alias is preferred to one from a bare version."""
    came: dict[ResourceId, ResourceId | None] = {}
    for tier in tiers:
        frontier = [resource for resource in sorted(tier) if resource not in came]
        came.update(dict.fromkeys(frontier))
        while frontier:
            following: list[ResourceId] = []
            for source in frontier:
                for target in uses.get(source, ()):
                    if target not in came:
                        came[target] = source
                        following.append(target)
            frontier = following
    return came


def witness(reached: Reach, resource: ResourceId) -> tuple[ResourceId, ...]:
    """Return the path from a root to a resource, both included. Raises KeyError when it is not
    reached."""
    path: list[ResourceId] = []
    step: ResourceId | None = resource
    while step is not None:
        path.append(step)
        step = reached[step]
    return tuple(reversed(path))


def roots(index: GraphIndex) -> tuple[list[ResourceId], list[ResourceId]]:
    """Return the roots of use in two tiers. First aliases, functions, workloads and running
    containers; then versions and stopped containers. Each uses what it runs and assumes."""
    first: list[ResourceId] = list(index.functions_by_id)
    first += [workload.id for workload in index.workloads]
    first += [alias.id for alias in index.aliases]
    first += [container.id for container in index.containers if container.state == "running"]
    second: list[ResourceId] = list(index.versions_by_id)
    second += [container.id for container in index.containers]
    return first, second


def called(index: GraphIndex) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """Return the triggers and aliases that name each function, version and alias, sorted."""
    callers: dict[ResourceId, set[ResourceId]] = defaultdict(set)
    for source, target, _ in edges(index.graph, Relation.ROUTES_TO, Relation.INVOKES):
        callers[target].add(source)
    for trigger in index.triggers:
        if (invoked := lambda_target(trigger.function_arn)) is not None:
            callers[invoked].add(trigger.id)
    for alias in index.aliases:
        place = (alias.account, alias.region, alias.function_name)
        for number in (alias.version, *(number for number, _ in alias.weights)):
            latest = number == "$LATEST"
            callers[function_id(*place) if latest else version_id(*place, number)].add(alias.id)
    return {target: tuple(sorted(callers[target])) for target in callers}
