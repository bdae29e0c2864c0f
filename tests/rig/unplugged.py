"""The embedded AWS for a program that starts one itself."""

from __future__ import annotations

from typing import Self

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.rig.wire import connect_by_wire, without_sockets


def unplugged(patch: pytest.MonkeyPatch) -> type[Sandbox]:
    """An embedded AWS that is called without sockets, by its own clients and by those that the
    environment leads to."""

    class Unplugged(Sandbox):
        def __enter__(self) -> Self:
            super().__enter__()
            without_sockets(self)
            connect_by_wire(self, {}, patch)
            return self

    return Unplugged
