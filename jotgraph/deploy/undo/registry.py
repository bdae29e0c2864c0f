"""Undoes a push: the image, the tag that it moved, and the repository that it created."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from jotgraph.apply.backup.images import media_type
from jotgraph.deploy.made_before import makings_of
from jotgraph.deploy.push.moved import PUSHES, named_before, pushed_at, tag_of, was_present
from jotgraph.deploy.push.repository import is_immutable
from jotgraph.deploy.registry_image import read_image, tagged_digest
from jotgraph.deploy.undo.model import (
    ABSENT,
    CHANGED_BETWEEN,
    Todo,
    changed_since,
    nothing,
)
from jotgraph.deploy.undo.needed import needed
from jotgraph.deploy.undo.removing import remove
from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import ApplyError, CallFailedError, Failure, NotProvenError, RefusedError
from jotgraph.plan.outcome import UndoStatus
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Kind,
    ResourceId,
    digest_of,
    key_of,
    kind_of,
    repository_of,
)
from jotgraph.records.ids import shortened
from jotgraph.sources.ecr.blobs import fetch_manifests
from jotgraph.sources.ecr.requests import get_repository
from jotgraph.sources.surroundings import tags_of_repository


def image(undoing: Undoing, resource: ResourceId) -> Todo:
    """Remove an image that the run pushed; restore a tag that it moved or added."""
    record = undoing.session.read(resource)
    if not isinstance(record, EcrImage):
        return ABSENT
    left = undoing.left(resource)
    if left.get("pushed", "") not in ("", pushed_at(record)):
        return nothing(UndoStatus.CANNOT, "somebody pushed it again since")
    kept = _before(undoing, resource)
    if kept is None:
        return nothing(UndoStatus.CANNOT, "this run did not push it")
    tag, before = kept["name"], str(kept.get("tag") or "")
    others = [name for name in record.tags if name != tag]
    was_there = was_present(kept, digest_of(resource))
    moves = tag in record.tags and before not in ("", record.digest)
    if moves and _is_broken(undoing, resource):
        return CHANGED_BETWEEN
    if others and not was_there:
        return nothing(
            UndoStatus.CANNOT,
            f"it has the tag {others[0]} by now, {_giver(undoing, resource, others)}",
        )
    if not was_there and (why := needed(resource, undoing.run)):
        return nothing(UndoStatus.CANNOT, why)
    if not was_there:
        words = (
            f"give tag {tag} back to {shortened(before)} and remove it" if moves else "remove it"
        )
        return Todo(UndoStatus.REMOVED, words, lambda: _removed(undoing, record, tag, before))
    if tag not in record.tags:
        return nothing(UndoStatus.RESTORED, f"it does not have the tag {tag}")
    if moves:
        words = f"give tag {tag} back to {shortened(before)}"
        return Todo(UndoStatus.RESTORED, words, lambda: _give_back(undoing, record, tag, before))
    if not others:
        return nothing(
            UndoStatus.CANNOT, f"{tag} is its only tag, and ECR takes the last one with the image"
        )
    return Todo(UndoStatus.RESTORED, f"take its tag {tag}", lambda: _untag(undoing, record, tag))


def _before(undoing: Undoing, resource: ResourceId) -> Mapping[str, Any] | None:
    """The repository's state before the run first pushed this image, with the tag; None if the run
    did not push it."""
    repository = repository_of(resource)
    pushes = undoing.calls(repository, *PUSHES)
    if not pushes:
        return None
    if not undoing.made(resource) and not _is_meant(undoing, resource):
        return None
    return {**(pushes[0].params.get("kept") or {}), "name": tag_of(pushes[0])}


def _giver(undoing: Undoing, resource: ResourceId, tags: Collection[str]) -> str:
    """Another run of this machine that gave an image one of these tags, in words."""
    for making in makings_of(resource):
        if making.run != undoing.run and making.now.get("tag") in tags:
            return f"which run {making.run} gave: jotgraph undo {making.run} first"
    return "which this run did not give"


def _is_broken(undoing: Undoing, resource: ResourceId) -> bool:
    """Whether somebody else moved the tag between pushes of the run."""
    repository = repository_of(resource)
    pushed = {
        digest_of(step)
        for entry in undoing.journal.entries
        for step in entry.steps
        if entry.what == "made" and kind_of(step) is Kind.ECR_IMAGE
    }
    named = [named_before(push) for push in undoing.calls(repository, *PUSHES)]
    return any(digest not in ("", named[0], *pushed) for digest in named[1:])


def _is_meant(undoing: Undoing, resource: ResourceId) -> bool:
    """Whether an image is one that the run was about to push, without recording the result. It has
    the same digest, or the configuration whose digest is the engine's id."""
    repository = repository_of(resource)
    wanted = {
        str(push.params.get("imageDigest") or "") for push in undoing.calls(repository, *PUSHES)
    } | {
        key_of(step)
        for push in undoing.calls(repository, *PUSHES)
        for step in push.steps
        if kind_of(step) is Kind.LOCAL_IMAGE
    }
    image = read_image(undoing.session.connections, resource)
    return not wanted.isdisjoint({image.digest, image.manifest.config_digest or ""})


