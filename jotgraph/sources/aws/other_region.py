"""Calls to a region through another region's client.

Creating a client takes 2 ms, and over TLS its first call several times that, because it reads the
trusted certificates. Whoever makes one call to each service in each region uses existing clients.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

from jotgraph.clients.aws import OTHER_REGION, Elsewhere


def sent_to(region: str, method: MethodType) -> Callable[..., Any]:
    """Return a method of ``Aws``'s clients whose call goes to a region."""

    def call(**params: Any) -> Any:
        token = OTHER_REGION.set(Elsewhere(method.__self__, region))
        try:
            return method(**params)
        finally:
            OTHER_REGION.reset(token)

    return call
