"""Pull times that our own reading moved, put back: BatchGetImage counts as a pull.

ECR records at most one pull a day. What was listed before is kept beside the manifest.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from jotgraph.records import EcrImage
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.cache import Cache, digest_of

OWN_PULL = timedelta(minutes=2)
"""A pull recorded this close to our own reading of the manifest is our own."""


def keep_pull_time(cache: Cache, image: EcrImage) -> None:
    """Keep the pull time that was listed before this reading of the image's manifest."""
    listed = image.pulled_at.isoformat() if image.pulled_at else ""
    cache.put("pulls", _key(image), listed.encode())


def without_own_pull(cache: Cache, image: EcrImage) -> EcrImage:
    """The image with the pull time that was listed before we read it, when the one listed now is
    that of our own reading: it is no sign of use."""
    read_at = cache.kept_at("pulls", _key(image))
    if image.pulled_at is None or read_at is None or abs(image.pulled_at - read_at) > OWN_PULL:
        return image
    listed = (cache.get("pulls", _key(image)) or b"").decode()
    return msgspec.structs.replace(image, pulled_at=parse_time(listed))


def _key(image: EcrImage) -> str:
    return digest_of(image.id.encode())
