"""Archives ECR images: they can no longer be pulled, and can be restored.

A pull of an archived image returns 404; it is charged for 90 days at least and restored within 20
minutes (ECR user guide, "Archiving an image", "Restoring an image"). Which images ECR refuses to
archive is not documented: ``ImageStorageClassUpdateNotSupportedException`` counts as a refusal
here. Indexes come before what they list, as in a deletion; the restore is in the opposite order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jotgraph.apply.backup import keep_images
from jotgraph.apply.image_batch import (
    Batch,
    Results,
    note_reading,
    referring,
    refuse_pulled,
)
from jotgraph.apply.image_look import look_again
from jotgraph.apply.quarantine.asleep import is_asleep
from jotgraph.apply.quarantine.restore import OURS, undone_if_held
from jotgraph.apply.quarantine.tagging import mark_images
from jotgraph.apply.run import Run, require_same
from jotgraph.errors import ApplyError, CallFailedError, RefusedError, reason_of
from jotgraph.plan import Step
from jotgraph.plan.held import facts_of
from jotgraph.plan.outcome import Status
from jotgraph.records import EcrImage, Function, Version, digest_of, name_of
from jotgraph.records.ids import shortened
from jotgraph.store.holdings import hold, holding

_UNSUPPORTED = "ImageStorageClassUpdateNotSupportedException"
_PULLABLE = ("ACTIVE", "ACTIVATING")


def archive(run: Run, steps: Sequence[Step]) -> Results:
    """Archive images of one repository that do not depend on each other. They and everything that
    could run them are checked before and after: what came into use meanwhile is restored. Raises
    CallFailedError when the first check fails."""

    def asleep(user: Function | Version) -> bool:
        return is_asleep(run.session, user)

    batch = Batch(run, steps)
    present = batch.images()
    for step in steps:
        _end_unfit(batch, step, present)
    refuse_pulled(batch, present)
    _put_back(batch, [step for step in steps if step.id in batch.ended])
    if batch.going and run.backup:
        _keep(batch, present)
    waiting = batch.going
    if waiting:
        look_again(batch, present, asleep, OURS)
    _put_back(batch, [step for step in waiting if step.id in batch.ended])
    _mark(batch, present)
    for step in batch.going:
        _archive(batch, step, present[digest_of(step.id)])
    if batch.going:
        _look_again(batch, asleep)
    return batch.ended


def _end_unfit(batch: Batch, step: Step, present: Mapping[str, EcrImage]) -> None:
    """End the step of an image that is gone or changed, or referred to by something that can be
    pulled."""
    image = present.get(digest_of(step.id))
    try:
        if image is None:
            raise RefusedError("it is gone")
        earlier = holding(batch.run.journal, step.id)
        require_same(step, image, ours={"status": ["ARCHIVED", "ACTIVATING"]} if earlier else {})
        if earlier and earlier.after and image.status in _PULLABLE:
            raise RefusedError("it was restored since it was put in quarantine")
        for referrer in referring(image.digest, present):
            if referrer.status in _PULLABLE:
                raise RefusedError(
                    f"{shortened(referrer.digest)} references it and is not archived"
                )
    except RefusedError as refused:
        batch.end([step], Status.REFUSED, str(refused))


def _keep(batch: Batch, present: Mapping[str, EcrImage]) -> None:
    """Copy the images that can be read; end the steps of those that cannot be copied."""
    active = [
        step
        for step in batch.going
        if present[digest_of(step.id)].status == "ACTIVE" and batch.run.copies.trouble(step.id)
    ]
    if not active:
        return
    images = [present[digest_of(step.id)] for step in active]
    note_reading(batch, images)
    client, name = batch.run.session.client(batch.repository), name_of(batch.repository)
    failed = keep_images(client, batch.run.copies, name, images)
    for step in active:
        if digest_of(step.id) in failed:
            batch.end([step], Status.FAILED, failed[digest_of(step.id)])


def _mark(batch: Batch, present: Mapping[str, EcrImage]) -> None:
    """Record the state of the images, and name them in their repository's tags; end the steps of
    those that do not fit."""
    steps = batch.going
    for step in steps:
        hold(batch.run.journal, step.id, {"status": present[digest_of(step.id)].status})
    try:
        if steps:
            mark_images(batch.run.session, [step.id for step in steps], present)
    except (CallFailedError, ApplyError) as error:
        status = Status.REFUSED if isinstance(error, RefusedError) else Status.FAILED
        batch.end(steps, status, reason_of(error))
        _put_back(batch, steps)


def _archive(batch: Batch, step: Step, image: EcrImage) -> None:
    if image.status == "ARCHIVED":
        return
    try:
        batch.run.session.call(
            (step.id,),
            "ecr",
            "UpdateImageStorageClass",
            repositoryName=name_of(batch.repository),
            imageId={"imageDigest": image.digest},
            targetStorageClass="ARCHIVE",
        )
    except CallFailedError as error:
        refused = error.failure.code == _UNSUPPORTED
        status = Status.REFUSED if refused else Status.FAILED
        batch.end([step], status, error.failure.detail)
        _put_back(batch, [step])


def _look_again(batch: Batch, asleep: Callable[[Function | Version], bool]) -> None:
    """Check everything again: images that are not archived or are used now are restored."""
    steps = batch.going
    present: dict[str, EcrImage] = {}
    try:
        present = batch.images()
        look_again(batch, present, asleep, OURS)
    except (CallFailedError, ApplyError) as error:
        batch.end(steps, Status.FAILED, reason_of(error))
    for step in batch.going:
        image = present.get(digest_of(step.id))
        if image is None or image.status != "ARCHIVED":
            batch.end([step], Status.FAILED, "it was archived, which could not be verified")
        else:
            batch.run.journal.add("held", steps=(step.id,), params=facts_of(image))
            batch.end([step], Status.DONE, "archived")
    _put_back(batch, [s for s in steps if batch.ended[s.id].status is not Status.DONE])


def _put_back(batch: Batch, steps: Sequence[Step]) -> None:
    """Restore images that may not be archived, and add that to their reasons."""
    for step in steps:
        batch.ended[step.id] = undone_if_held(batch.run.session, step.id, batch.ended[step.id])
