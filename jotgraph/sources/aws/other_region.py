"""Calls to a region by the client of another.

To make a client takes 2 ms, and over TLS its first call several times that, for it reads the
trusted certificates. Who asks one call of each service of each region uses the clients that are
there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jotgraph.clients import OTHER_REGION


def sent_to(region: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a client of ``Aws``, whose call goes to a region."""

    def call(**params: Any) -> Any:
        token = OTHER_REGION.set(region)
        try:
            return method(**params)
        finally:
            OTHER_REGION.reset(token)

    return call
