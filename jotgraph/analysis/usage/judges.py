"""The doubts, age and words of every kind that is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from jotgraph.analysis.usage.ecr_images import image_doubts
from jotgraph.analysis.usage.ecr_repositories import repository_doubts, shared_doubts
from jotgraph.analysis.usage.engine import container_doubts, local_image_doubts
from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.lambdas import (
    alias_doubts,
    function_doubts,
    trigger_doubts,
    trigger_unused,
    version_doubts,
)
from jotgraph.analysis.usage.logs import log_group_doubts
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.roles import role_doubts
from jotgraph.records import Kind, Node, ResourceId, kind_of, repository_of


class Judge(NamedTuple):
    """How to judge one kind of resource."""

    doubts: Callable[[GraphIndex, Options, datetime], Iterator[tuple[ResourceId, list[Doubt]]]]
    """Yields each resource with its doubts; of ECR images only those with more doubts than their
    repository."""
    since: Callable[[Any], datetime | None]
    """When it was pushed, created or last changed; None when unknown."""
    unused: Callable[[Any], str]
    """Why nothing uses an orphan, in one sentence."""


def _always(sentence: str) -> Callable[[Node], str]:
    return lambda node: sentence


JUDGES: dict[Kind, Judge] = {
    Kind.LOCAL_IMAGE: Judge(
        local_image_doubts,
        attrgetter("created_at"),
        _always("no container or child image uses it, and its bytes exist elsewhere"),
    ),
    Kind.CONTAINER: Judge(
        container_doubts,
        lambda container: container.started_at or container.created_at,
        _always("it is not running"),
    ),
    Kind.ECR_REPO: Judge(
        repository_doubts,
        attrgetter("created_at"),
        _always("it is empty and nothing references it"),
    ),
    Kind.ECR_IMAGE: Judge(
        image_doubts,
        attrgetter("pushed_at"),
        _always("no function, version, workload, index, signature or attestation references it"),
    ),
    Kind.FUNCTION: Judge(
        function_doubts,
        attrgetter("last_modified"),
        _always("no trigger, URL, policy or invocation was found"),
    ),
    Kind.VERSION: Judge(
        version_doubts,
        attrgetter("last_modified"),
        _always(
            "no alias, trigger or policy references it, it was not called, and newer ones are kept"
        ),
    ),
    Kind.ALIAS: Judge(alias_doubts, lambda alias: None, _always("nothing routes through it")),
    Kind.TRIGGER: Judge(trigger_doubts, attrgetter("last_modified"), trigger_unused),
    Kind.ROLE: Judge(
        role_doubts,
        attrgetter("created_at"),
        _always("no function, version or workload assumes it"),
    ),
    Kind.LOG_GROUP: Judge(
        log_group_doubts,
        attrgetter("created_at"),
        _always("no function or version writes to it"),
    ),
}
"""The judge of each kind."""


def unused(node: Node) -> str:
    """Return why nothing uses an orphan, in one sentence."""
    return JUDGES[kind_of(node.id)].unused(node)


class Doubts(Mapping[ResourceId, tuple[Doubt, ...]]):
    """The own doubts of every resource that may be judged, by id. Doubts that all images of a
    repository share are stored once, for the repository."""

    def __init__(
        self,
        index: GraphIndex,
        shared: Mapping[ResourceId, tuple[Doubt, ...]],
        more: Mapping[ResourceId, tuple[Doubt, ...]],
    ) -> None:
        self._index = index
        self._shared = shared
        """The doubts shared by all images of a repository, by repository."""
        self._more = more
        """All doubts of images with further ones, and of resources of other kinds."""

    def __getitem__(self, resource: ResourceId) -> tuple[Doubt, ...]:
        doubts = self._more.get(resource)
        if doubts is None:
            if not self._index.is_image(resource):
                raise KeyError(resource)
            doubts = self._shared[repository_of(resource)]
        return doubts

    def __iter__(self) -> Iterator[ResourceId]:
        images, more = self._index.by_kind.ids(Kind.ECR_IMAGE), self._more
        return chain(more, (resource for resource in images if resource not in more))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def raised(self) -> Iterator[tuple[ResourceId, tuple[Doubt, ...]]]:
        """Yield each resource that has doubts, with these doubts."""
        for resource, doubts in self._more.items():
            if doubts:
                yield resource, doubts
        for repository, doubts in self._shared.items():
            if doubts:
                for resource in self._index.images_in[repository]:
                    if resource not in self._more:
                        yield resource, doubts


def doubts(index: GraphIndex, options: Options, now: datetime) -> Doubts:
    """Return the own doubts of every resource that may be judged, without those that the options
    ignore. Raises OptionError for an unknown doubt."""
    options.check()
    ignored = frozenset(options.ignore)

    @cache
    def in_order(reasons: tuple[Doubt, ...]) -> tuple[Doubt, ...]:
        return tuple(sorted({doubt for doubt in reasons if doubt.code not in ignored}))

    return Doubts(
        index,
        {
            repository: in_order(shared_doubts(index.graph, repository, options))
            for repository in index.images_in
        },
        {
            resource: in_order(tuple(reasons))
            for judge in JUDGES.values()
            for resource, reasons in judge.doubts(index, options, now)
        },
    )
