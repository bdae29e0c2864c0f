"""The time by AWS's clock, which is not ours: what AWS records is compared with nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any


class Clock:
    """The ``Date`` of the last answer, and how long ago it came."""

    def __init__(self) -> None:
        self._last: tuple[str, float] | None = None

    def note(self, answer: Mapping[str, Any]) -> None:
        """Take the time from an answer of boto3, if it says one."""
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        if date := headers.get("date"):
            self._last = (date, time.monotonic())

    def now(self) -> datetime | None:
        """The time there, to a second or so; None when no answer has said it."""
        if self._last is None:
            return None
        date, noted = self._last
        try:
            return parsedate_to_datetime(date) + timedelta(seconds=time.monotonic() - noted)
        except ValueError:
            return None

    def ahead(self) -> timedelta:
        """How far it is ahead of this machine's clock, or behind it; nothing where no answer has
        said the time."""
        now = self.now()
        return timedelta() if now is None else now - datetime.now(UTC)
