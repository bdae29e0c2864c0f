"""What never changes, kept between scans: task definitions, revisions of services and functions.

Their ARNs name them for ever, as no number is used again. That is a promise of AWS and of nobody
who emulates it, so that on another endpoint nothing is kept but in a folder that was asked for.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.cache import Cache, digest_of

_KIND = "workload-revisions"
_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class _Kept(msgspec.Struct, frozen=True):
    of: str
    answer: Any


class Revisions:
    """The answers that were kept, by endpoint, call and what names them."""

    def __init__(self, folder: Path | None) -> None:
        self._cache, self._asked_for = Cache(folder), folder is not None

    def get(self, place: RegionClient, client: str, action: str, forever: str | None) -> Any:
        """What was kept; None when nothing was."""
        key = self._key(place, client, action, forever)
        stored = self._cache.decoded(_KIND, digest_of(key.encode()), _Kept) if key else None
        return stored.answer if stored and stored.of == key else None

    def put(
        self, place: RegionClient, client: str, action: str, forever: str | None, answer: Any
    ) -> None:
        """Keep an answer for ever, if something names it for ever."""
        if key := self._key(place, client, action, forever):
            content = msgspec.json.encode(_Kept(key, answer))
            self._cache.put(_KIND, digest_of(key.encode()), content)

    def _key(self, place: RegionClient, client: str, action: str, forever: str | None) -> str:
        if not forever:
            return ""
        endpoint = str(place.aws.client(client, place.region).meta.endpoint_url)
        return f"{endpoint} {action} {forever}" if self._asked_for or _is_aws(endpoint) else ""


@lru_cache(maxsize=256)
def _is_aws(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith(_OF_AWS)
