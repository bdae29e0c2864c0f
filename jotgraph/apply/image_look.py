"""The second look at images and repositories: their settings, and everything that runs or mentions
them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from jotgraph.apply.image_batch import Asleep, Batch, refuse_used
from jotgraph.apply.run import Run
from jotgraph.apply.second_look import around, by_kind, refuse
from jotgraph.errors import NotProvenError
from jotgraph.plan import Step
from jotgraph.plan.again import stopped_now
from jotgraph.plan.fingerprints import CHILDREN
from jotgraph.plan.outcome import Status
from jotgraph.records import (
    Child,
    EcrImage,
    EcrRepository,
    Inventory,
    Kind,
    Registry,
    ResourceId,
    digest_of,
    kind_of,
    name_of,
    place_of,
    repository_name_of,
    repository_of,
)
from jotgraph.sources.surroundings import around_repository
from jotgraph.sources.workloads_now import WorkloadsNow
from jotgraph.store.journal import Journal


class Around(NamedTuple):
    """What surrounds the images of one repository now, apart from functions."""

    repository: EcrRepository
    registries: tuple[Registry, ...]
    workloads: WorkloadsNow

    def of(self, run: Run, **records: Iterable[object]) -> Inventory:
        """Return all of it with other records that were read, in the scope of the plan."""
        fresh = around(run.plan, registries=self.registries, **records)
        return self.workloads.within(fresh)


def read_around(run: Run, repository: ResourceId) -> Around:
    """Read the settings of a repository and its registry, and what runs images beside Lambda.
    Raises NotProvenError when a setting cannot be read that could be when the plan was made."""
    account, region = place_of(repository)
    bare = EcrRepository(account=account, region=region, name=name_of(repository))
    read = around_repository(run.connections, bare)
    known = {gap.name for gap in run.plan.gaps}
    for gap in read.gaps:
        if gap.name not in known:
            raise NotProvenError(f"{gap.call} was not read: {gap.detail}")
    return Around(read.repository, read.registries, run.consumers.now())


def refuse_stopped(
    batch: Batch,
    present: Iterable[EcrImage],
    around: Around,
    asleep: Asleep = lambda configuration: False,
    ours: Collection[str] = (),
) -> None:
    """End the steps of images that something now stops or uses. Functions that are not ``asleep``
    are read here; ``around`` was read right before. ``present`` are all images of the repository;
    ``ours`` are codes of doubts that the run itself causes. Raises CallFailedError."""
    if not batch.going:
        return
    awake = refuse_used(batch, asleep)
    steps = {
        step.id: step
        for step in batch.run.plan.steps
        if kind_of(step.id) is Kind.ECR_IMAGE and repository_of(step.id) == batch.repository
    }
    gone = (steps[image] for image in batch.run.deleted(Kind.ECR_IMAGE) if image in steps)
    deleted = [_as_it_was(step) for step in gone]
    fresh = around.of(
        batch.run,
        ecr_repositories=(around.repository,),
        ecr_images=(*(_as_planned(batch.run, image, steps) for image in present), *deleted),
        **by_kind(awake),
    )
    stopped = stopped_now(batch.run.plan, tuple(steps.values()), fresh, datetime.now(UTC), ours)
    for step in batch.going:
        if why := stopped.get(step.id):
            batch.end([step], Status.REFUSED, why)


def look_again(
    batch: Batch, present: dict[str, EcrImage], asleep: Asleep, ours: Collection[str]
) -> None:
    """Read what surrounds the images of a batch, and end the steps of those that something stops or
    uses. ``ours`` is as in ``refuse_stopped``."""
    around = read_around(batch.run, batch.repository)
    refuse_stopped(batch, present.values(), around, asleep, ours)


def _as_planned(run: Run, image: EcrImage, steps: dict[ResourceId, Step]) -> EcrImage:
    """An image with the contents of its index, which the digest determines and no listing shows,
    and without a restore from the archive that this run made itself."""
    if image.id not in steps:
        return image
    if restored_by(run.journal, image.id):
        status = "ACTIVE" if image.status == "ACTIVATING" else image.status
        image = msgspec.structs.replace(image, restored_at=None, status=status)
    digests = dict(steps[image.id].fingerprint).get(CHILDREN, "").split()
    children = tuple(Child(digest=digest) for digest in digests)
    return msgspec.structs.replace(image, children=children, manifest_read=True)


def restored_by(journal: Journal, image: ResourceId) -> bool:
    """Return whether a run itself restored an image from the archive."""
    return any(
        attempt.params.get("targetStorageClass") == "STANDARD"
        for attempt in journal.attempts(image, "ecr:UpdateImageStorageClass")
    )


def _as_it_was(step: Step) -> EcrImage:
    """An image that this run deleted, as in the plan: the run itself must not change which images
    are newest."""
    planned, (account, region) = dict(step.fingerprint), place_of(step.id)
    return EcrImage(
        account=account,
        region=region,
        repository=repository_name_of(step.id),
        digest=digest_of(step.id),
        tags=tuple(planned.get("tags", "").split()),
        pushed_at=datetime.fromisoformat(planned["pushed"]) if planned.get("pushed") else None,
        children=tuple(Child(digest=digest) for digest in planned.get(CHILDREN, "").split()),
        manifest_read=True,
    )


def require_unstopped_repository(run: Run, step: Step) -> None:
    """Raise RefusedError when something now stops a repository that did not when it was planned.
    Raises NotProvenError, CallFailedError when that cannot be read."""
    around = read_around(run, step.id)
    created = datetime.fromisoformat(text) if (text := dict(step.fingerprint)["created"]) else None
    repository = msgspec.structs.replace(around.repository, created_at=created)
    refuse(run.plan, step, around.of(run, ecr_repositories=(repository,)))
