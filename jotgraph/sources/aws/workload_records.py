"""Records of workloads, from the documents that a consumer's calls produce."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec

from jotgraph.records import Pairs, UsedImage, Workload, WorkloadState
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.expressions import search, texts
from jotgraph.sources.aws.times import parse_time, utc
from jotgraph.sources.consumers import Consumer

_NEAREST = tuple(WorkloadState)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def workload_of(place: RegionClient, entry: Consumer, document: Mapping[str, Any]) -> Workload:
    """Make a record of one document. Raises ValueError for one without a name."""
    name, kind = search(entry.name, document), search(entry.type, document)
    if not name or not kind:
        raise ValueError("it has no name")
    images = _images(search(entry.images, document))
    roles = tuple(sorted(_arn(place, role) for role in texts(search(entry.roles, document))))
    return Workload(
        account=place.account,
        region=place.region,
        service=entry.service,
        type=kind,
        name=name,
        arn=search(entry.arn, document) or "",
        state=_state(entry, document),
        images=images,
        roles=roles,
        tags=_tags(search(entry.tags, document)),
        tasks=int(search(entry.tasks, document) or 0),
        changed_at=_moment(search(entry.changed_at, document)),
        mentions=_others(_mentioned(document), images, roles),
    )


def _state(entry: Consumer, document: Mapping[str, Any]) -> WorkloadState:
    if "newest" in document:
        return WorkloadState.NEWEST if document["newest"] else WorkloadState.ACTIVE
    return WorkloadState(search(entry.state, document))


def _images(answer: Any) -> tuple[UsedImage, ...]:
    """Image references with the digests they resolved to, sorted; a resolved reference is not
    repeated without digest."""
    used = set()
    for item in answer or ():
        image, digest = item if isinstance(item, list) else (item, None)
        if image:
            used.add(UsedImage(str(image), _digest(digest)))
    resolved = {image.image for image in used if image.digest}
    return tuple(sorted(image for image in used if image.digest or image.image not in resolved))


def _digest(text: str | None) -> str:
    """``sha256:…`` at the end of a text; empty for none."""
    match = _DIGEST.search(text or "")
    return match[0] if match else ""


def _arn(place: RegionClient, role: str) -> str:
    """The ARN of a role; ECS accepts short names, too."""
    if role.startswith("arn:"):
        return role
    partition = next(
        (f"aws-{part}" for part in ("cn", "us-gov") if place.region.startswith(f"{part}-")), "aws"
    )
    return f"arn:{partition}:iam::{place.account}:role/{role.lstrip('/')}"


def _tags(answer: Any) -> Pairs | None:
    if answer is None:
        return None
    if isinstance(answer, Mapping):
        return tuple(sorted((str(key), str(value)) for key, value in answer.items()))
    listed = (({k.lower(): v for k, v in tag.items()}) for tag in answer)
    return tuple(sorted((tag["key"], tag.get("value") or "") for tag in listed))


def _moment(answer: Any) -> datetime | None:
    if isinstance(answer, datetime):
        return utc(answer)
    if isinstance(answer, int | float):
        return datetime.fromtimestamp(answer, UTC)
    return parse_time(answer)


def _mentioned(document: Mapping[str, Any]) -> set[str]:
    parts = chain.from_iterable(
        value if isinstance(value, list) else [value] for value in document.values()
    )
    return {
        name for part in parts if isinstance(part, Mapping) for name in part.get("mentions", ())
    }


def _others(
    mentions: set[str], images: tuple[UsedImage, ...], roles: tuple[str, ...]
) -> tuple[str, ...]:
    """Mentions of anything that is not used directly, sorted."""
    named = {image.image for image in images} | set(roles)
    digests = {image.digest for image in images if image.digest}
    return tuple(sorted(mention for mention in mentions - named if _digest(mention) not in digests))


def merged(workloads: Iterable[Workload]) -> tuple[Workload, ...]:
    """Merge records with the same id, sorted: the tasks of a service, or of one definition."""
    by_id: dict[str, Workload] = {}
    for workload in workloads:
        before = by_id.get(workload.id)
        by_id[workload.id] = workload if before is None else _together(before, workload)
    return tuple(by_id[identity] for identity in sorted(by_id))


def _together(first: Workload, second: Workload) -> Workload:
    images = _images([[used.image, used.digest] for used in (*first.images, *second.images)])
    roles = tuple(sorted({*first.roles, *second.roles}))
    times = [time for time in (first.changed_at, second.changed_at) if time]
    return msgspec.structs.replace(
        first,
        arn=first.arn or second.arn,
        state=min(first.state, second.state, key=_NEAREST.index),
        images=images,
        roles=roles,
        tags=second.tags if first.tags is None else first.tags,
        tasks=first.tasks + second.tasks,
        changed_at=max(times, default=None),
        mentions=_others({*first.mentions, *second.mentions}, images, roles),
    )
