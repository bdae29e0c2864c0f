"""Images of one repository that are deleted together, and checks that keep one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from jotgraph.apply.run import Run
from jotgraph.apply.updates import half_updated
from jotgraph.errors import CallFailedError
from jotgraph.plan import Step
from jotgraph.plan.fingerprints import CHILDREN, PULLED, READ_AT, moment
from jotgraph.plan.outcome import Status
from jotgraph.records import (
    EcrImage,
    Function,
    Kind,
    ResourceId,
    Version,
    account_of,
    digest_of,
    kind_of,
    name_of,
    place_of,
    region_of,
    repository_of,
)
from jotgraph.records.mentions import mentions
from jotgraph.records.references import ecr_reference, referrer_tag
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.cache import Cache
from jotgraph.sources.connections import is_gone
from jotgraph.sources.ecr.own_pulls import is_own, keep_pull_time, with_own_pull
from jotgraph.sources.single import configurations, images, read_configuration

READ = "read"
"""Kind of journal line: this run pulled images."""
SEEN_GONE = "seen-gone"
"""Kind of journal line: images were deleted, and something came to run them meanwhile."""

Asleep = Callable[[Function | Version], bool]
"""Tells whether a function is in quarantine, and so runs nothing."""


class StepResult(NamedTuple):
    """How a step ended, and why."""

    status: Status
    because: str


Results = dict[ResourceId, StepResult]


@dataclass(frozen=True)
class Batch:
    """Steps about images of one repository, none of which depends on another."""

    run: Run
    steps: Sequence[Step]
    ended: Results = field(default_factory=dict)
    """Results of the steps that have ended."""

    @property
    def repository(self) -> ResourceId:
        return repository_of(self.steps[0].id)

    @property
    def going(self) -> list[Step]:
        """The steps that have not ended."""
        return [step for step in self.steps if step.id not in self.ended]

    def end(self, steps: Sequence[Step], status: Status, because: str) -> None:
        self.ended.update((step.id, StepResult(status, because)) for step in steps)

    def images(self) -> dict[str, EcrImage]:
        """Return every image of the repository by digest, as of now. Raises CallFailedError."""
        return images(self.run.connections, self.repository)


def referring(image: str, present: Mapping[str, EcrImage]) -> list[EcrImage]:
    """Return the signatures, attestations and the like that refer to an image."""
    return [referrer for referrer in present.values() if image in subjects(referrer)]


def subjects(image: EcrImage) -> set[str]:
    """Return the digests of the images that a signature or attestation is about."""
    named = {referrer.digest for tag in image.tags if (referrer := referrer_tag(tag))}
    return (named | ({image.subject} if image.subject else set())) - {image.digest}


def refuse_pulled(batch: Batch, present: Mapping[str, EcrImage]) -> None:
    """End the steps of images that were pulled since the plan was made. Our own pulls do not count:
    the scan's, and this run's for a backup."""
    cache = Cache()
    for step in batch.going:
        image = present[digest_of(step.id)]
        planned = dict(step.fingerprint)
        if moment(image.pulled_at) == planned.get(PULLED, ""):
            continue
        known = (planned.get(READ_AT, ""), moment(with_own_pull(cache, image).read_at))
        ours = tuple(filter(None, map(parse_time, (*known, *_readings(batch.run, step)))))
        if image.pulled_at and not is_own(image.pulled_at, ours):
            when = f"{image.pulled_at:%Y-%m-%d %H:%M} UTC"
            why = f"a pull of it was recorded since the plan was made ({when})"
            batch.end([step], Status.REFUSED, why)


def note_reading(batch: Batch, images: Sequence[EcrImage]) -> None:
    """Record that images are about to be read, with the time by ECR's clock: in the journal, and
    for the next scan of this machine."""
    now, cache = batch.run.session.client(batch.repository).clock.now(), Cache()
    steps = tuple(image.id for image in images)
    batch.run.journal.add(READ, steps=steps, params={"at": now.isoformat() if now else ""})
    for image in images:
        keep_pull_time(cache, image, now)


def _readings(run: Run, step: Step) -> Iterator[str]:
    """The times, by ECR's clock, at which this run read an image."""
    for entry in run.journal.entries:
        if entry.what == READ and step.id in entry.steps:
            yield str(entry.params.get("at", ""))


def refuse_used(
    batch: Batch, asleep: Asleep = lambda configuration: False
) -> list[Function | Version]:
    """End the steps of images, and of their indexes, that a function or version runs now. Every
    account of the scope counts; functions that are ``asleep`` run nothing. Returns the functions
    whose text mentions anything. Raises CallFailedError."""
    run, steps = batch.run, batch.going
    wanted: dict[str, list[Step]] = {}
    waiting = [s for s in run.plan.steps if kind_of(s.id) is Kind.ECR_IMAGE and s.after]
    for step in steps:
        for digest in _falling(step, waiting):
            wanted.setdefault(digest, []).append(step)
    awake: list[Function | Version] = []
    region = region_of(batch.repository)
    for account in sorted(run.accounts_in(region) | {account_of(batch.repository)}):
        listed = configurations(run.connections, account, region)
        of_images = (configuration for configuration in listed if configuration.may_run_image)
        if why := half_updated(run, batch.going, of_images, asleep):
            batch.end(steps, Status.REFUSED, why)
        for configuration in listed:
            named = f"{kind_of(configuration.id)} {name_of(configuration.id)}"
            if configuration.may_run_image and configuration.image_digest is None:
                batch.end(steps, Status.REFUSED, f"which image {named} runs cannot be read")
            for step in wanted.get(configuration.image_digest or "", ()):
                if _runs(run, configuration, step) and not asleep(configuration):
                    whole = configuration.image_digest == digest_of(step.id)
                    what = "it" if whole else "a part of it"
                    batch.end([step], Status.REFUSED, f"{named} runs {what} now")
            if next(mentions(configuration), None):
                awake.append(configuration)
    return [configuration for configuration in awake if not asleep(configuration)]


def _falling(step: Step, waiting: Sequence[Step]) -> set[str]:
    """The digests of an image, of its contents, and of images that depend on it. ``waiting`` are in
    the order of the plan, so that one pass is enough."""
    steps_by_id = {step.id: step}
    for other in waiting:
        if not steps_by_id.keys().isdisjoint(other.after):
            steps_by_id[other.id] = other
    children = (
        dict(falling.fingerprint).get(CHILDREN, "").split() for falling in steps_by_id.values()
    )
    return {digest_of(image) for image in steps_by_id}.union(*children)


def _runs(run: Run, configuration: Function | Version, step: Step) -> bool:
    """Whether a configuration runs this image, rather than an equal one of another repository."""
    try:
        detail = read_configuration(run.connections, configuration.id)
    except CallFailedError as error:
        return not is_gone(error)
    reference = ecr_reference(detail.resolved_image_uri)
    if reference is None:
        return True
    own = (*place_of(step.id), name_of(repository_of(step.id)))
    return (reference.account, reference.region, reference.repository) == own
