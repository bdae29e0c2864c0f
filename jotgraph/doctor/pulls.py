"""Checks, on request, whether reading a manifest counts as a pull: the only check that leaves a
trace.

It reads one manifest and lists the image again: ECR records the reading as a pull, at most one a
day and image.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from jotgraph.doctor.access import why
from jotgraph.doctor.assumptions.model import AssumptionRule, SampleCheck, assumption
from jotgraph.doctor.samples import Recorder
from jotgraph.doctor.sampling import sampling
from jotgraph.errors import CallFailedError
from jotgraph.queries.answers.diagnosis import Assumption, Words, words
from jotgraph.records import EcrImage
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import utc
from jotgraph.sources.ecr.blobs import fetch_manifests
from jotgraph.sources.ecr.own_pulls import OWN_PULL, is_own
from jotgraph.sources.ecr.requests import get_images

WAITS = (0.0, 2.0, 5.0, 15.0)
"""Seconds to wait for the pull to be recorded."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_NOT_ASKED = "it reads a manifest, which ECR counts as a pull: ask for it with --pulls"


def not_asked(samples: object) -> SampleCheck:
    """Return the outcome without ``--pulls``."""
    return SampleCheck(0, (), _NOT_ASKED)


OWN_PULLS = AssumptionRule(
    "own-pull-recorded",
    f"Reading a manifest is recorded as a pull, within {OWN_PULL.seconds // 60} minutes",
    "jotgraph.sources.ecr.own_pulls",
    not_asked,
)


def own_pull(
    images: Sequence[EcrImage],
    places: Sequence[RegionClient],
    recorder: Recorder,
    sleep: Callable[[float], None] = time.sleep,
) -> Assumption:
    """Read the manifest of the most recently pulled image, where the trace matters least, and
    compare ECR's record."""
    by_place = {(place.account, place.region): place for place in places}
    pulled = [image for image in images if image.pulled_at] or list(images)
    chosen = max(pulled, key=lambda image: (image.pulled_at or _NEVER, image.id), default=None)
    place = by_place.get((chosen.account, chosen.region)) if chosen else None
    if chosen is None or place is None:
        return assumption(OWN_PULLS, SampleCheck(0, (), "no image was listed"))
    try:
        return assumption(OWN_PULLS, _looked(chosen, place, recorder, sleep))
    except CallFailedError as error:
        return assumption(OWN_PULLS, SampleCheck(0, (why(error.failure),)))


def _looked(
    image: EcrImage, place: RegionClient, recorder: Recorder, sleep: Callable[[float], None]
) -> SampleCheck:
    reader = sampling(place, recorder, pulls=True)
    fetch_manifests(reader, image.repository, [image.digest])
    read_at = place.clock.now()
    name = f"{image.repository}@{image.digest}"
    if read_at is None:
        return SampleCheck(1, (words("the reading of {} got no Date", name),))
    recorded: datetime | None = None
    for seconds in WAITS:
        sleep(seconds)
        listed = get_images(place, image.repository, digest=image.digest)
        recorded = utc(listed[0].get("lastRecordedPullTime")) if listed else None
        if is_own(recorded, (read_at,)):
            return SampleCheck(1)
    if recorded is not None and recorded == image.pulled_at:
        why_not = "the pull time did not move: one is recorded already, or the caller is excluded"
        return SampleCheck(0, (), why_not)
    return SampleCheck(
        1, (words("{}: {}", name, str(recorded)), Words("not the time of the reading"))
    )
