"""Tags resources in quarantine with their run and previous state, and removes these tags again.

Functions, roles and triggers have tags of their own. An ECR image does not, and an image tag would
be a name, whose removal deletes an image that has no other (API_BatchDeleteImage). So archived
images are named in tags of their repository. The mark is written before the change and removed
after the restore: nothing in quarantine is ever without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jotgraph.apply.session import Session
from jotgraph.errors import RefusedError
from jotgraph.plan.held import seal_of_facts
from jotgraph.records import (
    EcrImage,
    Kind,
    Pairs,
    ResourceId,
    digest_of,
    kind_of,
    last_name_of,
    name_of,
    place_of,
    repository_of,
)
from jotgraph.records.quarantine import (
    AFTER,
    QUARANTINED,
    archived_by,
    archived_key,
    archived_marks,
    archived_tags,
    before_tags,
    is_mark,
    word_of,
)
from jotgraph.sources.functions.tags import trigger_arn
from jotgraph.sources.surroundings import tags_of_repository

_MOST = 50
"""The most tags of a repository (ECR API, Tag), not counting those of AWS."""
_STALE = timedelta(days=1)
"""Age at which a tag that names nothing archived is removed: a mark is written before the image is
archived."""


def arn_of(session: Session, resource: ResourceId) -> str:
    """Return the ARN by which a function, trigger or repository is tagged."""
    client, (account, region) = session.client(resource), place_of(resource)
    if kind_of(resource) is Kind.TRIGGER:
        return trigger_arn(client, name_of(resource))
    partition, name = client.aws.session.get_partition_for_region(region), name_of(resource)
    if kind_of(resource) is Kind.FUNCTION:
        return f"arn:{partition}:lambda:{region}:{account}:function:{name}"
    return f"arn:{partition}:ecr:{region}:{account}:repository/{name}"


def mark(session: Session, resource: ResourceId, own: Pairs, before: Mapping[str, Any]) -> None:
    """Mark a function, role or trigger as being put in quarantine, with its previous state.
    ``before`` is stored without mark and ARN; ``own`` are the resource's tags. Raises
    CallFailedError."""
    if dict(own).get(QUARANTINED) != before["mark"]:
        kept = {key: value for key, value in before.items() if key not in ("mark", "arn")}
        _tag(session, resource, {QUARANTINED: before["mark"], **before_tags(kept)})


def mark_facts(
    session: Session, resource: ResourceId, own: Pairs, facts: Mapping[str, str]
) -> None:
    """Tag a function, role or trigger with a hash of its facts in quarantine. Raises
    CallFailedError."""
    seal = seal_of_facts(facts)
    if dict(own).get(AFTER) != seal:
        _tag(session, resource, {AFTER: seal})


def unmark(session: Session, resource: ResourceId, own: Pairs) -> None:
    """Remove the marks from a function, role or trigger. Raises CallFailedError."""
    keys = sorted(key for key, _ in own if is_mark(key))
    if kind_of(resource) is Kind.ROLE:
        name = last_name_of(resource)
        session.call(
            (resource,), "iam", "UntagRole", putting_back=True, RoleName=name, TagKeys=keys
        )
    else:
        arn = arn_of(session, resource)
        session.call(
            (resource,), "lambda", "UntagResource", putting_back=True, Resource=arn, TagKeys=keys
        )


def _tag(session: Session, resource: ResourceId, tags: dict[str, str]) -> None:
    if kind_of(resource) is Kind.ROLE:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        session.call((resource,), "iam", "TagRole", RoleName=last_name_of(resource), Tags=listed)
    else:
        arn = arn_of(session, resource)
        session.call((resource,), "lambda", "TagResource", Resource=arn, Tags=tags)


def mark_images(
    session: Session, images: Collection[ResourceId], present: Mapping[str, EcrImage]
) -> None:
    """Name images in the tags of their repository, with the time of the first one by ECR's clock.
    ``present`` are all its images. Raises RefusedError when there is no room for the tags,
    CallFailedError."""
    repository = repository_of(next(iter(images)))
    tags = tags_of_repository(session.connections, repository)
    before, named = archived_by(tags, session.run)
    words = {*named, *(word_of(digest_of(image)) for image in images)}
    if words <= named:
        return
    now = session.client(repository).clock.now() or datetime.now(UTC)
    since = before or now.isoformat(timespec="seconds")
    stale = _stale(tags, present, (now - _STALE).isoformat(timespec="seconds"))
    _write(session, tuple(images), tags, archived_tags(session.run, since, words), stale)


def unmark_image(session: Session, image: ResourceId) -> None:
    """Remove an image from the tags of its repository. Raises CallFailedError."""
    tags = tags_of_repository(session.connections, repository_of(image))
    word = word_of(digest_of(image))
    since, words = archived_by(tags, session.run)
    if word in words:
        left = archived_tags(session.run, since, words - {word})
        _write(session, (image,), tags, left, (), putting_back=True)


def _stale(tags: Pairs, present: Mapping[str, EcrImage], before: str) -> list[str]:
    """Old tags of other runs that name nothing archived."""
    archived = {word_of(digest) for digest, image in present.items() if image.status != "ACTIVE"}
    return [
        key
        for key, value in tags
        if archived_key(key)
        and value < before
        and not archived & archived_marks(((key, value),)).keys()
    ]


def _write(
    session: Session,
    images: tuple[ResourceId, ...],
    tags: Pairs,
    wanted: Mapping[str, str],
    stale: Collection[str],
    *,
    putting_back: bool = False,
) -> None:
    """Replace the run's tags on a repository: new ones are added first, so that every image is
    always named."""
    repository, present = repository_of(images[0]), dict(tags)
    own = {key for key in present if archived_key(key) == session.run}
    gone = sorted({*own, *stale} - wanted.keys())
    left = [key for key in present if key not in gone and not key.startswith("aws:")]
    if len({*left, *wanted}) > _MOST:
        raise RefusedError(
            f"its repository has {len(left)} tags, which leaves no room for a tag that names the "
            "archived images"
        )
    arn = arn_of(session, repository)
    fresh = [
        {"Key": key, "Value": value}
        for key, value in sorted(wanted.items())
        if present.get(key) != value
    ]
    if fresh:
        session.call(
            images, "ecr", "TagResource", putting_back=putting_back, resourceArn=arn, tags=fresh
        )
    if gone:
        session.call(
            images, "ecr", "UntagResource", putting_back=putting_back, resourceArn=arn, tagKeys=gone
        )
