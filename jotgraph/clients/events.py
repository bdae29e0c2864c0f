"""Sessions of botocore that make cheap clients: what is the same for each is made once.

A session registers 135 handlers of events, which takes 7 ms, as much as seven calls; the handlers
are the same for every account. And a client looks for names that its events had years ago, in 65
places, though no service uses one: a quarter of what a client costs.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Any

from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import HierarchicalEmitter
from botocore.session import Session


class _Counting(HierarchicalEmitter):
    """Counts what is registered with it."""

    registered = 0

    def register(self, *handler: Any, **more: Any) -> None:
        self.registered += 1
        super().register(*handler, **more)

    def register_first(self, *handler: Any, **more: Any) -> None:
        self.registered += 1
        super().register_first(*handler, **more)

    def register_last(self, *handler: Any, **more: Any) -> None:
        self.registered += 1
        super().register_last(*handler, **more)


def _every_session_has() -> HierarchicalEmitter | None:
    """Botocore's own handlers, and those that other programs added to them by now: what stands in
    for AWS in tests does so when it is imported. None where another program registers some with
    every session (``botocore.register_initializer``): it will do so with the next one, too."""
    return _made_of(tuple(BUILTIN_HANDLERS))


@cache
def _made_of(handlers: tuple[object, ...]) -> HierarchicalEmitter | None:
    """The handlers of a new session, to which ``handlers`` are added."""
    events = _Counting()
    Session(event_hooks=events)
    return events if events.registered == len(handlers) else None


def new_session(profile: str | None) -> Session:
    """A session whose handlers are botocore's, and whose clients know today's names of events; for
    a handler of an older name that is registered with the session, botocore finds today's."""
    shared = _every_session_has()
    events = HierarchicalEmitter() if shared is None else copy(shared)
    made = Session(profile=profile, event_hooks=events, include_builtin_handlers=shared is None)
    made.register_component("event_emitter", events)
    return made
