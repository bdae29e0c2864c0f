"""Deletes from ECR: images in batches, by digest, and empty repositories."""

from __future__ import annotations

from collections.abc import Sequence

from jotgraph.apply.backup import borrow, keep_images
from jotgraph.apply.image_batch import (
    SEEN_GONE,
    Batch,
    Results,
    note_reading,
    referring,
    refuse_pulled,
    refuse_used,
)
from jotgraph.apply.image_look import read_around, refuse_stopped, require_unstopped_repository
from jotgraph.apply.run import GONE_ALREADY, Run, back_up, look, require_same, wait_gone
from jotgraph.errors import CallFailedError, NotProvenError, RefusedError, reason_of
from jotgraph.plan import Step
from jotgraph.plan.outcome import Status
from jotgraph.records import EcrImage, digest_of, name_of
from jotgraph.records.ids import shortened
from jotgraph.sources.single import images

BATCH = 100
"""The most imageIds of one BatchDeleteImage (ECR API)."""


def delete_images(run: Run, steps: Sequence[Step]) -> Results:
    """Delete up to BATCH images of one repository that do not depend on each other.

    Right before the call these are read, in this order: all images of the repository (fingerprints,
    and what refers to them), then every function and version of the region in the plan's scope.
    Raises CallFailedError when that fails; nothing was done then.
    """
    batch = Batch(run, steps)
    present = batch.images()
    _end_unfit(batch, present)
    refuse_pulled(batch, present)
    if batch.going and run.backup:
        _keep(batch, present)
    if batch.going:
        around = read_around(batch.run, batch.repository)
        present = batch.images()
        _end_unfit(batch, present)
        refuse_pulled(batch, present)
        refuse_stopped(batch, present.values(), around)
    _end_uncopied(batch)
    if batch.going:
        _delete(batch)
    return batch.ended


def _end_unfit(batch: Batch, present: dict[str, EcrImage]) -> None:
    """End the steps of images that are gone, changed, or referred to by something that is kept."""
    for step in batch.going:
        image = present.get(digest_of(step.id))
        if image is None:
            batch.end([step], Status.DONE, GONE_ALREADY)
            continue
        try:
            require_same(step, image)
        except RefusedError as refused:
            batch.end([step], Status.REFUSED, str(refused))
            continue
        for referrer in referring(image.digest, present)[:1]:
            why = f"{shortened(referrer.digest)} references it and is not deleted"
            batch.end([step], Status.REFUSED, why)


def _keep(batch: Batch, present: dict[str, EcrImage]) -> None:
    """Copy the images; end the steps of those that cannot be copied."""
    run = batch.run
    wanted = (step for step in batch.going if run.keeps_copy(step.id))
    lacking = [step for step in wanted if run.copies.trouble(step.id)]
    unread = borrow(run.copies, [present[digest_of(step.id)] for step in lacking])
    if not unread:
        return
    note_reading(batch, unread)
    client = run.session.client(batch.repository)
    failed = keep_images(client, run.copies, name_of(batch.repository), unread)
    for step in lacking:
        if digest_of(step.id) in failed:
            batch.end([step], Status.FAILED, failed[digest_of(step.id)])


def _end_uncopied(batch: Batch) -> None:
    """End the steps of images whose copy is not complete, each by itself."""
    for step in batch.going:
        try:
            batch.run.require_copies((step.id,))
        except NotProvenError as error:
            batch.end([step], Status.FAILED, str(error))


def _delete(batch: Batch) -> None:
    """Delete the images, and check until they are gone."""
    steps = batch.going
    answered = _ask_to_delete(batch)
    batch.run.session.wait(lambda: _settled(batch, steps, answered))
    _look_for_latecomers(batch, steps)


def _look_for_latecomers(batch: Batch, steps: Sequence[Step]) -> None:
    """Look once more who runs what is gone: ECR deletes what a function was created from a moment
    before. That is no success, and what else waits for it stays."""
    gone = [step for step in steps if batch.ended[step.id].status is Status.DONE]
    if not gone:
        return
    after = Batch(batch.run, gone)
    try:
        refuse_used(after)
    except CallFailedError as error:
        batch.end(gone, Status.DONE, f"deleted; who runs it now was not read: {reason_of(error)}")
    late = [step for step in gone if step.id in after.ended]
    if late:
        batch.run.journal.add(SEEN_GONE, steps=tuple(step.id for step in late))
    for step in late:
        kept = batch.run.keeps_copy(step.id)
        back = f": jotgraph undo {batch.run.session.run} brings it back" if kept else ""
        why = f"it was deleted, and {after.ended[step.id].because}{back}"
        batch.end([step], Status.FAILED, why)


def _ask_to_delete(batch: Batch) -> Results:
    """Call BatchDeleteImage once; return its reasons for images that it did not delete. A failed
    call does not prove that nothing happened, so the caller checks."""
    steps = {digest_of(step.id): step for step in batch.going}
    attempt = Batch(batch.run, batch.going)
    try:
        answer = batch.run.destroy(
            tuple(step.id for step in batch.going),
            "ecr",
            "BatchDeleteImage",
            repositoryName=name_of(batch.repository),
            imageIds=[{"imageDigest": digest} for digest in steps],
        )
    except CallFailedError as error:
        attempt.end(batch.going, Status.FAILED, error.failure.detail)
        return attempt.ended
    for failed in answer.get("failures") or ():
        code = failed.get("failureCode", "")
        why = f"{code}: {failed.get('failureReason', '')}"
        step = steps.get((failed.get("imageId") or {}).get("imageDigest", ""))
        if step is None:
            continue
        if code == "ImageReferencedByManifestList":
            attempt.end([step], Status.REFUSED, f"an index lists it ({why})")
        elif code != "ImageNotFound":
            attempt.end([step], Status.FAILED, why)
    return attempt.ended


def _settled(batch: Batch, steps: Sequence[Step], answered: Results) -> bool:
    """Check what is left and write how each step ended; return whether only images are left that
    ECR refused to delete."""
    left = batch.images()
    settled = True
    for step in steps:
        if digest_of(step.id) not in left:
            before = answered.get(step.id)
            batch.end([step], Status.DONE, before.because if before else "deleted")
        elif step.id in answered:
            batch.ended[step.id] = answered[step.id]
        else:
            why = "ECR reported no failure, but it is still there"
            batch.end([step], Status.FAILED, why)
            settled = False
    return settled


def delete_repository(run: Run, step: Step) -> str:
    """Delete an empty repository; archived images count as content. Never by force."""
    seen = look(run, step)
    if seen is None:
        return GONE_ALREADY
    back_up(run, step, seen)
    if look(run, step) is None:
        return GONE_ALREADY
    require_unstopped_repository(run, step)
    if remaining := images(run.connections, step.id):
        raise RefusedError(f"it holds {len(remaining)} images that the plan does not delete")
    name = name_of(step.id)
    try:
        run.destroy((step.id,), "ecr", "DeleteRepository", repositoryName=name, force=False)
    except CallFailedError as error:
        if error.failure.code == "RepositoryNotEmptyException":
            raise RefusedError("an image was just pushed to it") from error
        raise
    wait_gone(run, step.id)
    return "deleted"
