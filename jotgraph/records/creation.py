"""When an image or container says that it was created."""

from __future__ import annotations

from datetime import datetime

_NO_TIME = 1980


def stated_time(created_at: datetime | None) -> datetime | None:
    """Return a stated time; None for the ones that reproducible builders write for *no time*:
    0001-01-01, 1970-01-01 and 1980-01-01."""
    return created_at if created_at and created_at.year > _NO_TIME else None
