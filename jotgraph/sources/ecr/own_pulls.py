"""Our own pulls: BatchGetImage counts as one, and is no use of an image.

ECR records at most one pull a day. The pull time listed before a reading is stored beside the
manifest, with the time of the reading by ECR's own clock: no time of ECR is compared with one of
this machine.
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
"""How close to our reading of the manifest a recorded pull has to be to count as our own."""


def keep_pull_time(cache: Cache, image: EcrImage, read_at: datetime | None) -> None:
    """Store the pull time that was listed before this reading of a manifest, and the time of the
    reading by ECR's clock."""
    times = (image.pulled_at, read_at)
    text = "\n".join(when.isoformat() if when else "" for when in times)
    cache.put(_KIND, _key(image), text.encode())


def with_own_pulls(cache: Cache, images: Iterable[EcrImage]) -> tuple[EcrImage, ...]:
    """Apply ``with_own_pull`` to images; only the few with a stored pull time are looked up."""
    kept = cache.digests(_KIND)
    return tuple(
        with_own_pull(cache, image) if kept and _key(image) in kept else image for image in images
    )


def with_own_pull(cache: Cache, image: EcrImage) -> EcrImage:
    """Return the image with the time of our own reading. If the listed pull is that reading, it is
    no sign of use, and the image gets the pull time from before."""
    listed, _, read = cache.text(_KIND, _key(image)).partition("\n")
    read_at = parse_time(read)
    if read_at is None:
        return image
    own = is_own(image.pulled_at, (read_at,))
    pulled_at = parse_time(listed) if own else image.pulled_at
    return msgspec.structs.replace(image, read_at=read_at, pulled_at=pulled_at)


def is_own(pulled: datetime | None, readings: tuple[datetime, ...]) -> bool:
    """Return whether a pull that ECR recorded is one of our readings; all times are ECR's."""
    return pulled is not None and any(abs(pulled - read) <= OWN_PULL for read in readings)


def _key(image: EcrImage) -> str:
    return sha256_of(image.id.encode())
