"""Doubts that keep log groups from being orphans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from jotgraph.analysis.usage.gaps import (
    before_update,
    from_facts,
    functions_unread,
    managed_by,
    too_young,
)
from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.records import ResourceId

_OF_LAMBDA = re.compile(r"/aws/lambda/[A-Za-z0-9_-]{1,140}")
"""Default names of Lambda's log groups. ``/aws/lambda/us-east-1.NAME`` is that of a Lambda@Edge
function in another region (CloudFront guide, "Edge function logs")."""


def log_group_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each log group with doubts about other writers."""
    for group in index.log_groups:
        doubts = functions_unread(index, group.place)
        doubts += from_facts(index.facts_unread(group.place, group.name, "logs"))
        doubts += before_update(index, group.place, "write to the log group")
        if not _OF_LAMBDA.fullmatch(group.name):
            other = "its name is not one that Lambda gives: others may write to it"
            doubts.append(Doubt("log-shared", other))
        if group.tags is None:
            doubts.append(Doubt("tags-unread", "its tags were not read: a stack may manage it"))
        else:
            doubts += managed_by(group.tags)
        doubts += too_young(now, group.created_at, options.young_days, "created")
        yield group.id, doubts
