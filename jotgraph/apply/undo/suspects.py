"""What a run may have deleted, wholly or in part, according to the intents in its journal.

A call that took effect before its outcome was written is in the journal as an intent alone, like
one that never took effect. Only looking tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from jotgraph.apply import docker, iam, lambda_
from jotgraph.apply.backup.copies import Marker
from jotgraph.apply.backup.images import referred_to
from jotgraph.apply.backup.paths import backup_folder, blob_path, layout_path
from jotgraph.apply.image_batch import SEEN_GONE
from jotgraph.plan.model import ACTIONS
from jotgraph.plan.outcome import Status
from jotgraph.records import Kind, ResourceId, digest_of, kind_of, repository_of
from jotgraph.records.json_text import NOT_JSON
from jotgraph.store.journal import Journal, JournalLine

DELETES = frozenset(
    {
        "lambda:DeleteEventSourceMapping", "lambda:DeleteAlias", "lambda:DeleteFunction",
        "ecr:BatchDeleteImage", "ecr:DeleteRepository", "iam:DeleteRole", "logs:DeleteLogGroup",
        docker.REMOVE_CONTAINER, docker.UNTAG,
    }
)  # fmt: skip
"""Calls after which a resource may be gone; a local image is deleted with its last name."""
TAKES_PART = frozenset({iam.DETACH, iam.DROP, iam.LEAVE, docker.UNTAG, lambda_.UPDATE})
"""Calls after which a resource exists and part of it may be gone."""


def touched(journal: Journal) -> list[ResourceId]:
    """Return everything that the run may have deleted wholly or in part, in the order of the
    calls."""
    resources: dict[ResourceId, None] = {}
    for entry in journal.entries:
        if entry.what == "intent" and entry.call in DELETES | TAKES_PART:
            for resource in entry.steps:
                resources.pop(resource, None)
                resources[resource] = None
    return list(resources)


def has_taken_part(journal: Journal, resource: ResourceId) -> bool:
    """Return whether the run announced to remove part of a resource."""
    return bool(journal.intents(resource, *TAKES_PART))


def since_deleted(journal: Journal, resource: ResourceId) -> list[JournalLine]:
    """Return the entries about a resource since the run last deleted it, or tried."""
    entries: list[JournalLine] = []
    for entry in journal.entries:
        if resource not in entry.steps:
            continue
        deletes = entry.what == "intent" and entry.call in DELETES
        if deletes or (entry.what == "step" and entry.result == Status.DONE):
            entries = []
        else:
            entries.append(entry)
    return entries


def was_proven(journal: Journal, resource: ResourceId) -> bool:
    """Return whether the run verified that a resource was gone after its last call on it."""
    seen = proven = False
    for entry in journal.entries:
        if resource in entry.steps:
            if entry.what == SEEN_GONE:
                seen = True
            elif entry.what == "step":
                proven = seen or entry.result == Status.DONE
            elif entry.what == "intent" and entry.call in DELETES:
                seen = proven = False
    return proven


def in_backup(journal: Journal) -> list[ResourceId]:
    """Return everything with a complete copy, in the order of a deletion: what may be gone when the
    journal is not reliable."""
    folder = journal.folder
    resources: list[ResourceId] = []
    for path in sorted((backup_folder(folder) / "whole").glob("*.json")):
        try:
            resources.append(msgspec.json.decode(path.read_bytes(), type=Marker).id)
        except (OSError, *NOT_JSON):
            continue  # without its list of files no copy is believed
    ranks = {kind: rank for rank, kind in enumerate(ACTIONS)}
    images = [resource for resource in resources if kind_of(resource) is Kind.ECR_IMAGE]
    depths = {image: _depth(journal, image, images) for image in images}
    return sorted(
        resources,
        key=lambda resource: (ranks[kind_of(resource)], -depths.get(resource, 0), resource),
    )


def _depth(
    journal: Journal, image: ResourceId, images: Iterable[ResourceId], above: int = 0
) -> int:
    """How many levels of images an index contains: it is deleted before them."""
    by_digest = {
        digest_of(other): other
        for other in images
        if repository_of(other) == repository_of(image) and other != image
    }
    path = blob_path(layout_path(journal.folder, image), digest_of(image))
    try:
        content = path.read_bytes()
    except OSError:
        return 0
    children = [by_digest[digest] for digest in referred_to(content) if digest in by_digest]
    if above > len(by_digest):
        return 0
    return max((1 + _depth(journal, child, images, above + 1) for child in children), default=0)
