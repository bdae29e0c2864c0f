"""Calls to a region by the client of another.

To make a client takes 2 ms, and over TLS its first call several times that, for it reads the
trusted certificates. Who asks one call of each service of each region uses the clients that are
there.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

from jotgraph.clients.aws import OTHER_REGION, Elsewhere


def sent_to(region: str, method: MethodType) -> Callable[..., Any]:
    """A method of a client of ``Aws``, whose call goes to a region."""

    def call(**params: Any) -> Any:
        token = OTHER_REGION.set(Elsewhere(method.__self__, region))
        try:
            return method(**params)
        finally:
            OTHER_REGION.reset(token)

    return call
