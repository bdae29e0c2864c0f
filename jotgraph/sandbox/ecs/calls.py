"""Every ECS call that the sandbox answers."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.sandbox.ecs import daemons, definitions, services, tasks
from jotgraph.sandbox.world import Handler

HANDLERS: Mapping[str, Handler] = {
    **daemons.HANDLERS,
    **definitions.HANDLERS,
    **services.HANDLERS,
    **tasks.HANDLERS,
}
