"""Make calls of the sandbox in process, and write image references."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from jotgraph.errors import SandboxError
from jotgraph.sandbox.app import HANDLERS
from jotgraph.sandbox.seed.ecr import uri
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request

Where = str | None


def call(
    aws: Sandbox, service: str, action: str, account: Where, region: Where, /, **params: Any
) -> Any:
    """Make a call of the sandbox's own in process; the answer as it would be serialised. What is
    None is left out."""
    given = {key: value for key, value in params.items() if value is not None}
    where = (region or aws.region, account or aws.account)
    reply = HANDLERS[service][action](aws.world, Request(service, action, *where, "", given))
    if reply is None:
        raise SandboxError(f"{service} {action} is not answered by the sandbox itself")
    return reply.result


def reference(aws: Sandbox, image: str, account: Where = None, region: Where = None) -> str:
    """A whole image reference of what the functions here take."""
    host, slash, _ = image.partition("/")
    return image if slash and "." in host else uri(aws, image, account, region)


@contextmanager
def at(aws: Sandbox, moment: datetime) -> Iterator[None]:
    """Set the sandbox's clock to a moment while the block runs."""
    ahead = aws.world.ahead
    aws.world.ahead = moment.timestamp() - time.time()
    try:
        yield
    finally:
        aws.world.ahead = ahead
