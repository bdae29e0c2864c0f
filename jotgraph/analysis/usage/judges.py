"""Every kind that is judged, with what knows the doubts about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache

from jotgraph.analysis.usage.ecr import image_doubts, repository_doubts
from jotgraph.analysis.usage.engine import container_doubts, local_image_doubts
from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.lambdas import (
    alias_doubts,
    function_doubts,
    trigger_doubts,
    version_doubts,
)
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.roles import role_doubts
from jotgraph.records import Kind, ResourceId

_Judge = Callable[[GraphIndex, Options, datetime], Iterator[tuple[ResourceId, list[Doubt]]]]

JUDGES: dict[Kind, _Judge] = {
    Kind.LOCAL_IMAGE: local_image_doubts,
    Kind.CONTAINER: container_doubts,
    Kind.ECR_REPO: repository_doubts,
    Kind.ECR_IMAGE: image_doubts,
    Kind.FUNCTION: function_doubts,
    Kind.VERSION: version_doubts,
    Kind.ALIAS: alias_doubts,
    Kind.TRIGGER: trigger_doubts,
    Kind.ROLE: role_doubts,
}
"""Who knows the doubts of a kind."""


def doubts(
    index: GraphIndex, options: Options, now: datetime
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """Every resource that may be judged, with its own doubts, without those that the options set
    aside. Raises OptionError for an unknown doubt."""
    options.check()
    ignored = frozenset(options.ignore)

    @cache
    def in_order(reasons: tuple[Doubt, ...]) -> tuple[Doubt, ...]:
        """Nearly every image of a repository has the same doubts: one tuple for all of them."""
        return tuple(sorted({doubt for doubt in reasons if doubt.code not in ignored}))

    return {
        resource: in_order(tuple(reasons)) if reasons else ()
        for kind in JUDGES
        for resource, reasons in JUDGES[kind](index, options, now)
    }
