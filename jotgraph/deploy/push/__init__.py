"""Pushes an image to ECR, and verifies that ECR has what was pushed.

The repository is created if it is missing. An index, and moving an immutable tag, are refused
before anything is pushed. What ECR has already is not pushed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from jotgraph.apply.docker import TAG
from jotgraph.deploy.push.images import EngineImage, PackedImage, Pushable
from jotgraph.deploy.push.moved import PUSHES, digests_present, first_digest, pushed_at, was_present
from jotgraph.deploy.push.repository import ensure_repository, is_immutable
from jotgraph.deploy.registry_image import (
    INDEX_ADVICE,
    read_image,
    repository_uri,
    tagged_digest,
)
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import NotProvenError, OptionError, RefusedError
from jotgraph.queries.answers.making import Pushed
from jotgraph.records import (
    ResourceId,
    ecr_image_id,
    ecr_repo_id,
    hex_of,
    name_of,
    place_of,
)
from jotgraph.records.conventions import FOLDER_LABEL, HANDLER_LABEL, REVISION_LABEL
from jotgraph.records.ids import shortened
from jotgraph.records.references import ecr_reference, reference
from jotgraph.sources.single import images

__all__ = ["PackedImage", "PushOptions", "Pushed", "push", "target_of"]

_DIGITS = 12


class PushOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a push. Those about a repository apply to one that is created."""

    tag: str = ""
    """Empty: the first digits of the commit in its label, else of its id."""
    scan_on_push: bool = False
    immutable: bool = False
    lifecycle_policy: str = ""
    """A lifecycle policy, JSON."""
    allow_index: bool = False
    """Whether to push an image index, which ECS runs and Lambda refuses."""


def target_of(repository: str, tag: str, home: tuple[str, str]) -> tuple[ResourceId, str]:
    """Return the repository and tag in a typed name: ``repository[:tag]`` or an ECR URI in the
    account and region ``home``. Raises OptionError."""
    named = ecr_reference(repository)
    if named and (named.account, named.region) != home:
        raise OptionError(f"{repository} is not in {'/'.join(home)}, which is signed in to")
    name, own_tag, digest = (
        (named.repository, named.tag, named.digest) if named else reference(repository)
    )
    if digest or not name:
        raise OptionError(f"{repository!r} is not a repository; write repository[:tag]")
    return ecr_repo_id(*home, name), tag or own_tag


def push(
    run: Run,
    engine: Any,
    image: str | PackedImage,
    repository: str,
    options: PushOptions | None = None,
) -> Pushed:
    """Push an image to a repository of the run's account and region.

    ``engine`` is a Docker client, ``image`` a name or id in the engine, or the image's own bytes
    (no engine is needed then). Raises RefusedError for an index and for an immutable tag,
    NotProvenError when ECR has another digest than was pushed, CallFailedError, ApplyError.
    """
    options = options or PushOptions()
    wanted = pushable(run, engine, image)
    target, named = target_of(repository, options.tag, run.place)
    tag = named or default_tag(wanted)
    if wanted.is_index and not options.allow_index:
        raise RefusedError(f"it is an image index, and Lambda refuses an index: {INDEX_ADVICE}")
    made, detail = ensure_repository(
        run,
        target,
        scan_on_push=options.scan_on_push,
        immutable=options.immutable,
        lifecycle_policy=options.lifecycle_policy,
    )
    client, name = run.session.client(target), name_of(target)
    before = tagged_digest(client, name, tag)
    first = first_digest(run, target, tag, before)
    if before and _is_there(run, wanted, target, before):
        digest = before
    else:
        refuse_to_move(detail, target, tag, before)
        if before and not named:
            image_before = ecr_image_id(*place_of(target), name, before)
            labels_before = read_image(run.connections, image_before).labels
            refuse_to_take(target, tag, dict(labels_before), wanted.labels)
        digest = _pushed(run, wanted, target, tag, before)
    return _receipt(run, wanted, target, (tag, first), digest, created=made is Made.CREATED)


def pushable(run: Run, engine: Any, image: str | PackedImage) -> Pushable:
    """Return what is to be pushed. Raises ApplyError, RefusedError, CallFailedError."""
    if isinstance(image, PackedImage):
        return image
    return EngineImage(engine.api if engine is not None else run.connections.docker(), image)