def _removed(undoing: Undoing, record: EcrImage, tag: str, before: str) -> str:
    words = ""
    if tag in record.tags and before not in ("", record.digest):
        words = _give_back(undoing, record, tag, before)
        fresh = undoing.session.read(record.id)
        assert isinstance(fresh, EcrImage)
        record = fresh
    todo = remove(undoing, record)
    if todo.do is None:
        raise RefusedError("; ".join(filter(None, (words, todo.words))))
    return "; ".join(filter(None, (words, todo.do())))


def _give_back(undoing: Undoing, record: EcrImage, tag: str, before: str) -> str:
    """Put the manifest that the tag named before with it again. Raises RefusedError when the
    manifest is gone, NotProvenError, CallFailedError."""
    client, name = undoing.session.client(record.id), record.repository
    content = fetch_manifests(client, name, [before])[before]
    if isinstance(content, Failure):
        raise RefusedError(f"tag {tag} named {shortened(before)} before, which is gone: it stays")
    if tagged_digest(client, name, tag) != record.digest:
        raise RefusedError(f"tag {tag} was moved by somebody else just now: it stays")
    if is_immutable(get_repository(client, name) or {}, tag):
        raise RefusedError(f"tags of {name} do not move any more: {tag} stays on this image")
    _name(undoing, record, tag, content, before)
    if not undoing.session.wait(lambda: tagged_digest(client, name, tag) == before):
        raise NotProvenError(f"tag {tag} was given back, and does not name {shortened(before)} yet")
    return f"tag {tag} names {shortened(before)} again"


def _name(undoing: Undoing, record: EcrImage, tag: str, content: bytes, digest: str) -> None:
    """Put a manifest of the repository of an image under a tag. Raises CallFailedError."""
    undoing.session.call(
        (record.id,),
        "ecr",
        "PutImage",
        repositoryName=record.repository,
        imageManifest=content.decode(),
        imageDigest=digest,
        imageTag=tag,
        imageManifestMediaType=media_type(msgspec.json.decode(content)),
    )


def _untag(undoing: Undoing, record: EcrImage, tag: str) -> str:
    """Remove one of several tags from an image, by the tag alone: whether ECR takes more than a tag
    where the digest is given with it is not documented. Raises RefusedError, ApplyError,
    CallFailedError."""
    fresh = undoing.session.read(record.id)
    if not isinstance(fresh, EcrImage) or fresh.tags != record.tags:
        raise changed_since()
    answer = undoing.session.call(
        (record.id,),
        "ecr",
        "BatchDeleteImage",
        repositoryName=record.repository,
        imageIds=[{"imageTag": tag}],
    )
    for failed in answer.get("failures") or ():
        why = f"{failed.get('failureCode')}: {failed.get('failureReason')}"
        raise CallFailedError(Failure("error", why, str(failed.get("failureCode"))))
    taken = {str(image_id.get("imageDigest")) for image_id in answer.get("imageIds") or ()}
    if others := sorted(taken - {record.digest}):
        raise _of_another(undoing, record, tag, others[0])
    return f"its tag {tag} was taken"


def _of_another(undoing: Undoing, record: EcrImage, tag: str, digest: str) -> ApplyError:
    """Give back a tag that somebody else moved to another image between the look and the call that
    took it, and say so. Raises CallFailedError."""
    client, name = undoing.session.client(record.id), record.repository
    moved = f"somebody else moved tag {tag} to {shortened(digest)} at that moment"
    content = fetch_manifests(client, name, [digest])[digest]
    if isinstance(content, Failure):
        return ApplyError(
            f"{moved}, and it went with that image, which had no other: push that image again"
        )
    _name(undoing, record, tag, content, digest)
    return RefusedError(f"{moved}: it is theirs, and names that image again")


def repository(undoing: Undoing, resource: ResourceId) -> Todo:
    """Remove a repository that the run created, if it is empty."""
    record = undoing.session.read(resource)
    if not isinstance(record, EcrRepository):
        return ABSENT
    tags = dict(tags_of_repository(undoing.session.connections, resource))
    if not undoing.is_ours(tags):
        return nothing(UndoStatus.CANNOT, "this run did not create it: it does not have its tag")
    return remove(undoing, record)


IMAGE, REPOSITORY = image, repository
