"""Immutable responses stored between scans: task definitions, revisions of services and functions.

Their ARNs identify them for ever, because no number is reused. Only AWS promises that, not its
emulators, so for another endpoint they are stored only in an explicitly given folder. There is one
file for each call of a place: a first scan of 5,000 functions stores 5,000 answers.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from jotgraph.records.json_text import NOT_JSON, decoder
from jotgraph.sources.append_log import AppendLog
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.store.folders import cache_folder

_FOLDER = "revisions"
_BEFORE = "workload-revisions"
"""Folder in which earlier versions stored a file for each answer."""
_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class Revisions:
    """The answers that one reader has stored, by place, call and name. Close it after the last
    one."""

    def __init__(self, folder: Path | None, reader: str) -> None:
        self._folder, self._asked_for = folder or cache_folder(), folder is not None
        self._reader = reader
        self._logs: dict[tuple[str, str, str, str], AppendLog | None] = {}
        self._lock = threading.Lock()

    def get(
        self, place: RegionClient, client: str, action: str, forever: str | None, of: Any = Any
    ) -> Any:
        """Return a stored answer; None when there is none of that type."""
        log = self._log(place, client, action) if forever else None
        answer = log.get(forever) if log and forever else None
        try:
            return None if answer is None else decoder(of).decode(answer)
        except NOT_JSON:
            return None

    def names(self, place: RegionClient, client: str, action: str) -> tuple[str, ...]:
        """Return the names of all stored answers, the oldest first."""
        log = self._log(place, client, action)
        return log.names() if log else ()

    def put(
        self, place: RegionClient, client: str, action: str, answers: Mapping[str, Any]
    ) -> None:
        """Store answers under names that identify them for ever."""
        named = {forever: answer for forever, answer in answers.items() if forever}
        if named and (log := self._log(place, client, action)):
            log.put({forever: msgspec.json.encode(answer) for forever, answer in named.items()})

    def keep_only(
        self, place: RegionClient, client: str, action: str, named: Collection[str]
    ) -> None:
        """Remove other answers, once there are many: a complete listing no longer names them."""
        if log := self._log(place, client, action):
            log.compact(named)

    def close(self) -> None:
        with self._lock:
            for log in self._logs.values():
                if log:
                    log.close()

    def _log(self, place: RegionClient, client: str, action: str) -> AppendLog | None:
        key = (place.account, place.region, client, action)
        with self._lock:
            if key not in self._logs:
                self._logs[key] = self._open(place, client, action)
            return self._logs[key]

    def _open(self, place: RegionClient, client: str, action: str) -> AppendLog | None:
        """The store; None for an endpoint that promises nothing."""
        endpoint = str(place.aws.client(client, place.region).meta.endpoint_url)
        if not (self._asked_for or _is_aws(endpoint)):
            return None
        shutil.rmtree(self._folder / _BEFORE, ignore_errors=True)
        named = "\n".join((self._reader, endpoint, action, place.account, place.region))
        name = hashlib.sha256(named.encode()).hexdigest()
        return AppendLog(self._folder / _FOLDER / name)


@lru_cache(maxsize=256)
def _is_aws(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith(_OF_AWS)