def default_tag(image: Pushable) -> str:
    """Return the default tag: the first digits of the commit in the image's label, with ``-dirty``
    if the label has it; else of the image's id."""
    revision, dash, rest = image.labels.get(REVISION_LABEL, "").partition("-")
    if len(revision) >= _DIGITS and revision.isalnum():
        return f"{revision[:_DIGITS]}{dash}{rest}"
    return hex_of(image.id)[:_DIGITS]


def _is_there(run: Run, image: Pushable, repository: ResourceId, digest: str) -> bool:
    """Whether a tag names this very image."""
    place, name = place_of(repository), name_of(repository)
    registry_image = read_image(run.connections, ecr_image_id(*place, name, digest))
    return image.is_same(digest, registry_image.manifest)


def refuse_to_move(detail: Any, repository: ResourceId, tag: str, before: str) -> None:
    """Raise RefusedError for an immutable tag that names another image (``before``)."""
    if before and is_immutable(detail, tag):
        raise RefusedError(
            f"{name_of(repository)}:{tag} is {shortened(before)}, another image, and tags of this "
            "repository do not move (immutable): push under another tag (--tag)"
        )


def refuse_to_take(
    repository: ResourceId, tag: str, before: Mapping[str, str], labels: Mapping[str, str]
) -> None:
    """Raise RefusedError when a default tag names an image of another handler or folder. Two
    functions of one commit in one repository would take the tag from each other."""
    for label in (HANDLER_LABEL, FOLDER_LABEL):
        theirs, own = before.get(label), labels.get(label)
        if theirs and own and theirs != own:
            raise RefusedError(
                f"{name_of(repository)}:{tag} is the image of {theirs}, which would lose its tag "
                f"to {own}: push under another tag (--tag)"
            )


def _pushed(run: Run, image: Pushable, repository: ResourceId, tag: str, before: str) -> str:
    """Push the image, and compare the digest in ECR. Raises NotProvenError."""
    name, client = name_of(repository), run.session.client(repository)
    uri = repository_uri(repository)
    run.tell(f"pushing {name}:{tag}")
    present = digests_present(images(run.connections, repository))
    digest = image.push(run, repository, uri, tag, {"tag": before, "present": present})
    for _ in run.session.pauses():
        tagged = tagged_digest(client, name, tag)
        # Another process may have given the engine's name to another image before it was pushed.
        if tagged and digest in ("", tagged) and _is_there(run, image, repository, tagged):
            return tagged
    raise NotProvenError(
        f"{digest or 'an image'} was pushed, and in ECR {name}:{tag} is {tagged or 'absent'}"
    )


def _receipt(
    run: Run,
    image: Pushable,
    repository: ResourceId,
    tagged: tuple[str, str],
    digest: str,
    *,
    created: bool,
) -> Pushed:
    """Record the result by the state before this run first pushed the image. ``tagged`` is its tag,
    and what that named then."""
    tag, first = tagged
    place, name = place_of(repository), name_of(repository)
    resource = ecr_image_id(*place, name, digest)
    attempts = run.journal.attempts(repository, *PUSHES)
    kept = next((attempt.params.get("kept") or {} for attempt in attempts), None)
    result, before = Made.THERE, ""
    if kept is not None:
        before = first
        was_there = was_present(kept, digest)
        result = Made.CHANGED if was_there else Made.CREATED
    now = {"digest": digest, "tag": tag, "pushed": pushed_at(run.session.read(resource))}
    result = run.made(resource, result, before={"tag": before}, now=now)
    _note_name(run, image, f"{repository_uri(repository)}:{tag}")
    return Pushed(
        run=run.name,
        image=resource,
        repository=repository,
        reference=f"{repository_uri(repository)}@{digest}",
        tag=tag,
        digest=digest,
        result=result,
        created_repository=created,
        moved_from=before if before != digest else "",
    )


def _note_name(run: Run, image: Pushable, name: str) -> None:
    """Record that the engine's image got another name, if this run gave it."""
    for call in run.journal.intents(image.id, TAG):
        if f"{call.params['repo']}:{call.params['tag']}" == name:
            before = {"names": {name: str((call.params.get("kept") or {}).get("before") or "")}}
            run.made(image.id, Made.CHANGED, before=before, now={"names": [name]})
            return
