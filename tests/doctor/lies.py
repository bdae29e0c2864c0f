"""An embedded AWS that does not tell the truth: what an answer holds is changed on its way out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Reply, Request

Lie = Callable[[Any], object]
"""Changes an answer (of JSON) in place."""


def lie(aws: Sandbox, patch: Any, service: str, action: str, change: Lie) -> None:
    """Let every answer of one call be changed."""
    honest = aws.app._answer

    def answer(request: Request, environ: dict[str, Any], body: bytes) -> Reply:
        reply = honest(request, environ, body)
        if (request.service, request.action) != (service, action) or reply.status >= 400:
            return reply
        content = json.loads(reply.body)
        change(content)
        return replace(reply, body=json.dumps(content).encode())

    patch.setattr(aws.app, "_answer", answer)


def lie_in_text(aws: Sandbox, patch: Any, action: str, change: Callable[[str], str]) -> None:
    """The same for an answer in XML."""
    honest = aws.app._answer

    def answer(request: Request, environ: dict[str, Any], body: bytes) -> Reply:
        reply = honest(request, environ, body)
        if request.action != action:
            return reply
        return replace(reply, body=change(reply.body.decode()).encode())

    patch.setattr(aws.app, "_answer", answer)


def each(member: str, **changes: Any) -> Lie:
    """Set fields of every item of a list; None takes a field away."""

    def change(content: Any) -> None:
        for item in content[member]:
            for name, value in changes.items():
                if value is None:
                    item.pop(name, None)
                else:
                    item[name] = value

    return change


def at(*path: str, **changes: Any) -> Lie:
    """Set fields of the object at a path."""

    def change(content: Any) -> None:
        for step in path:
            content = content[int(step)] if step.isdigit() else content[step]
        each("items", **changes)({"items": [content]})

    return change
