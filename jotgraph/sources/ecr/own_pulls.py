"""Pulls that are our own: BatchGetImage counts as one, and is no use of an image.

ECR records at most one pull a day. What was listed before is kept beside the manifest, with the
time of our reading by ECR's own clock: no time of ECR's is compared with one of this machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from jotgraph.records import EcrImage
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.cache import Cache, sha256_of

_KIND = "pulls"
OWN_PULL = timedelta(minutes=2)
"""A pull recorded this close to our own reading of the manifest is our own."""


def keep_pull_time(cache: Cache, image: EcrImage, read_at: datetime | None) -> None:
    """Keep the pull time that was listed before this reading of the image's manifest, and the time
    of the reading by ECR's clock."""
    times = (image.pulled_at, read_at)
    text = "\n".join(when.isoformat() if when else "" for when in times)
    cache.put(_KIND, _key(image), text.encode())


def with_own_pulls(cache: Cache, images: Iterable[EcrImage]) -> tuple[EcrImage, ...]:
    """The images as ``with_own_pull`` gives them; only the few with a kept pull are looked up."""
    kept = cache.digests(_KIND)
    return tuple(
        with_own_pull(cache, image) if kept and _key(image) in kept else image for image in images
    )


def with_own_pull(cache: Cache, image: EcrImage) -> EcrImage:
    """The image with the time of our own reading. When the pull that is listed is that reading, it
    is no sign of use: the image has the pull time that was listed before."""
    listed, _, read = cache.text(_KIND, _key(image)).partition("\n")
    read_at = parse_time(read)
    if read_at is None:
        return image
    own = is_own(image.pulled_at, (read_at,))
    pulled_at = parse_time(listed) if own else image.pulled_at
    return msgspec.structs.replace(image, read_at=read_at, pulled_at=pulled_at)


def is_own(pulled: datetime | None, readings: tuple[datetime, ...]) -> bool:
    """Whether a pull that ECR recorded is one of our readings, whose times are ECR's too."""
    return pulled is not None and any(abs(pulled - read) <= OWN_PULL for read in readings)


def _key(image: EcrImage) -> str:
    return sha256_of(image.id.encode())
