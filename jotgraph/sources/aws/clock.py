"""The time by AWS's clock: times that AWS records are compared with nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any


class Clock:
    """The ``Date`` of the last response, and when it arrived."""

    def __init__(self) -> None:
        self._last: tuple[str, float] | None = None

    def note(self, answer: Mapping[str, Any]) -> None:
        """Take the time from a response of boto3, if it has one."""
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        if date := headers.get("date"):
            self._last = (date, time.monotonic())

    def now(self) -> datetime | None:
        """Return AWS's time, to about a second; None before any response had one."""
        if self._last is None:
            return None
        date, noted = self._last
        try:
            return parsedate_to_datetime(date) + timedelta(seconds=time.monotonic() - noted)
        except ValueError:
            return None

    def ahead(self) -> timedelta:
        """Return how far it is ahead of this machine's clock (negative: behind); zero when
        unknown."""
        now = self.now()
        return timedelta() if now is None else now - datetime.now(UTC)
