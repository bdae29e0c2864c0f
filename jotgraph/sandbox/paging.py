"""Pages of an answer, with the token of the next one.

The first request of a listing takes a snapshot of its items; later pages are cut from it. Asking
the source again for each page would make a listing quadratic, and would skip items when some are
deleted between pages, which AWS's listings do not do either.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

KEPT = 512
"""Snapshots kept; an older token is an expired one."""


class BadTokenError(Exception):
    """A token that this listing did not give out, or gave out long ago."""


class Pages:
    """Snapshots of listings under way. A token stays valid after use: botocore asks again for a
    page whose reply was lost."""

    def __init__(self) -> None:
        self._snapshots: OrderedDict[str, tuple[object, Sequence[Any]]] = OrderedDict()
        self._count = 0

    def take(
        self, key: object, items: Callable[[], Sequence[Any]], size: int, token: str | None
    ) -> tuple[Sequence[Any], str | None]:
        """Return the page of ``size`` items that ``token`` names (None: the first) and the token
        of the next page. ``key`` is what was asked; a token of another question is refused.

        Raises BadTokenError.
        """
        if not token:
            everything: Sequence[Any] = items()
            name, start = "", 0
        else:
            name, _, offset = token.partition(".")
            kept = self._snapshots.get(name)
            if kept is None or kept[0] != key or not offset.isdigit():
                raise BadTokenError(token)
            everything, start = kept[1], int(offset)
        end = start + size
        if end >= len(everything):
            return everything[start:], None
        if not name:
            self._count += 1
            name = f"page{self._count}"
            self._snapshots[name] = (key, tuple(everything))
            while len(self._snapshots) > KEPT:
                self._snapshots.popitem(last=False)
        return everything[start:end], f"{name}.{end}"
