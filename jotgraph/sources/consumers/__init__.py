"""The services that run images beside Lambda: one table, which ``sources.aws.workloads`` executes.

To add a service, add its entry here and its name to ``CONSUMERS`` of ``records.kinds``.
"""

from __future__ import annotations

from collections.abc import Iterable

from jotgraph.sources.consumers.ecs import (
    ECS_DAEMONS,
    ECS_DEFINITIONS,
    ECS_SERVICES,
    ECS_TASKS,
)
from jotgraph.sources.consumers.model import Call, Consumer
from jotgraph.sources.consumers.others import (
    AGENT_CORE,
    AGENT_ENDPOINTS,
    APP_RUNNER,
    BATCH,
    CODE_BUILD,
    EKS,
    EMR_SERVERLESS,
    GAME_LIFT,
)
from jotgraph.sources.consumers.sagemaker import (
    ENDPOINTS,
    INFERENCE_COMPONENTS,
    MODELS,
    STUDIO_IMAGES,
)

__all__ = ["BY_SERVICE", "CONSUMERS", "Call", "Consumer", "grouped"]

CONSUMERS: tuple[Consumer, ...] = (
    APP_RUNNER,
    BATCH,
    AGENT_CORE,
    AGENT_ENDPOINTS,
    CODE_BUILD,
    ECS_TASKS,
    ECS_SERVICES,
    ECS_DAEMONS,
    ECS_DEFINITIONS,
    EKS,
    EMR_SERVERLESS,
    GAME_LIFT,
    MODELS,
    ENDPOINTS,
    INFERENCE_COMPONENTS,
    STUDIO_IMAGES,
)
"""All services that are read; a call that several entries of a service share is made once."""


def grouped(consumers: Iterable[Consumer]) -> tuple[tuple[str, tuple[Consumer, ...]], ...]:
    """Group entries by service, without duplicates, in the given order: entries of a service share
    its coverage."""
    by_service: dict[str, list[Consumer]] = {}
    for entry in consumers:
        by_service.setdefault(entry.service, []).append(entry)
    return tuple((service, tuple(entries)) for service, entries in by_service.items())


BY_SERVICE = grouped(CONSUMERS)
"""The entries of each service, which are read together."""
