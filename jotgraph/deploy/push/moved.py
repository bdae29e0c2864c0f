"""What a tag named before a push, and whether somebody else moved it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jotgraph.deploy.made_before import makings_of
from jotgraph.deploy.push.images import PUSH
from jotgraph.deploy.registry_image import read_image
from jotgraph.deploy.rollout.locked import changed_between
from jotgraph.deploy.run import Run
from jotgraph.records import (
    EcrImage,
    Kind,
    Record,
    ResourceId,
    ecr_image_id,
    key_of,
    kind_of,
    name_of,
    place_of,
)
from jotgraph.records.ids import shortened
from jotgraph.store.journal import JournalLine

PUSHES = (PUSH, "ecr:PutImage")
_DIGEST_START = len("sha256:") + 16
"""As much of a digest as distinguishes the images of a repository in the journal."""


def tag_of(push: JournalLine) -> str:
    """Return the tag of a push."""
    return str(push.params.get("imageTag") or push.params.get("tag") or "")


def named_before(push: JournalLine) -> str:
    """Return the digest that the tag of a push named before; empty when there was none."""
    return str((push.params.get("kept") or {}).get("tag") or "")


def digests_present(digests: Iterable[str]) -> list[str]:
    """Return what the journal keeps, as ``present``, of the digests in a repository before a
    push."""
    return sorted(digest[:_DIGEST_START] for digest in digests)


def was_present(kept: Mapping[str, Any], digest: str) -> bool:
    """Return whether a digest was in its repository before a push that kept this."""
    return digest[:_DIGEST_START] in kept.get("present", ())


def first_digest(run: Run, repository: ResourceId, tag: str, now: str) -> str:
    """Return the digest that a tag named before this run first pushed to it; ``now`` is its present
    digest. Raises RefusedError when somebody else moved it while the run was interrupted (other
    runs of this machine are not somebody else), and CallFailedError."""
    pushes = [push for push in run.journal.attempts(repository, *PUSHES) if tag_of(push) == tag]
    if not pushes:
        return now
    first, last = named_before(pushes[0]), named_before(pushes[-1])
    pushed = bool(now) and _is_pushed(run, repository, pushes, now)
    untouched = now == last and run.unproven(repository, *PUSHES) is not None
    if not now or pushed or untouched:
        return first
    image = ecr_image_id(*place_of(repository), name_of(repository), now)
    if any(making.now.get("tag") == tag and making.run != run.name for making in makings_of(image)):
        return now
    what = f"tag {tag} of {name_of(repository)}"
    raise changed_between(run, what, f"it names {shortened(now)}")


def _is_pushed(run: Run, repository: ResourceId, pushes: list[JournalLine], digest: str) -> bool:
    """Whether this run pushed an image: by its digest, or by its configuration, whose digest is the
    engine's id."""
    place, name = place_of(repository), name_of(repository)
    image = ecr_image_id(*place, name, digest)
    known = {str(push.params.get("imageDigest") or "") for push in pushes} | {
        key_of(step) for push in pushes for step in push.steps if kind_of(step) is Kind.LOCAL_IMAGE
    }
    if run.made_before(image) or digest in known:
        return True
    return read_image(run.connections, image).manifest.config_digest in known


def pushed_at(image: Record | None) -> str:
    """Return when an image was pushed, by ECR's clock. Pushing it again changes the time."""
    when = image.pushed_at if isinstance(image, EcrImage) else None
    return when.isoformat() if when else ""
