"""What setting aside and putting back share: journalled calls, and patience."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jotgraph.records import Kind, ResourceId, key_of, kind_of
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.session import World
from jotgraph.sources.single import parts
from jotgraph.store.journal import Journal


@dataclass(frozen=True)
class Hand:
    """The world, a journal, and how long to wait for the one before the other says so."""

    world: World
    journal: Journal
    patience: float = 60.0
    """Seconds to wait until a state that passes has passed."""
    pause: Callable[[float], None] = time.sleep

    def place(self, resource: ResourceId) -> RegionClient:
        """The account and region of a resource. Raises ApplyError when it is not signed in to."""
        if kind_of(resource) is Kind.ROLE:
            return self.world.place(key_of(resource).partition("/")[0])
        return self.world.place(*parts(resource)[:2])

    def call(
        self,
        resource: ResourceId,
        service: str,
        action: str,
        *,
        putting_back: bool = False,
        **params: Any,
    ) -> Mapping[str, Any]:
        """Make one journalled call. Raises CallFailedError."""
        place = self.place(resource)
        return self.journal.call(
            (resource,),
            f"{service}:{action}",
            params,
            lambda: place.ask(service, action, **params),
            putting_back=putting_back,
        )

    def back(
        self, resource: ResourceId, service: str, action: str, **params: Any
    ) -> Mapping[str, Any]:
        """``call`` that puts something back: made even when the disk is full."""
        return self.call(resource, service, action, putting_back=True, **params)

    def wait(self, done: Callable[[], bool]) -> bool:
        """Ask until it is so or the patience is over; pauses double from a tenth of a second."""
        waited, step = 0.0, 0.1
        while not done():
            if waited >= self.patience:
                return False
            self.pause(step)
            waited += step
            step = min(step * 2, 15.0)
        return True
